package dev.meshctl.cli.local.plan;

import dev.meshctl.model.resource.PodTemplate;
import dev.meshctl.model.resource.Workload;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * From what runs to what should run: which replicas to start, which to stop and in which order. A
 * changed template replaces its replicas as a rolling update with surge: the new ones are started
 * first, an old one goes when a new one can serve.
 */
public record ReplicaPlan(List<Start> starts, List<Stop> stops) {
  public ReplicaPlan {
    starts = List.copyOf(starts);
    stops = List.copyOf(stops);
  }

  /** A replica as it runs or should: {@code number} is unique in the mesh. */
  public record Running(
      String namespace, String workload, int ordinal, int number, PodTemplate template) {
    /** {@code reviews-v1-0}. */
    public String name() {
      return workload + "-" + ordinal;
    }
  }

  public record Start(Running replica) {}

  /**
   * @param afterReady names of replicas (of the same namespace) that must be ready before this one
   *     goes
   */
  public record Stop(Running replica, List<String> afterReady) {
    public Stop {
      afterReady = List.copyOf(afterReady);
    }
  }

  /** Nothing to do. */
  public boolean isEmpty() {
    return starts.isEmpty() && stops.isEmpty();
  }

  /**
   * @param leaving replicas that are on their way out: they keep name and number until they are
   *     gone
   * @throws IllegalArgumentException where more replicas are wanted than a local mesh has addresses
   *     for
   */
  public static ReplicaPlan between(
      List<Running> running, List<Running> leaving, List<? extends Workload> desired) {
    Set<Integer> numbers = new HashSet<>();
    running.forEach(r -> numbers.add(r.number()));
    leaving.forEach(r -> numbers.add(r.number()));
    Map<String, List<Running>> byWorkload = new TreeMap<>();
    running.forEach(r ->
        byWorkload
            .computeIfAbsent(key(r.namespace(), r.workload()), k -> new ArrayList<>())
            .add(r));
    List<Start> starts = new ArrayList<>();
    List<Stop> stops = new ArrayList<>();
    for (Workload workload : desired) {
      List<Running> old =
          byWorkload.remove(key(workload.metadata().namespace(), workload.metadata().name()));
      workload(workload, old == null ? List.of() : old, leaving, numbers, starts, stops);
    }
    byWorkload.values().stream()
        .flatMap(List::stream)
        .forEach(gone -> stops.add(new Stop(gone, List.of())));
    return new ReplicaPlan(starts, stops);
  }

  private static void workload(
      Workload workload,
      List<Running> old,
      List<Running> leaving,
      Set<Integer> numbers,
      List<Start> starts,
      List<Stop> stops) {
    List<Running> current =
        old.stream()
            .filter(r -> r.template().equals(workload.template()))
            .sorted(Comparator.comparingInt(Running::ordinal))
            .toList();
    List<Running> outdated = old.stream().filter(r -> !current.contains(r)).toList();
    Set<Integer> ordinals = new HashSet<>();
    old.forEach(r -> ordinals.add(r.ordinal()));
    leaving.stream()
        .filter(r -> r.namespace().equals(workload.metadata().namespace()))
        .filter(r -> r.workload().equals(workload.metadata().name()))
        .forEach(r -> ordinals.add(r.ordinal()));
    List<String> fresh = new ArrayList<>();
    for (int i = current.size(); i < workload.replicas(); i++) {
      Running replica =
          new Running(
              workload.metadata().namespace(),
              workload.metadata().name(),
              lowestFree(ordinals, 0),
              lowestFree(numbers, 1),
              workload.template());
      if (replica.number() > AddressPlan.MAX_REPLICAS) {
        throw new IllegalArgumentException(
            "a mesh on one machine holds at most "
                + AddressPlan.MAX_REPLICAS
                + " replicas; lower spec.replicas of "
                + workload.id());
      }
      fresh.add(replica.name());
      starts.add(new Start(replica));
    }
    // The highest ordinals go first, as in a StatefulSet.
    for (int i = current.size() - 1; i >= workload.replicas(); i--) {
      stops.add(new Stop(current.get(i), List.of()));
    }
    outdated.forEach(r -> stops.add(new Stop(r, fresh)));
  }

  private static int lowestFree(Set<Integer> taken, int from) {
    int free = from;
    while (!taken.add(free)) {
      free++;
    }
    return free;
  }

  private static String key(String namespace, String name) {
    return namespace + "/" + name;
  }
}
