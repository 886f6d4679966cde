package dev.meshctl.model.validation;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * What somebody probably meant.
 *
 * <p>Threads: any; pure.
 */
public final class Suggestion {
  private static final int LONG_LIST = 12;

  private Suggestion() {}

  /**
   * The known word nearest to a written one, if one is near: a third of its letters, at least 1.
   */
  public static Optional<String> nearest(String written, Collection<String> known) {
    int limit = Math.max(1, written.length() / 3);
    String lower = written.toLowerCase(Locale.ROOT);
    return known.stream()
        .filter(word -> distance(lower, word.toLowerCase(Locale.ROOT)) <= limit)
        .min(
            Comparator.<String>comparingInt(word -> distance(lower, word.toLowerCase(Locale.ROOT)))
                .thenComparing(Comparator.naturalOrder()));
  }

  /** {@code did you mean 'weight'?}, else the general fix. */
  public static String fix(String written, Collection<String> known, String otherwise) {
    return nearest(written, known).map(word -> "did you mean '" + word + "'?").orElse(otherwise);
  }

  /** {@code v1, v2, v3}; {@code none} where there is none; shortened where there are many. */
  public static String list(Collection<String> known) {
    if (known.isEmpty()) {
      return "none";
    }
    String listed = known.stream().limit(LONG_LIST).collect(Collectors.joining(", "));
    return known.size() > LONG_LIST
        ? listed + " and " + (known.size() - LONG_LIST) + " more"
        : listed;
  }

  /** Edits between two words; a swap of neighbours is one (optimal string alignment). */
  static int distance(String a, String b) {
    int[][] cost = new int[a.length() + 1][b.length() + 1];
    for (int i = 0; i <= a.length(); i++) {
      cost[i][0] = i;
    }
    for (int j = 0; j <= b.length(); j++) {
      cost[0][j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      for (int j = 1; j <= b.length(); j++) {
        int same = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
        int best = Math.min(cost[i - 1][j] + 1, cost[i][j - 1] + 1);
        best = Math.min(best, cost[i - 1][j - 1] + same);
        if (i > 1
            && j > 1
            && a.charAt(i - 1) == b.charAt(j - 2)
            && a.charAt(i - 2) == b.charAt(j - 1)) {
          best = Math.min(best, cost[i - 2][j - 2] + 1);
        }
        cost[i][j] = best;
      }
    }
    return cost[a.length()][b.length()];
  }
}
