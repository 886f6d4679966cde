package dev.meshctl.model.xds.route;

/**
 * {@code HeaderValueOption}.
 *
 * @param format {@code value} holds Envoy's {@code %OPERATORS%}, {@code %%} for a percent sign;
 *     else it is literal
 * @param keepEmpty sent even where the value comes to nothing
 */
public record Header(String name, String value, boolean format, boolean keepEmpty) {
  /** A literal. */
  public Header(String name, String value) {
    this(name, value, false, false);
  }
}
