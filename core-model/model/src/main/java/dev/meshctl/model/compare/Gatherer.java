package dev.meshctl.model.compare;

import dev.meshctl.model.compare.Difference.Change;
import dev.meshctl.model.compare.Difference.Example;
import dev.meshctl.model.compare.Difference.Requests;
import dev.meshctl.model.compare.Difference.Where;
import dev.meshctl.model.explain.Explanation.Source;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Puts requests with one change into one class.
 *
 * <p>Thread: one.
 */
final class Gatherer {
  private final Map<Key, Open> classes = new LinkedHashMap<>();
  private final Set<String> limits = new LinkedHashSet<>();

  private record Key(
      Where where, List<Change> kinds, Optional<Source> before, Optional<Source> after) {}

  /** A class that may grow. */
  private record Open(
      Example example, List<Change> changes, Set<String> proxies, Set<String> hosts) {}

  /** What is not looked through, to be added to. */
  Set<String> limits() {
    return limits;
  }

  /**
   * @param kinds of the changes, by which classes are told apart
   */
  void add(
      Where where,
      Set<String> proxies,
      Example example,
      List<Change> changes,
      List<Change> kinds,
      Optional<Source> before,
      Optional<Source> after) {
    Open open =
        classes.computeIfAbsent(
            new Key(where, kinds, before, after),
            key -> new Open(example, changes, new TreeSet<>(), new TreeSet<>()));
    open.proxies().addAll(proxies);
    open.hosts().add(example.headers().getOrDefault("host", example.to()));
  }

  Difference difference() {
    List<Requests> all = new ArrayList<>();
    classes.forEach((key, open) ->
        all.add(
            new Requests(
                key.where(),
                List.copyOf(open.proxies()),
                List.copyOf(open.hosts()),
                open.example(),
                open.changes(),
                key.before().orElse(null),
                key.after().orElse(null))));
    return new Difference(all, List.copyOf(limits));
  }
}
