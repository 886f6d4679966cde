package dev.meshctl.model.match;

import com.google.re2j.Pattern;
import dev.meshctl.model.xds.RouteTableConfig.Route;
import dev.meshctl.model.xds.route.HeaderChanges;
import dev.meshctl.model.xds.route.Headers;
import dev.meshctl.model.xds.route.PathMatch;
import java.util.List;
import java.util.stream.Stream;
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
  private final List<CompiledHeaders> requestHeaders;
  private final List<CompiledHeaders> responseHeaders;
  private final CompiledOverrides overrides;

  /**
   * @throws com.google.re2j.PatternSyntaxException where a regex is none of RE2
   */
  CompiledRoute(
      int index,
      String host,
      Route config,
      TargetList targets,
      CompiledOverrides overrides,
      Levels levels) {
    this(index, host, config, CompiledAction.compile(config, targets), overrides, levels);
  }

  /** One whose action is not that of {@code config}, to the letter. */
  CompiledRoute(
      int index,
      String host,
      Route config,
      CompiledAction action,
      CompiledOverrides overrides,
      Levels levels) {
    this.index = index;
    this.host = host;
    this.config = config;
    this.test = RequestTest.compile(config.match());
    this.pattern =
        config.match().path() instanceof PathMatch.Regex regex
            ? Pattern.compile(regex.pattern())
            : null;
    this.action = action;
    List<Headers> ordered = levels.ordered(config.headers());
    this.requestHeaders = compiled(ordered.stream().map(Headers::request));
    this.responseHeaders = compiled(ordered.stream().map(Headers::response));
    this.overrides = overrides;
  }

  /** Header changes of table and host, which hold for all their routes. */
  record Levels(Headers table, Headers host, boolean mostSpecificWins) {
    /** None but those of the route. */
    static final Levels NONE = new Levels(Headers.NONE, Headers.NONE, false);

    List<Headers> ordered(Headers route) {
      return mostSpecificWins ? List.of(table, host, route) : List.of(route, host, table);
    }
  }

  private static List<CompiledHeaders> compiled(Stream<HeaderChanges> changes) {
    return changes.map(CompiledHeaders::compile).filter(each -> !each.isEmpty()).toList();
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

  /** Of route, virtual host and table, to be applied in this order; empty ones left out. */
  public List<CompiledHeaders> requestHeaders() {
    return requestHeaders;
  }

  public List<CompiledHeaders> responseHeaders() {
    return responseHeaders;
  }

  /** What stands in for the rules of the filter of this name; null for nothing. */
  public @Nullable CompiledAccess access(String filter) {
    return overrides.access().get(filter);
  }

  /** The policy for the filter of this name; null for none. */
  public @Nullable CompiledCors cors(String filter) {
    return overrides.cors().get(filter);
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
