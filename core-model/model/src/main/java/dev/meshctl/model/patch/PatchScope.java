package dev.meshctl.model.patch;

import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Whom a patch concerns: those that are all that is said here.
 *
 * @param namespace of the proxies; empty for any
 * @param labels that they have; empty for any
 * @param proxies ids, instances, or {@code INSTANCE.NAMESPACE}; empty for any
 */
public record PatchScope(String namespace, Map<String, String> labels, List<String> proxies) {
  public PatchScope {
    labels = Map.copyOf(labels);
    proxies = List.copyOf(proxies);
  }

  public boolean covers(Candidate proxy) {
    return (namespace.isEmpty() || namespace.equals(proxy.namespace()))
        && proxy.labels().entrySet().containsAll(labels.entrySet())
        && (proxies.isEmpty()
            || proxies.contains(proxy.id())
            || proxies.contains(proxy.instance())
            || proxies.contains(proxy.instance() + "." + proxy.namespace()));
  }

  /** Those of {@code all} that it concerns and that run another than {@code target}. */
  public List<Candidate> concerned(Collection<Candidate> all, RunningRuntime target) {
    return all.stream()
        .filter(this::covers)
        .filter(proxy -> !proxy.running().digest().equals(target.digest()))
        .toList();
  }

  /** What each of {@code concerned} runs, to go back to. */
  public static Map<String, RunningRuntime> before(Collection<Candidate> concerned) {
    Map<String, RunningRuntime> before = new HashMap<>();
    concerned.forEach(proxy -> before.put(proxy.id(), proxy.running()));
    return before;
  }

  /** {@code concerned} shared out, those of a workload spread over the waves. */
  public static List<List<String>> waves(Waves waves, Collection<Candidate> concerned) {
    Map<String, String> workloads = new HashMap<>();
    concerned.forEach(
        proxy -> workloads.put(proxy.id(), proxy.namespace() + "/" + proxy.workload()));
    return waves.of(
        concerned.stream().map(Candidate::id).toList(),
        proxy -> workloads.getOrDefault(proxy, proxy));
  }
}
