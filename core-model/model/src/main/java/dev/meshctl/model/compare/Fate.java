package dev.meshctl.model.compare;

import dev.meshctl.model.compare.Difference.Change;
import dev.meshctl.model.xds.RouteOrigin;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What becomes of a request at one proxy, trait by trait; two fates are the same where all traits
 * are.
 *
 * @param traits for this very request, in words
 * @param rules for all requests of its kind, where that differs from {@code traits}: {@code /v2 for
 *     the prefix /old} rather than {@code /v2/7}
 */
record Fate(Map<String, String> traits, Map<String, String> rules, Optional<RouteOrigin> origin) {
  Fate {
    traits = Collections.unmodifiableMap(new LinkedHashMap<>(traits));
    rules = Collections.unmodifiableMap(new LinkedHashMap<>(rules));
  }

  static Fate of(String trait, String words) {
    return new Fate(Map.of(trait, words), Map.of(), Optional.empty());
  }

  /** The traits that differ, as they are for this request. */
  List<Change> changes(Fate after) {
    return changes(traits, after.traits);
  }

  /** The same as they are for all requests of the kind, so that pieces of one change are one. */
  List<Change> kinds(Fate after) {
    List<Change> kinds = new ArrayList<>();
    for (Change change : changes(after)) {
      kinds.add(
          new Change(
              change.trait(),
              rules.getOrDefault(change.trait(), change.before()),
              after.rules.getOrDefault(change.trait(), change.after())));
    }
    return kinds;
  }

  private static List<Change> changes(Map<String, String> before, Map<String, String> after) {
    Set<String> all = new LinkedHashSet<>(before.keySet());
    all.addAll(after.keySet());
    List<Change> changes = new ArrayList<>();
    for (String trait : all) {
      String was = before.getOrDefault(trait, "");
      String is = after.getOrDefault(trait, "");
      if (!was.equals(is)) {
        changes.add(new Change(trait, was, is));
      }
    }
    return changes;
  }
}
