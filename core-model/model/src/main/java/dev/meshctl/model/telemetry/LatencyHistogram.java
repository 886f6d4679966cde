package dev.meshctl.model.telemetry;

/**
 * Fixed log-linear buckets: 16 to each power of two, so a quantile is wrong by at most 1/16 of its
 * value. Values are microseconds, 0 to 2^31-1; larger ones count in the last bucket.
 *
 * <p>Thread: one writer; {@link #drain} runs on the writer's thread.
 */
public final class LatencyHistogram {
  private static final int SUB_BITS = 4;
  private static final int SUB = 1 << SUB_BITS;

  /** Number of buckets. */
  public static final int BUCKETS = SUB * (31 - SUB_BITS + 1);

  private final long[] counts = new long[BUCKETS];
  private long sumMicros;

  /** Counts one value; negative ones as 0. */
  public void record(long micros) {
    int value = (int) Math.clamp(micros, 0, Integer.MAX_VALUE);
    counts[bucketOf(value)]++;
    sumMicros += value;
  }

  /** Counts all that {@code other} counted. */
  public void add(Counts other) {
    for (int i = 0; i < other.buckets.length; i++) {
      counts[other.buckets[i]] += other.counts[i];
    }
    sumMicros += other.sumMicros;
  }

  /** What was counted since the last drain, and starts anew. */
  public Counts drain() {
    int used = 0;
    for (long count : counts) {
      if (count != 0) {
        used++;
      }
    }
    int[] buckets = new int[used];
    long[] values = new long[used];
    int next = 0;
    for (int i = 0; i < counts.length; i++) {
      if (counts[i] != 0) {
        buckets[next] = i;
        values[next++] = counts[i];
        counts[i] = 0;
      }
    }
    Counts drained = new Counts(buckets, values, sumMicros);
    sumMicros = 0;
    return drained;
  }

  static int bucketOf(int value) {
    if (value < SUB) {
      return value;
    }
    int exponent = 31 - Integer.numberOfLeadingZeros(value);
    int sub = (value >>> (exponent - SUB_BITS)) & (SUB - 1);
    return (exponent - SUB_BITS + 1) * SUB + sub;
  }

  /** The largest value that counts in {@code bucket}. */
  public static long upperBoundMicros(int bucket) {
    if (bucket < SUB) {
      return bucket;
    }
    int exponent = bucket / SUB + SUB_BITS - 1;
    long sub = bucket % SUB;
    long step = 1L << (exponent - SUB_BITS);
    return (1L << exponent) + (sub + 1) * step - 1;
  }

  /** Sparse counts: {@code buckets} ascending, with {@code counts} beside them. */
  public record Counts(int[] buckets, long[] counts, long sumMicros) {
    public static final Counts EMPTY = new Counts(new int[0], new long[0], 0);

    public long total() {
      long total = 0;
      for (long count : counts) {
        total += count;
      }
      return total;
    }

    /** Both together. */
    public Counts plus(Counts other) {
      if (buckets.length == 0 || other.buckets.length == 0) {
        return buckets.length == 0 ? other : this;
      }
      long[] dense = new long[BUCKETS];
      for (int i = 0; i < buckets.length; i++) {
        dense[buckets[i]] += counts[i];
      }
      for (int i = 0; i < other.buckets.length; i++) {
        dense[other.buckets[i]] += other.counts[i];
      }
      LatencyHistogram sum = new LatencyHistogram();
      System.arraycopy(dense, 0, sum.counts, 0, BUCKETS);
      sum.sumMicros = sumMicros + other.sumMicros;
      return sum.drain();
    }

    /**
     * The value below which a share {@code q} (0 to 1) of all lies, as the upper bound of its
     * bucket; 0 where nothing was counted.
     */
    public long quantileMicros(double q) {
      long total = total();
      if (total == 0) {
        return 0;
      }
      long rank = Math.max(1, (long) Math.ceil(q * total));
      long seen = 0;
      for (int i = 0; i < buckets.length; i++) {
        seen += counts[i];
        if (seen >= rank) {
          return upperBoundMicros(buckets[i]);
        }
      }
      return upperBoundMicros(buckets[buckets.length - 1]);
    }
  }
}
