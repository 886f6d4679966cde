package dev.meshctl.dataplane.balance;

import java.util.random.RandomGenerator;

/**
 * How one host is chosen among several that may be.
 *
 * <p>Thread: one event loop.
 */
sealed interface Choice {

  /**
   * A position in {@code hosts}.
   *
   * @param hosts borrowed, at least two, the same array until {@link #reset}
   */
  int next(Host<?>[] hosts, RandomGenerator dice);

  /** Other hosts from now on. */
  default void reset(Host<?>[] hosts, RandomGenerator dice) {}

  /** Each host in proportion to its weight. */
  final class Random implements Choice {
    private WeightedDraw draw = WeightedDraw.EVEN;

    @Override
    public void reset(Host<?>[] hosts, RandomGenerator dice) {
      draw = WeightedDraw.of(hosts);
    }

    @Override
    public int next(Host<?>[] hosts, RandomGenerator dice) {
      return draw.next(hosts.length, dice);
    }
  }

  /**
   * Two drawn in proportion to their weights, and of those the one with fewer requests under way
   * for its weight; an even match keeps the first.
   */
  final class LeastRequest implements Choice {
    private WeightedDraw draw = WeightedDraw.EVEN;

    @Override
    public void reset(Host<?>[] hosts, RandomGenerator dice) {
      draw = WeightedDraw.of(hosts);
    }

    @Override
    public int next(Host<?>[] hosts, RandomGenerator dice) {
      int first = draw.next(hosts.length, dice);
      int second = draw.nextBut(first, hosts.length, dice);
      Host<?> a = hosts[first];
      Host<?> b = hosts[second];
      long loadOfA = (long) a.active() * b.endpoint().weight();
      long loadOfB = (long) b.active() * a.endpoint().weight();
      return loadOfB < loadOfA ? second : first;
    }
  }

  /**
   * In turns, in proportion to the weights: earliest deadline first, where each turn puts a host's
   * deadline off by 1 / weight. Begins at a random host, so that many proxies do not march in step.
   */
  final class RoundRobin implements Choice {
    private double[] deadlines = new double[0];
    private int[] heap = new int[0];
    private boolean even = true;
    private int turn;

    @Override
    public void reset(Host<?>[] hosts, RandomGenerator dice) {
      even = WeightedDraw.isEven(hosts);
      turn = hosts.length == 0 ? 0 : dice.nextInt(hosts.length);
      if (even) {
        return;
      }
      deadlines = new double[hosts.length];
      heap = new int[hosts.length];
      for (int i = 0; i < hosts.length; i++) {
        heap[i] = i;
        deadlines[i] = dice.nextDouble() / hosts[i].endpoint().weight();
      }
      for (int i = hosts.length / 2 - 1; i >= 0; i--) {
        sink(i);
      }
    }

    @Override
    public int next(Host<?>[] hosts, RandomGenerator dice) {
      if (even) {
        turn = turn + 1 < hosts.length ? turn + 1 : 0;
        return turn;
      }
      int first = heap[0];
      deadlines[first] += 1.0 / hosts[first].endpoint().weight();
      sink(0);
      return first;
    }

    private void sink(int at) {
      int moving = heap[at];
      while (2 * at + 1 < heap.length) {
        int child = 2 * at + 1;
        if (child + 1 < heap.length && deadlines[heap[child + 1]] < deadlines[heap[child]]) {
          child++;
        }
        if (deadlines[heap[child]] >= deadlines[moving]) {
          break;
        }
        heap[at] = heap[child];
        at = child;
      }
      heap[at] = moving;
    }
  }
}
