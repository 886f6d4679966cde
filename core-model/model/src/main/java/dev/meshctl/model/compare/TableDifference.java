package dev.meshctl.model.compare;

import dev.meshctl.model.match.Bytes;
import dev.meshctl.model.match.CompiledRoutes;
import dev.meshctl.model.xds.RouteTableConfig;
import dev.meshctl.model.xds.RouteTableConfig.FilterOverrides;
import dev.meshctl.model.xds.RouteTableConfig.RequireTls;
import dev.meshctl.model.xds.RouteTableConfig.Route;
import dev.meshctl.model.xds.RouteTableConfig.RouteAction;
import dev.meshctl.model.xds.RouteTableConfig.VirtualHost;
import dev.meshctl.model.xds.route.HeaderMatch;
import dev.meshctl.model.xds.route.Headers;
import dev.meshctl.model.xds.route.RouteMatch;
import dev.meshctl.model.xds.route.ValueMatch;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Two route tables of one proxy at one port.
 *
 * <p>Thread: one.
 */
final class TableDifference {
  private final Half before;
  private final Half after;
  private final String ending;
  private final List<String> schemes;
  private final Found found;
  private final Set<String> limits;

  /**
   * One of the two.
   *
   * @param table empty where the proxy has none
   * @param absent what becomes of requests then
   */
  record Half(Optional<CompiledRoutes> table, Targets targets, Fate absent) {
    Fate fate(Sample sample) {
      return table.isEmpty() ? absent : new Fates(table.get(), targets).of(sample.view());
    }

    private @Nullable VirtualHost host(String authority) {
      return table.isEmpty() ? null : table.get().hostOf(Bytes.copyOf(authority));
    }
  }

  /** Takes what differs. */
  @FunctionalInterface
  interface Found {
    void differs(Sample sample, Fate before, Fate after);
  }

  /**
   * @param ending of the authorities that are liked best, such as {@code :9080}
   * @param schemes that requests can have there
   * @param limits takes what is not looked through
   */
  TableDifference(
      Half before,
      Half after,
      String ending,
      List<String> schemes,
      Found found,
      Set<String> limits) {
    this.before = before;
    this.after = after;
    this.ending = ending;
    this.schemes = schemes;
    this.found = found;
    this.limits = limits;
  }

  private record Pair(@Nullable VirtualHost before, @Nullable VirtualHost after) {}

  void find() {
    List<RouteTableConfig> tables = new ArrayList<>();
    before.table().ifPresent(table -> tables.add(table.config()));
    after.table().ifPresent(table -> tables.add(table.config()));
    Map<Pair, List<String>> authorities = new LinkedHashMap<>();
    for (String authority : Authorities.of(tables)) {
      authorities
          .computeIfAbsent(
              new Pair(before.host(authority), after.host(authority)), key -> new ArrayList<>())
          .add(authority);
    }
    authorities.forEach((pair, names) -> {
      if (!isSame(pair)) {
        List<String> nicest = new ArrayList<>(names);
        nicest.sort(
            Comparator.comparing((String name) -> !name.endsWith(ending))
                .thenComparing(Authorities.NICEST_FIRST));
        compare(pair, nicest);
      }
    });
  }

  /** Nothing that requests could notice differs; cheap, and not the last word. */
  private boolean isSame(Pair pair) {
    if (pair.before() == null || pair.after() == null) {
      return pair.before() == null
          && pair.after() == null
          && before.table().isPresent() == after.table().isPresent();
    }
    List<Route> routes = pair.before().routes();
    return stripped(pair.before()).equals(stripped(pair.after()))
        && header(before).equals(header(after))
        && Targets.differing(Fates.clusters(routes), before.targets(), after.targets()).isEmpty();
  }

  private static RouteTableConfig header(Half half) {
    RouteTableConfig table = half.table().orElseThrow().config();
    return new RouteTableConfig(
        "",
        List.of(),
        table.headers(),
        table.mostSpecificHeadersWin(),
        table.overrides(),
        // Which host an authority finds is asked of each.
        false);
  }

  /** Without what only people read. */
  private static VirtualHost stripped(VirtualHost host) {
    return new VirtualHost(
        "",
        List.of(),
        host.routes().stream()
            .map(route ->
                new Route(
                    "",
                    route.match(),
                    route.action(),
                    route.headers(),
                    route.overrides(),
                    Optional.empty()))
            .toList(),
        host.headers(),
        host.requireTls(),
        host.overrides());
  }

  private void compare(Pair pair, List<String> authorities) {
    RequestSpace space = new RequestSpace(authorities, schemes);
    List<Route> routesBefore = routes(pair.before());
    List<Route> routesAfter = routes(pair.after());
    List<List<Condition>> conditionsBefore = conditions(routesBefore, space);
    List<List<Condition>> conditionsAfter = conditions(routesAfter, space);
    Fates.rewritingExpressions(routesBefore).forEach(space::splitPathsBy);
    Fates.rewritingExpressions(routesAfter).forEach(space::splitPathsBy);
    boolean whole =
        new RouteWalk(
                conditionsBefore,
                conditionsAfter,
                space.paths(),
                chosen -> {
                  for (Sample sample : space.samples(chosen)) {
                    Fate was = before.fate(sample);
                    Fate is = after.fate(sample);
                    if (!was.changes(is).isEmpty()) {
                      found.differs(sample, was, is);
                      return;
                    }
                  }
                })
            .walk();
    if (!whole) {
      limits.add(
          "requests to %s: only the first %d kinds were compared"
              .formatted(authorities.getFirst(), RouteWalk.MOST_PIECES));
    }
    limits.addAll(space.limits());
  }

  /** The routes with the host's demand for TLS as the first of them. */
  private static List<Route> routes(@Nullable VirtualHost host) {
    if (host == null) {
      return List.of();
    }
    List<Route> all = new ArrayList<>();
    host.requireTls().ifPresent(required -> all.add(toTls(required)));
    all.addAll(host.routes());
    return all;
  }

  private static Route toTls(RequireTls required) {
    List<HeaderMatch> conditions = new ArrayList<>();
    conditions.add(new HeaderMatch("x-forwarded-proto", new ValueMatch.Exact("https"), true));
    if (required == RequireTls.EXTERNAL_ONLY) {
      conditions.add(new HeaderMatch("x-envoy-internal", new ValueMatch.Exact("true"), true));
    }
    return new Route(
        "",
        new RouteMatch(RouteMatch.ANY.path(), false, conditions, List.of()),
        new RouteAction.Redirect("https", "", 0, Optional.empty(), 301),
        Headers.NONE,
        FilterOverrides.NONE);
  }

  private static List<List<Condition>> conditions(List<Route> routes, RequestSpace space) {
    return routes.stream().map(Route::match).map(space::of).toList();
  }
}
