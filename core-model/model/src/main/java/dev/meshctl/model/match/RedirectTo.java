package dev.meshctl.model.match;

import dev.meshctl.model.xds.RouteTableConfig.RouteAction;
import dev.meshctl.model.xds.route.PathMatch;
import dev.meshctl.model.xds.route.PathRewrite.Full;
import java.util.Optional;

/**
 * The {@code Location} of a redirect. A new port that is the default of the scheme is left out. The
 * request's own port goes with its host; where only the scheme changes, it goes where it was the
 * default of the old one. A new path with a query of its own replaces the request's. Who is sent to
 * come with TLS, because a host demands it, is sent to the same authority and path, whatever its
 * port, as at Envoy.
 *
 * <p>Thread: any.
 */
public final class RedirectTo {
  private final RouteAction.Redirect config;
  private final Optional<PathChange> path;
  private final boolean schemeAlone;

  private RedirectTo(RouteAction.Redirect config, Optional<PathChange> path, boolean schemeAlone) {
    this.config = config;
    this.path = path;
    this.schemeAlone = schemeAlone;
  }

  RedirectTo(RouteAction.Redirect config, PathMatch match) {
    this(config, config.path().map(change -> PathChange.compile(change, match)), false);
  }

  /** To the scheme of {@code config}; the rest stays, to the letter. */
  static RedirectTo schemeOf(RouteAction.Redirect config) {
    return new RedirectTo(config, Optional.empty(), true);
  }

  /** Where {@code request} is sent. */
  public String location(RequestView request) {
    if (schemeAlone) {
      return config.scheme() + "://" + request.authority() + request.path();
    }
    String ownScheme = request.scheme().toString();
    String scheme = config.scheme().isEmpty() ? ownScheme : config.scheme();
    String authority = request.authority().toString();
    int colon = portColon(authority);
    String ownHost = colon < 0 ? authority : authority.substring(0, colon);
    String ownPort = colon < 0 ? "" : authority.substring(colon + 1);
    String host = config.host().isEmpty() ? ownHost : config.host();
    String port = "";
    if (config.port() != 0) {
      String asked = Integer.toString(config.port());
      port = asked.equals(usualPort(scheme)) ? "" : asked;
    } else if (config.host().isEmpty()) {
      boolean left = !scheme.equals(ownScheme) && ownPort.equals(usualPort(ownScheme));
      port = left ? "" : ownPort;
    }
    String target = target(request.path());
    return scheme + "://" + host + (port.isEmpty() ? "" : ":" + port) + target;
  }

  private String target(Bytes own) {
    boolean ownQuery =
        config.path().isPresent() && config.path().get() instanceof Full(var full)
            ? full.indexOf('?') < 0
            : true;
    Bytes kept = own;
    if (config.stripQuery() || !ownQuery) {
      kept = new Bytes().aim(own.array(), own.offset(), RouteIndex.lengthOfPath(own));
    }
    String changed = path.isPresent() ? path.get().apply(kept) : kept.toString();
    return changed.startsWith("/") ? changed : "/" + changed;
  }

  private static String usualPort(String scheme) {
    return scheme.equals("https") ? "443" : "80";
  }

  private static int portColon(String authority) {
    int colon = authority.lastIndexOf(':');
    return colon > authority.lastIndexOf(']') ? colon : -1;
  }
}
