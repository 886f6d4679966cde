package dev.meshctl.model.match;

import com.google.re2j.Pattern;
import dev.meshctl.model.xds.RouteTableConfig.PathMatch;
import dev.meshctl.model.xds.RouteTableConfig.Route;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One route, compiled.
 *
 * <p>Thread: any.
 */
public final class CompiledRoute {
  private final int index;
  private final String host;
  private final Route config;
  private final RequestTest test;
  private final @Nullable Pattern pattern;
  private final CompiledAction action;
  private final CompiledHeaders requestHeaders;
  private final CompiledHeaders responseHeaders;
  private final Map<String, CompiledAccess> access;

  /**
   * @param access by name of the filter that it stands in for
   * @throws com.google.re2j.PatternSyntaxException where a regex is none of RE2
   */
  CompiledRoute(
      int index,
      String host,
      Route config,
      TargetList targets,
      Map<String, CompiledAccess> access) {
    this.index = index;
    this.host = host;
    this.config = config;
    this.test = RequestTest.compile(config.match());
    this.pattern =
        config.match().path() instanceof PathMatch.Regex regex
            ? Pattern.compile(regex.pattern())
            : null;
    this.action = CompiledAction.compile(config, targets);
    this.requestHeaders = CompiledHeaders.compile(config.headers().request());
    this.responseHeaders = CompiledHeaders.compile(config.headers().response());
    this.access = access;
  }

  /** Position in the table, from 0 without holes: an array beside the table can hold more. */
  public int index() {
    return index;
  }

  /** As configured, may be empty. */
  public String name() {
    return config.name();
  }

  /** Name of the virtual host. */
  public String host() {
    return host;
  }

  public Route config() {
    return config;
  }

  public CompiledAction action() {
    return action;
  }

  /** Applied before those of the chosen {@link RouteTarget}, which so win. */
  public CompiledHeaders requestHeaders() {
    return requestHeaders;
  }

  public CompiledHeaders responseHeaders() {
    return responseHeaders;
  }

  /** What stands in for the rules of the filter of this name; null for nothing. */
  public @Nullable CompiledAccess access(String filter) {
    return access.get(filter);
  }

  RequestTest test() {
    return test;
  }

  /** For routes that no path index holds. */
  boolean patternMatches(RequestView request) {
    if (pattern == null) {
      return isConnect(request.method());
    }
    Bytes path = request.path();
    return path.length() > 0 && RouteIndex.matches(pattern, path);
  }

  private static boolean isConnect(Bytes method) {
    return method.length() == 7 && CharSequence.compare(method, "CONNECT") == 0;
  }

  @Override
  public String toString() {
    return host + "/" + (config.name().isEmpty() ? "#" + index : config.name());
  }
}
