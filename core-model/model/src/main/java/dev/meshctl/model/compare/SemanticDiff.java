package dev.meshctl.model.compare;

import dev.meshctl.model.compare.Proxies.Workload;
import dev.meshctl.model.compare.ServerSide.Caller;
import dev.meshctl.model.explain.Scene;
import dev.meshctl.model.validation.ValidatedMesh;
import dev.meshctl.model.xds.WorkloadInstance;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Compares what becomes of requests under two configurations, with the replicas that each asks for.
 *
 * <p>Three things are compared, each proxy with itself: what sidecars do with what their workloads
 * send, what gateways do with what comes from outside, and whom sidecars let in to their workloads.
 * If none of them differs, no request fares otherwise on its whole way.
 *
 * <p>Threads: any; nothing is kept.
 */
public final class SemanticDiff {
  private SemanticDiff() {}

  /** What differs for workloads and gateways that are there on both sides. */
  public static Difference between(ValidatedMesh before, ValidatedMesh after) {
    Scene first = Scene.of(before, Optional.empty());
    Scene second = Scene.of(after, Optional.empty());
    Gatherer gatherer = new Gatherer();
    List<Workload> workloads = Proxies.workloads(first, second);
    for (List<Workload> alike : Proxies.alike(workloads, first, second)) {
      new ClientSide(first, second, alike, gatherer).compare();
    }
    Proxies.gateways(first, second)
        .forEach((name, node) -> new GatewaySide(first, second, name, node, gatherer).compare());
    List<Caller> callers = callers(first, second, workloads);
    for (Workload server : workloads) {
      new ServerSide(first, second, server, callers, gatherer).compare();
    }
    return gatherer.difference();
  }

  private static List<Caller> callers(Scene before, Scene after, List<Workload> workloads) {
    List<Caller> callers = new ArrayList<>();
    for (Workload workload : workloads) {
      callers.add(
          new Caller(
              workload.name(),
              identity(before, workload.before()),
              identity(after, workload.after())));
    }
    Proxies.gateways(before, after)
        .forEach((name, node) -> {
          callers.add(
              new Caller(
                  name,
                  before.identity(node.namespace(), node.serviceAccount()),
                  after.identity(node.namespace(), node.serviceAccount())));
        });
    return callers;
  }

  private static String identity(Scene scene, WorkloadInstance instance) {
    return scene.identity(instance.namespace(), instance.serviceAccount());
  }
}
