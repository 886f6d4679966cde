package dev.meshctl.model.xds.route;

/**
 * {@code HeaderMatcher}; pseudo headers by their HTTP/2 names.
 *
 * @param invert negates
 * @param missingIsEmpty an absent header is tested as the empty value
 */
public record HeaderMatch(String name, ValueMatch value, boolean invert, boolean missingIsEmpty) {
  public HeaderMatch(String name, ValueMatch value, boolean invert) {
    this(name, value, invert, false);
  }
}
