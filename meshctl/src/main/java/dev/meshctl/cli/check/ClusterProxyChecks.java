package dev.meshctl.cli.check;

import dev.meshctl.cli.CommandFailure;
import dev.meshctl.cli.check.ProxyFindings.Told;
import dev.meshctl.cli.context.ClusterMesh;
import dev.meshctl.model.query.MeshClient;
import dev.meshctl.model.query.MeshQueryException;
import dev.meshctl.model.query.ProxyView;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * Whether the proxies of a cluster took what they were sent, as every replica of its control planes
 * tells: each knows of those that called it, and one that went over to another is lost to the
 * first.
 */
public final class ClusterProxyChecks {
  private static final String SUBJECT = "proxies";

  private final List<Replica> replicas;
  private final Set<String> pods;

  /**
   * One that is asked.
   *
   * @param client opened when it is asked; closed by us
   */
  public record Replica(String name, Supplier<MeshClient> client) {}

  /**
   * @param pods with a proxy: {@code NAMESPACE/NAME}
   */
  public ClusterProxyChecks(List<Replica> replicas, List<String> pods) {
    this.replicas = List.copyOf(replicas);
    this.pods = new LinkedHashSet<>(pods);
  }

  public static ClusterProxyChecks of(ClusterMesh mesh, List<String> pods) {
    return new ClusterProxyChecks(
        mesh.replicas().stream().map(name -> new Replica(name, () -> mesh.client(name))).toList(),
        pods);
  }

  public List<Finding> run() {
    if (replicas.isEmpty()) {
      return List.of(
          Finding.error(
              SUBJECT,
              "no replica of the control plane is ready, so none was asked what proxies refused",
              "name its namespace with --system-namespace if it is another"));
    }
    List<Finding> unasked = new ArrayList<>();
    List<Told> told = new ArrayList<>();
    for (Replica replica : replicas) {
      try (MeshClient client = replica.client().get()) {
        told.addAll(ProxyFindings.ask(client));
      } catch (CommandFailure failed) {
        unasked.add(unasked(replica, failed.problem(), failed.fix()));
      } catch (MeshQueryException failed) {
        unasked.add(unasked(replica, String.valueOf(failed.getMessage()), failed.fix()));
      }
    }
    List<Told> proxies = present(told);
    List<Finding> findings =
        new ArrayList<>(
            ProxyFindings.of(SUBJECT, proxies, view -> logs(view.namespace(), view.instance())));
    if (unasked.isEmpty()) {
      findings.addAll(unknown(proxies));
    }
    findings.addAll(unasked);
    return findings;
  }

  private static Finding unasked(Replica replica, String why, String fix) {
    return Finding.error(
        SUBJECT, replica.name() + " does not tell what its proxies refused: " + why, fix);
  }

  /** Each once, from who has it now; one that nobody has counts as long as its pod is there. */
  private List<Told> present(List<Told> told) {
    Map<String, Told> byId = new LinkedHashMap<>();
    for (Told each : told) {
      byId.merge(each.proxy().id(), each, (one, other) -> isGone(one) ? other : one);
    }
    return byId.values().stream()
        .filter(each -> !isGone(each) || pods.contains(pod(each)))
        .toList();
  }

  private static boolean isGone(Told told) {
    return told.proxy().state() == ProxyView.State.DISCONNECTED;
  }

  private static String pod(Told told) {
    return told.proxy().namespace() + "/" + told.proxy().instance();
  }

  /** Those that never called. */
  private List<Finding> unknown(List<Told> proxies) {
    Set<String> known = proxies.stream().map(ClusterProxyChecks::pod).collect(Collectors.toSet());
    return pods.stream()
        .filter(pod -> !known.contains(pod))
        .map(pod -> {
          int cut = pod.indexOf('/');
          return Finding.warning(
              SUBJECT,
              "the proxy of pod " + pod + " has not called any control plane",
              logs(pod.substring(0, cut), pod.substring(cut + 1)));
        })
        .toList();
  }

  private static String logs(String namespace, String pod) {
    return "kubectl -n " + namespace + " logs " + pod + " -c istio-proxy";
  }
}
