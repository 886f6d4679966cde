package dev.meshctl.model.match;

import dev.meshctl.model.xds.Labels;
import dev.meshctl.model.xds.WeightedCluster;
import dev.meshctl.model.xds.route.Headers;
import java.util.ArrayList;
import java.util.List;

/** Numbers the targets of a table while it is compiled. */
final class TargetList {
  private final List<RouteTarget> targets = new ArrayList<>();

  RouteTarget add(WeightedCluster from) {
    return add(from.cluster(), from.headers(), from.subset());
  }

  RouteTarget add(String cluster, Headers headers) {
    return add(cluster, headers, Labels.NONE);
  }

  private RouteTarget add(String cluster, Headers headers, Labels subset) {
    RouteTarget target =
        new RouteTarget(
            targets.size(),
            cluster,
            subset,
            CompiledHeaders.compile(headers.request()),
            CompiledHeaders.compile(headers.response()));
    targets.add(target);
    return target;
  }

  List<RouteTarget> toList() {
    return List.copyOf(targets);
  }
}
