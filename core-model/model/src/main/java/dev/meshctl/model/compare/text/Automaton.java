package dev.meshctl.model.compare.text;

import dev.meshctl.model.compare.text.Expression.Any;
import dev.meshctl.model.compare.text.Expression.Beginning;
import dev.meshctl.model.compare.text.Expression.Either;
import dev.meshctl.model.compare.text.Expression.End;
import dev.meshctl.model.compare.text.Expression.Repeat;
import dev.meshctl.model.compare.text.Expression.Row;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Recognises an {@link Expression} letter by letter: Thompson's construction, made deterministic as
 * far as it is walked.
 *
 * <p>Thread: one.
 */
final class Automaton {
  private static final int MOST_NODES = 4_000;

  /** A node of the construction: one letter to {@code next}, or free steps. */
  private static final class Node {
    private Letters letters = Letters.NONE;
    private int next;
    private final List<Integer> free = new ArrayList<>();
    private final List<Integer> freeAtBeginning = new ArrayList<>();
    private final List<Integer> freeAtEnd = new ArrayList<>();
  }

  private final List<Node> nodes = new ArrayList<>();
  private final int accepting;
  private final Map<BitSet, Integer> numbers = new HashMap<>();
  private final List<BitSet> states = new ArrayList<>();
  private final List<int[]> steps = new ArrayList<>();
  private final List<Boolean> accepts = new ArrayList<>();
  private final int start;

  private Automaton(Expression expression) {
    int first = node();
    accepting = build(expression, first);
    BitSet beginning = new BitSet();
    beginning.set(first);
    start = number(closure(beginning, true, false));
  }

  /** Empty where it would be too large. */
  static Optional<Automaton> of(Expression expression) {
    return size(expression) > MOST_NODES
        ? Optional.empty()
        : Optional.of(new Automaton(expression));
  }

  private static long size(Expression expression) {
    return switch (expression) {
      case Any any -> 1;
      case Beginning beginning -> 1;
      case End end -> 1;
      case Row(var of) -> 1 + of.stream().mapToLong(Automaton::size).sum();
      case Either(var of) -> 2 + of.stream().mapToLong(Automaton::size).sum();
      case Repeat(var of, int least, int most) ->
          2 + size(of) * (1 + Math.max(least, most == Repeat.WITHOUT_END ? 0 : most));
    };
  }

  private int node() {
    nodes.add(new Node());
    return nodes.size() - 1;
  }

  /** Adds {@code expression} after a node; the node after it. */
  private int build(Expression expression, int from) {
    return switch (expression) {
      case Any(var of) -> {
        int to = node();
        int own = node();
        nodes.get(from).free.add(own);
        nodes.get(own).letters = of;
        nodes.get(own).next = to;
        yield to;
      }
      case Beginning() -> {
        int to = node();
        nodes.get(from).freeAtBeginning.add(to);
        yield to;
      }
      case End() -> {
        int to = node();
        nodes.get(from).freeAtEnd.add(to);
        yield to;
      }
      case Row(var of) -> {
        int to = from;
        for (Expression part : of) {
          to = build(part, to);
        }
        yield to;
      }
      case Either(var of) -> {
        int to = node();
        for (Expression way : of) {
          int own = node();
          nodes.get(from).free.add(own);
          nodes.get(build(way, own)).free.add(to);
        }
        yield to;
      }
      case Repeat(var of, int least, int most) -> repeat(of, least, most, from);
    };
  }

  private int repeat(Expression of, int least, int most, int from) {
    int to = from;
    for (int i = 0; i < least; i++) {
      to = build(of, to);
    }
    int end = node();
    if (most == Repeat.WITHOUT_END) {
      int loop = node();
      nodes.get(to).free.add(loop);
      nodes.get(build(of, loop)).free.add(loop);
      nodes.get(loop).free.add(end);
      return end;
    }
    for (int i = least; i < most; i++) {
      nodes.get(to).free.add(end);
      to = build(of, to);
    }
    nodes.get(to).free.add(end);
    return end;
  }

  private BitSet closure(BitSet of, boolean beginning, boolean end) {
    BitSet all = (BitSet) of.clone();
    List<Integer> open = new ArrayList<>(of.stream().boxed().toList());
    while (!open.isEmpty()) {
      Node node = nodes.get(open.removeLast());
      add(node.free, all, open);
      if (beginning) {
        add(node.freeAtBeginning, all, open);
      }
      if (end) {
        add(node.freeAtEnd, all, open);
      }
    }
    return all;
  }

  private static void add(List<Integer> found, BitSet all, List<Integer> open) {
    for (int node : found) {
      if (!all.get(node)) {
        all.set(node);
        open.add(node);
      }
    }
  }

  private int number(BitSet state) {
    Integer known = numbers.get(state);
    if (known != null) {
      return known;
    }
    int number = states.size();
    numbers.put(state, number);
    states.add(state);
    int[] unknown = new int[128];
    java.util.Arrays.fill(unknown, -1);
    steps.add(unknown);
    // A text that ends at once is at its beginning too.
    accepts.add(closure(state, number == 0, true).get(accepting));
    return number;
  }

  int start() {
    return start;
  }

  int step(int state, char letter) {
    int known = steps.get(state)[letter];
    if (known >= 0) {
      return known;
    }
    BitSet after = new BitSet();
    BitSet now = states.get(state);
    for (int i = now.nextSetBit(0); i >= 0; i = now.nextSetBit(i + 1)) {
      Node node = nodes.get(i);
      if (node.letters.has(letter)) {
        after.set(node.next);
      }
    }
    int number = number(closure(after, false, false));
    steps.get(state)[letter] = number;
    return number;
  }

  boolean accepts(int state) {
    return accepts.get(state);
  }

  /** Nothing that follows is taken. */
  boolean isDead(int state) {
    return states.get(state).isEmpty();
  }

  boolean accepts(String text) {
    int state = start;
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) > '~') {
        return false;
      }
      state = step(state, text.charAt(i));
    }
    return accepts(state);
  }
}
