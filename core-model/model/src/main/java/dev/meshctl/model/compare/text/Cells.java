package dev.meshctl.model.compare.text;

import dev.meshctl.model.xds.route.ValueMatch;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/**
 * The texts of a shape, told apart by patterns: a cell for every set of patterns that some text
 * meets while it meets no other of them. All automata are walked at once, the shortest texts first.
 *
 * @param whole nothing was left out: every pattern was understood, and the walk came to its end
 */
public record Cells(List<Cell> cells, boolean whole) {
  /** Beyond this many states of all automata together the walk ends. */
  static final int MOST_STATES = 20_000;

  private static final int MOST_TEXTS = 3;
  private static final String BY_LIKING =
      "xabcdefghijklmnopqrstuvwyz0123456789-_XABCDEFGHIJKLMNOPQRSTUVWYZ/.~:@,;=&+!*'()$%#?|^{}[]<>`\"\\"
          + " ";

  public Cells {
    cells = List.copyOf(cells);
  }

  /**
   * Texts that meet the same patterns.
   *
   * @param texts some of them, the nicest first; never empty
   */
  public record Cell(Set<Integer> met, List<String> texts) {
    public Cell {
      met = Set.copyOf(met);
      texts = List.copyOf(texts);
    }

    public boolean meets(int pattern) {
      return met.contains(pattern);
    }

    public String text() {
      return texts.getFirst();
    }
  }

  /**
   * A set of texts.
   *
   * @param expression empty where it is only known whether a text is among them
   * @param test whether one is
   */
  public record Pattern(Optional<Expression> expression, Predicate<String> test) {
    /** The texts that {@code match} takes. */
    public static Pattern of(ValueMatch match) {
      return Expression.of(match)
          .flatMap(expression ->
              Automaton.of(expression)
                  .map(automaton -> new Pattern(Optional.of(expression), automaton::accepts)))
          .orElseGet(() -> new Pattern(Optional.empty(), unwalked(match)));
    }

    /** The texts of {@code expression}, which is small. */
    public static Pattern of(Expression expression) {
      return new Pattern(Optional.of(expression), Automaton.of(expression).orElseThrow()::accepts);
    }

    private static Predicate<String> unwalked(ValueMatch match) {
      return switch (match) {
        case ValueMatch.Regex(var regex) -> com.google.re2j.Pattern.compile(regex)::matches;
        case ValueMatch.IgnoringCase(var of) -> unwalked(of);
        case ValueMatch.Range(long first, long end) -> text -> isWithin(text, first, end);
        case ValueMatch.Exact(var text) -> text::equals;
        case ValueMatch.Prefix(var text) -> whole -> whole.startsWith(text);
        case ValueMatch.Suffix(var text) -> whole -> whole.endsWith(text);
        case ValueMatch.Contains(var text) -> whole -> whole.contains(text);
        case ValueMatch.Present() -> text -> true;
      };
    }

    private static boolean isWithin(String text, long first, long end) {
      if (!text.matches("-?[0-9]{1,18}")) {
        return false;
      }
      long number = Long.parseLong(text);
      return number >= first && number < end;
    }
  }

  /**
   * Tells texts apart.
   *
   * @param letters of all texts
   * @param shape that all texts have
   * @param liked texts that stand first in their cells; those not of the shape are left out
   */
  public static Cells of(
      List<Pattern> patterns, Letters letters, Expression shape, Collection<String> liked) {
    return new Walk(patterns, letters, shape).cells(liked);
  }

  /** One walk. */
  private static final class Walk {
    private final List<Pattern> patterns;
    private final List<Automaton> automata = new ArrayList<>();
    private final List<Integer> walked = new ArrayList<>();
    private final List<Character> steps;
    private final Map<BitSet, List<String>> found = new LinkedHashMap<>();
    private boolean whole = true;

