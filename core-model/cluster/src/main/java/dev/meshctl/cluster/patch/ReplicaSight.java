package dev.meshctl.cluster.patch;

import dev.meshctl.cluster.patch.ReplicaReport.Connected;
import dev.meshctl.model.patch.Candidate;
import dev.meshctl.model.patch.Gate;
import dev.meshctl.model.query.RuntimeView;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What all replicas together have and have heard.
 *
 * @param bundles by digest
 * @param proxies connected ones, by id
 * @param pods that exist, as {@code NAME.NAMESPACE}; empty where that is not known
 */
public record ReplicaSight(
    Map<String, RuntimeView.Bundle> bundles,
    Map<String, Connected> proxies,
    List<Map<String, Gate.Measured>> measured,
    Optional<Set<String>> pods) {

  /** By one who knows nothing of pods. */
  public static ReplicaSight of(Collection<ReplicaReport> replicas) {
    return of(replicas, Optional.empty());
  }

  public static ReplicaSight of(Collection<ReplicaReport> replicas, Optional<Set<String>> pods) {
    Map<String, RuntimeView.Bundle> bundles = new HashMap<>();
    Map<String, Connected> proxies = new HashMap<>();
    for (ReplicaReport replica : replicas) {
      replica.bundles().forEach(bundle -> bundles.put(bundle.digest(), bundle));
      for (Connected each : replica.proxies()) {
        // A proxy that went from one replica to another is told of by both for a moment.
        proxies.merge(
            each.proxy().id(),
            each,
            (one, other) -> one.heardEpochMillis() > other.heardEpochMillis() ? one : other);
      }
    }
    return new ReplicaSight(
        Map.copyOf(bundles),
        Map.copyOf(proxies),
        replicas.stream().map(ReplicaReport::measured).toList(),
        pods);
  }

  public List<Candidate> candidates() {
    return proxies.values().stream().map(Connected::proxy).toList();
  }

  /**
   * Whether a proxy that is not connected will not be again: its pod is not there any more, or
   * began anew, so that one with another address is connected.
   *
   * @param proxy id, whose third part is the pod's name and namespace
   */
  boolean isGone(String proxy) {
    String pod = pod(proxy);
    return !pod.isEmpty()
        && !proxies.containsKey(proxy)
        && (pods.map(all -> !all.contains(pod)).orElse(false)
            || proxies.keySet().stream().anyMatch(other -> pod(other).equals(pod)));
  }

  private static String pod(String proxy) {
    String[] parts = proxy.split("~", -1);
    return parts.length > 2 ? parts[2] : "";
  }

  /** Bundles of a version, and of a digest that begins so. */
  public List<RuntimeView.Bundle> find(String version, String digest) {
    return bundles.values().stream()
        .filter(bundle -> bundle.version().equals(version) && bundle.digest().startsWith(digest))
        .toList();
  }

  /**
   * What was measured for a patch, at all replicas. Histograms are not handed on: the latency is
   * the worst of theirs.
   */
  Gate.Measured measured(String patch) {
    long requests = 0;
    long errors = 0;
    long p99 = 0;
    for (Map<String, Gate.Measured> at : measured) {
      Optional<Gate.Measured> here = Optional.ofNullable(at.get(patch));
      if (here.isPresent()) {
        requests += here.get().requests();
        errors += here.get().errors();
        p99 = Math.max(p99, here.get().p99Micros());
      }
    }
    return new Gate.Measured(requests, errors, p99);
  }
}
