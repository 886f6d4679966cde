package dev.meshctl.dataplane.observe;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.List;

/**
 * Times counted in the buckets that Envoy tells Prometheus. One writer; any thread may read, each
 * number whole.
 *
 * <p>Thread: written by one event loop; read by any.
 */
public final class TimeBuckets {
  /** Upper bounds in milliseconds, as in Envoy's histograms. */
  public static final List<Double> BOUNDS_MILLIS =
      List.of(
          0.5, 1.0, 5.0, 10.0, 25.0, 50.0, 100.0, 250.0, 500.0, 1000.0, 2500.0, 5000.0, 10000.0,
          30000.0, 60000.0, 300000.0, 600000.0, 1800000.0, 3600000.0);

  private static final VarHandle SLOT = MethodHandles.arrayElementVarHandle(long[].class);
  private static final long[] BOUNDS_MICROS =
      BOUNDS_MILLIS.stream().mapToLong(millis -> (long) (millis * 1000)).toArray();

  /** A slot for each bucket, one for what is above all, the sum last. */
  private final long[] values = new long[BOUNDS_MICROS.length + 2];

  /** By the owner alone. */
  public void record(long micros) {
    int at = 0;
    while (at < BOUNDS_MICROS.length && micros > BOUNDS_MICROS[at]) {
      at++;
    }
    add(at, 1);
    add(values.length - 1, micros);
  }

  private void add(int at, long amount) {
    SLOT.setOpaque(values, at, values[at] + amount);
  }

  /** What several loops counted, added up. Thread: one at a time. */
  public static final class Sum {
    private final long[] values = new long[BOUNDS_MICROS.length + 2];

    public void add(TimeBuckets of) {
      for (int i = 0; i < values.length; i++) {
        values[i] += (long) SLOT.getOpaque(of.values, i);
      }
    }

    /** Times of all. */
    public long count() {
      long count = 0;
      for (int i = 0; i < values.length - 1; i++) {
        count += values[i];
      }
      return count;
    }

    /** Whole milliseconds, as Envoy counts them. */
    public long sumMillis() {
      return values[values.length - 1] / 1000;
    }

    /** Times of at most the bound of this index in {@link #BOUNDS_MILLIS}. */
    public long atMost(int bound) {
      long count = 0;
      for (int i = 0; i <= bound; i++) {
        count += values[i];
      }
      return count;
    }

    /**
     * The time in milliseconds below which a share of all are, evenly spread within its bucket; NaN
     * where there is none.
     *
     * @param share 0 to 1
     */
    public double quantileMillis(double share) {
      long count = count();
      if (count == 0) {
        return Double.NaN;
      }
      double rank = share * count;
      long before = 0;
      for (int i = 0; i < BOUNDS_MICROS.length; i++) {
        if (values[i] > 0 && before + values[i] >= rank) {
          double low = i == 0 ? 0 : BOUNDS_MILLIS.get(i - 1);
          return low + (BOUNDS_MILLIS.get(i) - low) * Math.max(0, rank - before) / values[i];
        }
        before += values[i];
      }
      return BOUNDS_MILLIS.getLast();
    }
  }
}
