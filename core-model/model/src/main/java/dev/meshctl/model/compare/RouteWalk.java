package dev.meshctl.model.compare;

import dev.meshctl.model.compare.Dimension.Choice;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Cuts the space of requests where two lists of routes cut it: a choice is made only where a route
 * that may be the first to match depends on it. Each piece meets one route (or none) of each list.
 *
 * <p>Thread: one.
 */
final class RouteWalk {
  /** Beyond this many pieces the walk ends. */
  static final int MOST_PIECES = 20_000;

  private final List<List<Condition>> before;
  private final List<List<Condition>> after;
  private final Dimension first;
  private final Consumer<Map<Dimension, Choice>> piece;
  private int pieces;

  /**
   * @param before conditions of each route
   * @param first is cut in any case
   */
  RouteWalk(
      List<List<Condition>> before,
      List<List<Condition>> after,
      Dimension first,
      Consumer<Map<Dimension, Choice>> piece) {
    this.before = before;
    this.after = after;
    this.first = first;
    this.piece = piece;
  }

  /** False where the walk ended before all was cut. */
  boolean walk() {
    for (Choice choice : first.choices()) {
      Map<Dimension, Choice> chosen = new HashMap<>();
      chosen.put(first, choice);
      cut(chosen);
    }
    return pieces <= MOST_PIECES;
  }

  private void cut(Map<Dimension, Choice> chosen) {
    if (pieces > MOST_PIECES) {
      return;
    }
    Optional<Dimension> open = undecided(before, chosen).or(() -> undecided(after, chosen));
    if (open.isEmpty()) {
      pieces++;
      piece.accept(chosen);
      return;
    }
    for (Choice choice : open.get().choices()) {
      chosen.put(open.get(), choice);
      cut(chosen);
    }
    chosen.remove(open.get());
  }

  /** What the first route that may match depends on; empty where it is known which one matches. */
  private static Optional<Dimension> undecided(
      List<List<Condition>> routes, Map<Dimension, Choice> chosen) {
    for (List<Condition> route : routes) {
      boolean fails =
          route.stream()
              .anyMatch(condition -> {
                Choice choice = chosen.get(condition.on());
                return choice != null && !condition.holds(choice);
              });
      if (!fails) {
        return route.stream()
            .map(Condition::on)
            .filter(dimension -> !chosen.containsKey(dimension))
            .findFirst();
      }
    }
    return Optional.empty();
  }
}
