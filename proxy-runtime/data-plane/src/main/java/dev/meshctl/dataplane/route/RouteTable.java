package dev.meshctl.dataplane.route;

import dev.meshctl.dataplane.resilience.RetryRule;
import dev.meshctl.dataplane.upstream.Cluster;
import dev.meshctl.model.match.CompiledAction;
import dev.meshctl.model.match.CompiledRoute;
import dev.meshctl.model.match.CompiledRoutes;
import dev.meshctl.model.match.RouteTarget;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Compiled routes with their clusters and retry rules resolved.
 *
 * <p>Thread: any; immutable.
 */
public final class RouteTable {
  private final CompiledRoutes routes;
  private final @Nullable Cluster[] clusters;
  private final RetryRule[] retries;

  public RouteTable(CompiledRoutes routes, Map<String, Cluster> clustersByName) {
    this.routes = routes;
    List<RouteTarget> targets = routes.targets();
    this.clusters = new Cluster[targets.size()];
    for (RouteTarget target : targets) {
      clusters[target.index()] = clustersByName.get(target.cluster());
    }
    this.retries = new RetryRule[routes.routes().size()];
    for (CompiledRoute route : routes.routes()) {
      retries[route.index()] = retryRule(route.action());
    }
  }

  private static RetryRule retryRule(CompiledAction action) {
    return switch (action) {
      case CompiledAction.Forward forward ->
          forward.retry().map(RetryRule::compile).orElse(RetryRule.NONE);
      case CompiledAction.Redirect redirect -> RetryRule.NONE;
      case CompiledAction.Respond respond -> RetryRule.NONE;
    };
  }

  public CompiledRoutes routes() {
    return routes;
  }

  /** Null where the configuration has no such cluster. */
  public @Nullable Cluster cluster(RouteTarget target) {
    return clusters[target.index()];
  }

  public RetryRule retryRule(CompiledRoute route) {
    return retries[route.index()];
  }
}