    Walk(List<Pattern> patterns, Letters letters, Expression shape) {
      this.patterns = patterns;
      Alphabet alphabet = new Alphabet(letters);
      automata.add(Automaton.of(shape).orElseThrow());
      alphabet.add(shape);
      for (int i = 0; i < patterns.size(); i++) {
        Optional<Expression> expression = patterns.get(i).expression();
        Optional<Automaton> automaton = expression.flatMap(Automaton::of);
        if (automaton.isPresent()) {
          automata.add(automaton.get());
          walked.add(i);
          alphabet.add(expression.orElseThrow());
        } else {
          whole = false;
        }
      }
      steps = alphabet.oneOfEach();
    }

    Cells cells(Collection<String> liked) {
      for (String text : liked) {
        if (automata.getFirst().accepts(text)) {
          add(text);
        }
      }
      walk();
      List<Cell> cells = new ArrayList<>();
      found.forEach(
          (met, texts) -> cells.add(new Cell(Set.copyOf(met.stream().boxed().toList()), texts)));
      return new Cells(cells, whole);
    }

    private void add(String text) {
      BitSet met = new BitSet();
      for (int i = 0; i < patterns.size(); i++) {
        met.set(i, patterns.get(i).test().test(text));
      }
      List<String> texts = found.computeIfAbsent(met, key -> new ArrayList<>());
      if (texts.size() < MOST_TEXTS && !texts.contains(text)) {
        texts.add(text);
      }
    }

    private record Place(String text, int[] states) {}

    private record States(List<Integer> of) {}

    private void walk() {
      ArrayDeque<Place> open = new ArrayDeque<>();
      Set<States> known = new HashSet<>();
      Map<States, Integer> texts = new LinkedHashMap<>();
      int[] first = automata.stream().mapToInt(Automaton::start).toArray();
      known.add(key(first));
      open.add(new Place("", first));
      reached(new Place("", first), texts);
      while (!open.isEmpty()) {
        Place place = open.removeFirst();
        for (char letter : steps) {
          int[] next = new int[automata.size()];
          for (int i = 0; i < next.length; i++) {
            next[i] = automata.get(i).step(place.states()[i], letter);
          }
          if (automata.getFirst().isDead(next[0])) {
            continue;
          }
          Place after = new Place(place.text() + letter, next);
          reached(after, texts);
          if (known.add(key(next))) {
            if (known.size() > MOST_STATES) {
              whole = false;
              return;
            }
            open.add(after);
          }
        }
      }
    }

    private static States key(int[] states) {
      return new States(Arrays.stream(states).boxed().toList());
    }

    /** By what is accepted, so that the patterns themselves are asked of few texts only. */
    private void reached(Place place, Map<States, Integer> texts) {
      if (!automata.getFirst().accepts(place.states()[0])) {
        return;
      }
      List<Integer> met = new ArrayList<>();
      for (int i = 1; i < automata.size(); i++) {
        if (automata.get(i).accepts(place.states()[i])) {
          met.add(walked.get(i - 1));
        }
      }
      if (texts.merge(new States(met), 1, Integer::sum) <= MOST_TEXTS) {
        add(place.text());
      }
    }
  }

  /** Letters that no pattern tells apart, as one of them. */
  private static final class Alphabet {
    private final Map<Character, List<Boolean>> memberships = new LinkedHashMap<>();

    Alphabet(Letters letters) {
      for (int i = 0; i < BY_LIKING.length(); i++) {
        if (letters.has(BY_LIKING.charAt(i))) {
          memberships.put(BY_LIKING.charAt(i), new ArrayList<>());
        }
      }
    }

    void add(Expression expression) {
      switch (expression) {
        case Expression.Any(var of) ->
            memberships.forEach((letter, all) -> all.add(of.has(letter)));
        case Expression.Row(var of) -> of.forEach(this::add);
        case Expression.Either(var of) -> of.forEach(this::add);
        case Expression.Repeat(var of, int least, int most) -> add(of);
        case Expression.Beginning beginning -> {}
        case Expression.End end -> {}
      }
    }

    List<Character> oneOfEach() {
      Map<List<Boolean>, Character> one = new LinkedHashMap<>();
      memberships.forEach((letter, all) -> one.putIfAbsent(all, letter));
      return List.copyOf(one.values());
    }
  }
}
