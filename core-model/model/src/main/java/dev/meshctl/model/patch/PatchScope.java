package dev.meshctl.model.patch;

import dev.meshctl.model.patch.PatchPlan.Pace;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Whom a patch concerns: those that are all that is said here.
 *
 * @param namespace of the proxies; empty for any
 * @param labels that they have; empty for any
 * @param proxies ids, instances, or {@code INSTANCE.NAMESPACE}; empty for any
 */
public record PatchScope(String namespace, Map<String, String> labels, List<String> proxies) {
  /** Named in a message; the rest are counted. */
  private static final int FEW = 5;

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

  /**
   * Why a patch is not to begin: a proxy would refuse it, and all would go back.
   *
   * @param needBytes of a second process beside the one that serves
   * @return names those that have no room; empty where all have
   */
  public static Optional<String> withoutRoom(Collection<Candidate> concerned, long needBytes) {
    List<Candidate> cramped =
        concerned.stream()
            .filter(proxy -> !proxy.hasRoom(needBytes))
            .sorted(Comparator.comparing(Candidate::namespace).thenComparing(Candidate::instance))
            .toList();
    if (cramped.isEmpty()) {
      return Optional.empty();
    }
    String named =
        cramped.stream()
            .limit(FEW)
            .map(proxy ->
                proxy.instance() + "." + proxy.namespace() + " has " + megabytes(proxy.roomBytes()))
            .collect(Collectors.joining(", "));
    return Optional.of(
        "memory: a second process needs "
            + megabytes(needBytes)
            + " beside the one that serves, and the container's limit leaves less in "
            + cramped.size()
            + " of "
            + concerned.size()
            + " proxies: "
            + named
            + (cramped.size() > FEW ? ", and " + (cramped.size() - FEW) + " more" : "")
            + "; raise their limit (sidecar.istio.io/proxyMemoryLimit), or patch the others by"
            + " selector or name");
  }

  private static String megabytes(long bytes) {
    return Math.max(0, bytes) / 1_000_000 + " MB";
  }

  /** What each of {@code concerned} runs, to go back to. */
  public static Map<String, RunningRuntime> before(Collection<Candidate> concerned) {
    Map<String, RunningRuntime> before = new HashMap<>();
    concerned.forEach(proxy -> before.put(proxy.id(), proxy.running()));
    return before;
  }

  /** So many at a time on each of their nodes. */
  public static Pace pace(int perNode, Collection<Candidate> concerned) {
    Map<String, String> nodes = new HashMap<>();
    concerned.forEach(proxy -> nodes.put(proxy.id(), proxy.node()));
    return new Pace(perNode, nodes);
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
