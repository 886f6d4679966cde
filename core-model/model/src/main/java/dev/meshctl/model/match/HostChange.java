package dev.meshctl.model.match;

import dev.meshctl.model.xds.RouteTableConfig.RouteAction;
import dev.meshctl.model.xds.route.HostFrom;
import java.util.Locale;

/**
 * What becomes of the authority of a request.
 *
 * <p>Thread: any.
 */
public final class HostChange {
  private static final HostChange NONE = new HostChange("", "", new Substitution("", ""), false);

  private final String literal;
  private final String header;
  private final Substitution substitution;
  private final boolean fromPath;

  private HostChange(String literal, String header, Substitution substitution, boolean fromPath) {
    this.literal = literal;
    this.header = header;
    this.substitution = substitution;
    this.fromPath = fromPath;
  }

  static HostChange compile(RouteAction.Forward action) {
    if (action.hostFrom().isEmpty()) {
      return action.hostRewrite().isEmpty()
          ? NONE
          : new HostChange(action.hostRewrite(), "", NONE.substitution, false);
    }
    return switch (action.hostFrom().get()) {
      // Known only with the endpoint.
      case HostFrom.Upstream() -> NONE;
      case HostFrom.HeaderValue(var header) ->
          new HostChange("", header.toLowerCase(Locale.ROOT), NONE.substitution, false);
      case HostFrom.PathRegex(var pattern, var substitution) ->
          new HostChange("", "", new Substitution(pattern, substitution), true);
    };
  }

  /** Nothing. */
  public boolean isNone() {
    return this == NONE;
  }

  /**
   * The new authority; empty keeps the old one.
   *
   * @param request borrowed, its path as the client sent it
   */
  public String authority(RequestView request) {
    if (fromPath) {
      Bytes path = request.path();
      return substitution.apply(path.subSequence(0, RouteIndex.lengthOfPath(path)));
    }
    if (!header.isEmpty()) {
      Bytes value = request.header(header);
      return value == null ? "" : value.toString();
    }
    return literal;
  }
}
