package dev.meshctl.model.match;

import com.google.re2j.PatternSyntaxException;
import dev.meshctl.model.xds.RouteTableConfig;
import dev.meshctl.model.xds.RouteTableConfig.RequireTls;
import dev.meshctl.model.xds.RouteTableConfig.Route;
import dev.meshctl.model.xds.RouteTableConfig.RouteAction;
import dev.meshctl.model.xds.RouteTableConfig.VirtualHost;
import dev.meshctl.model.xds.route.Headers;
import dev.meshctl.model.xds.route.RouteMatch;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A route table, compiled: the evaluator of proxy, explain, diff and console.
 *
 * <p>Thread: any.
 */
public final class CompiledRoutes {
  private static final RouteAction.Redirect HTTPS =
      new RouteAction.Redirect("https", "", 0, Optional.empty(), 301);

  /** What a host answers that demands TLS. */
  private static final Route TO_TLS = new Route("", RouteMatch.ANY, HTTPS, Headers.NONE);

  private final RouteTableConfig config;
  private final HostIndex<HostRoutes> hosts;
  private final boolean drawsLots;
  private final List<CompiledRoute> routes;
  private final List<RouteTarget> targets;

  private CompiledRoutes(
      RouteTableConfig config,
      HostIndex<HostRoutes> hosts,
      List<CompiledRoute> routes,
      List<RouteTarget> targets) {
    this.config = config;
    this.hosts = hosts;
    this.routes = List.copyOf(routes);
    this.targets = List.copyOf(targets);
    this.drawsLots =
        routes.stream().anyMatch(route -> route.config().match().percentage().isPresent());
  }

  /** What compiling comes to. */
  public sealed interface Compilation {
    record Compiled(CompiledRoutes routes) implements Compilation {}

    /**
     * A table that must not go in force.
     *
     * @param errors each names virtual host, route and field; never empty
     */
    record Invalid(List<String> errors) implements Compilation {
      public Invalid {
        errors = List.copyOf(errors);
      }
    }
  }

  /** Compiles {@code config}, or says everything that is wrong with it. */
  public static Compilation compile(RouteTableConfig config) {
    List<String> errors = new TableCheck(config).errors();
    if (!errors.isEmpty()) {
      return new Compilation.Invalid(errors);
    }
    HostIndex.Builder<HostRoutes> hosts = new HostIndex.Builder<>();
    List<CompiledRoute> all = new ArrayList<>();
    TargetList targets = new TargetList();
    for (VirtualHost host : config.hosts()) {
      List<CompiledRoute> own = new ArrayList<>();
      CompiledRoute.Levels levels =
          new CompiledRoute.Levels(
              config.headers(), host.headers(), config.mostSpecificHeadersWin());
      for (Route route : host.routes()) {
        own.add(
            new CompiledRoute(
                all.size() + own.size(),
                host.name(),
                route,
                targets,
                CompiledOverrides.compile(config.overrides(), host.overrides(), route.overrides()),
                levels));
      }
      all.addAll(own);
      RouteIndex index = new RouteIndex(own);
      Optional<CompiledRoute> toTls = Optional.empty();
      if (host.requireTls().isPresent()) {
        toTls =
            Optional.of(
                new CompiledRoute(
                    all.size(),
                    host.name(),
                    TO_TLS,
                    new CompiledAction.Redirect(RedirectTo.schemeOf(HTTPS), HTTPS.status()),
                    CompiledOverrides.compile(config.overrides(), host.overrides()),
                    CompiledRoute.Levels.NONE));
        all.add(toTls.get());
      }
      HostRoutes routes = new HostRoutes(host, index, toTls);
      host.domains().forEach(domain -> hosts.add(domain, routes));
    }
    return new Compilation.Compiled(
        new CompiledRoutes(config, hosts.build(config.ignorePort()), all, targets.toList()));
  }

  /**
   * {@link #compile} for a table that is known to be good.
   *
   * @throws IllegalArgumentException with all errors where it is not
   * @throws PatternSyntaxException never: a pattern is checked before
   */
  public static CompiledRoutes of(RouteTableConfig config) {
    return switch (compile(config)) {
      case Compilation.Compiled compiled -> compiled.routes();
      case Compilation.Invalid invalid ->
          throw new IllegalArgumentException(String.join("; ", invalid.errors()));
    };
  }

  /**
   * The route that takes {@code request}; null where no virtual host or none of its routes does.
   * Makes no garbage unless a regex has to be tried.
   *
   * @param request borrowed
   */
  public @Nullable CompiledRoute find(RequestView request) {
    HostRoutes host = hosts.find(request.authority());
    return host == null ? null : host.find(request);
  }

  /**
   * The virtual host that has {@code authority}; null where none has.
   *
   * @param authority borrowed
   */
  public @Nullable VirtualHost hostOf(Bytes authority) {
    HostRoutes host = hosts.find(authority);
    return host == null ? null : host.config();
  }

  /** Some route takes but a part of the requests: {@link RequestView#lot} is asked. */
  public boolean drawsLots() {
    return drawsLots;
  }

  /** The routes of a host, behind its demand for TLS. */
  private record HostRoutes(VirtualHost config, RouteIndex routes, Optional<CompiledRoute> toTls) {
    @Nullable CompiledRoute find(RequestView request) {
      if (toTls.isPresent() && mustGo(config.requireTls().orElseThrow(), request)) {
        return toTls.get();
      }
      return routes.find(request);
    }

    private static boolean mustGo(RequireTls required, RequestView request) {
      if (is(request.header("x-forwarded-proto"), "https")) {
        return false;
      }
      return switch (required) {
        case ALL -> true;
        case EXTERNAL_ONLY -> !is(request.header("x-envoy-internal"), "true");
      };
    }

    private static boolean is(@Nullable Bytes value, String text) {
      return value != null && CharSequence.compare(value, text) == 0;
    }
  }

  public String name() {
    return config.name();
  }

  public RouteTableConfig config() {
    return config;
  }

  /** All routes of all hosts, each at its {@link CompiledRoute#index}. */
  public List<CompiledRoute> routes() {
    return routes;
  }

  /** Every cluster reference, mirrors too, each at its {@link RouteTarget#index}. */
  public List<RouteTarget> targets() {
    return targets;
  }
}
