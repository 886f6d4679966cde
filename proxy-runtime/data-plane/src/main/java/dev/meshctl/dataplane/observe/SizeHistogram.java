package dev.meshctl.dataplane.observe;

/**
 * Sizes in bytes, in buckets of powers of two: bucket i counts sizes up to 2^i.
 *
 * <p>Thread: one writer.
 */
final class SizeHistogram {
  /** Up to 2^30; larger ones count in the last. */
  static final int BUCKETS = 31;

  private final long[] counts = new long[BUCKETS];
  private long sum;

  void record(long bytes) {
    counts[bucketOf(bytes)]++;
    sum += Math.max(0, bytes);
  }

  static int bucketOf(long bytes) {
    return bytes <= 1 ? 0 : Math.min(BUCKETS - 1, 64 - Long.numberOfLeadingZeros(bytes - 1));
  }

  long sum() {
    return sum;
  }

  long count(int bucket) {
    return counts[bucket];
  }

  void addTo(SizeHistogram total) {
    for (int i = 0; i < BUCKETS; i++) {
      total.counts[i] += counts[i];
    }
    total.sum += sum;
  }
}
