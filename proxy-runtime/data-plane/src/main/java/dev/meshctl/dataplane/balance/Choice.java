package dev.meshctl.dataplane.balance;

import dev.meshctl.model.xds.BalancingOptions.LatencyOptions;
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
   * @param hash of the request; only the choices by hash look at it
   */
  int next(Host<?>[] hosts, long hash, RandomGenerator dice);

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
    public int next(Host<?>[] hosts, long hash, RandomGenerator dice) {
      return draw.next(hosts.length, dice);
    }
  }

  /**
   * Two or more drawn in proportion to their weights, and of those the one with the fewest requests
   * under way for its weight; an even match keeps the first.
   */
  final class LeastRequest implements Choice {
    private final int draws;
    private WeightedDraw draw = WeightedDraw.EVEN;

    /**
     * @param draws hosts to compare, at least 2
     */
    LeastRequest(int draws) {
      this.draws = draws;
    }

    @Override
    public void reset(Host<?>[] hosts, RandomGenerator dice) {
      draw = WeightedDraw.of(hosts);
    }

    @Override
    public int next(Host<?>[] hosts, long hash, RandomGenerator dice) {
      int best = draw.next(hosts.length, dice);
      // The second is always another; of more, some may be drawn twice, as in Envoy.
      int other = draw.nextBut(best, hosts.length, dice);
      best = better(hosts, best, other);
      for (int i = 2; i < draws; i++) {
        best = better(hosts, best, draw.next(hosts.length, dice));
      }
      return best;
    }

    private static int better(Host<?>[] hosts, int first, int second) {
      Host<?> a = hosts[first];
      Host<?> b = hosts[second];
      if (a.isResting() != b.isResting()) {
        return a.isResting() ? second : first;
      }
      return b.active() * a.drawWeight() < a.active() * b.drawWeight() ? second : first;
    }
  }

  /**
   * Two drawn in proportion to their weights, and of those the one that costs less: its time to
   * answer, times the requests it would have for its weight. One that has not answered yet costs
   * the penalty as soon as somebody waits for it.
   */
  final class LeastLatency implements Choice {
    private final double unmeasuredMillis;
    private final double penalty;
    private WeightedDraw draw = WeightedDraw.EVEN;

    LeastLatency(LatencyOptions options) {
      unmeasuredMillis = options.unmeasured().toNanos() / 1e6;
      penalty = options.penalty();
    }

    @Override
    public void reset(Host<?>[] hosts, RandomGenerator dice) {
      draw = WeightedDraw.of(hosts);
    }

    @Override
    public int next(Host<?>[] hosts, long hash, RandomGenerator dice) {
      int first = draw.next(hosts.length, dice);
      int second = draw.nextBut(first, hosts.length, dice);
      Host<?> a = hosts[first];
      Host<?> b = hosts[second];
      if (a.isResting() != b.isResting()) {
        return a.isResting() ? second : first;
      }
      return cost(b) < cost(a) ? second : first;
    }

    private double cost(Host<?> host) {
      double millis = host.latency().millis();
      // A host of twice the weight has twice the requests when it is as busy.
      double active = (double) host.active() * Host.WEIGHT_UNIT / host.drawWeight();
      if (millis > 0) {
        return millis * (active + 1);
      }
      return active > 0 ? penalty + active : unmeasuredMillis;
    }
  }

  /** By the request's hash; the hosts are all there are, usable or not. */
  final class ByHash implements Choice {
    private final HashTable table;
    private final boolean[] usable;

    ByHash(HashTable table, boolean[] usable) {
      this.table = table;
      this.usable = usable;
    }

    @Override
    public int next(Host<?>[] hosts, long hash, RandomGenerator dice) {
      return table.owner(hash, usable);
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
        deadlines[i] = dice.nextDouble() / hosts[i].drawWeight();
      }
      for (int i = hosts.length / 2 - 1; i >= 0; i--) {
        sink(i);
      }
    }

    @Override
    public int next(Host<?>[] hosts, long hash, RandomGenerator dice) {
      if (even) {
        turn = turn + 1 < hosts.length ? turn + 1 : 0;
        return turn;
      }
      int first = heap[0];
      deadlines[first] += 1.0 / hosts[first].drawWeight();
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
