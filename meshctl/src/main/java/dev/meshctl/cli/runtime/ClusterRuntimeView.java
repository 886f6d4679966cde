package dev.meshctl.cli.runtime;

import dev.meshctl.cli.ExitCode;
import dev.meshctl.cluster.patch.ReplicaReport;
import dev.meshctl.cluster.patch.RuntimePatch;
import dev.meshctl.model.patch.PatchState;
import dev.meshctl.model.patch.RuntimeReport;
import dev.meshctl.model.query.RuntimeView;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * The runtimes of a cluster's mesh as a document: what {@link RuntimeView} has of a mesh on one
 * machine, and beside it what there is on clusters only.
 *
 * @param bundles that replicas of the control plane have
 * @param proxies what connected proxies run
 * @param patches those that have begun, the newest last
 * @param orders all of them, as objects
 * @param replicas of the control plane, and how many bundles each has
 */
record ClusterRuntimeView(
    List<RuntimeView.Bundle> bundles,
    List<RuntimeReport> proxies,
    List<PatchState> patches,
    List<Order> orders,
    List<Replica> replicas) {

  /**
   * A {@code RuntimePatch}.
   *
   * @param id {@code NAMESPACE/NAME}
   * @param reason why it stands still; may be empty
   */
  record Order(String id, String to, String phase, String reason, String message) {
    static Order of(RuntimePatch patch) {
      return new Order(
          patch.id(),
          patch.spec().version(),
          patch.status().phase(),
          patch.status().reason(),
          patch.status().message());
    }
  }

  /** One of the control plane. */
  record Replica(String name, List<String> bundles, int proxies) {}

  static ClusterRuntimeView of(ClusterRuntimes.Seen seen) {
    var sight = seen.sight();
    List<RuntimeReport> reports = new ArrayList<>();
    sight.proxies().values().forEach(each -> reports.add(each.report()));
    reports.sort(Comparator.comparing(RuntimeReport::proxyId));
    return new ClusterRuntimeView(
        sight.bundles().values().stream()
            .sorted(
                Comparator.comparing(RuntimeView.Bundle::version)
                    .thenComparing(RuntimeView.Bundle::digest))
            .toList(),
        reports,
        seen.patches().stream().flatMap(patch -> patch.status().state().stream()).toList(),
        seen.patches().stream().map(Order::of).toList(),
        seen.replicas().stream().map(ClusterRuntimeView::replica).toList());
  }

  private static Replica replica(ReplicaReport report) {
    return new Replica(
        report.replica(),
        report.bundles().stream().map(RuntimeView.Bundle::version).sorted().toList(),
        report.proxies().size());
  }

  RuntimeView common() {
    return new RuntimeView(bundles, List.of(), proxies, patches);
  }

  /** Whether a patch is under way or waits to begin. */
  boolean isBusy() {
    return orders.stream()
        .anyMatch(order -> !List.of("Done", "Returned", "Refused").contains(order.phase()));
  }

  /** Some have begun and are not over. */
  boolean isUnderWay() {
    return patches.stream().anyMatch(patch -> !patch.phase().over());
  }

  /** Those that stand still, and why. */
  List<Order> standing() {
    return orders.stream().filter(order -> !order.reason().isEmpty()).toList();
  }

  /** How one stands for scripts. */
  ExitCode outcome(String id) {
    return orders.stream()
        .filter(order -> order.id().equals(id))
        .findFirst()
        .map(order ->
            List.of("Returned", "Refused").contains(order.phase()) ? ExitCode.FAILED : ExitCode.OK)
        .orElse(ExitCode.FAILED);
  }

  /** The newest. */
  Optional<Order> newest() {
    return orders.isEmpty() ? Optional.empty() : Optional.of(orders.getLast());
  }
}
