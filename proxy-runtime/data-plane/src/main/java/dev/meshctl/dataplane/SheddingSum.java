package dev.meshctl.dataplane;

import dev.meshctl.dataplane.admin.AdminSource.StatSink;
import dev.meshctl.dataplane.admin.StatName;
import dev.meshctl.dataplane.resilience.AdmissionController;
import dev.meshctl.dataplane.resilience.GradientController;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What the controllers of one filter have seen, all loops together, named as Envoy names it.
 *
 * <p>Thread: any.
 */
final class SheddingSum {
  private long limit;
  private long outstanding;
  private long blocked;
  private long measuring;
  private long minRttNanos;
  private long sampleRttNanos;
  private long refused;
  private long succeeded;
  private long failed;

  synchronized void add(@Nullable GradientController of) {
    if (of != null) {
      limit += of.limit();
      outstanding += of.outstanding();
      blocked += of.blocked();
      measuring = Math.max(measuring, of.measuring() ? 1 : 0);
      minRttNanos = Math.max(minRttNanos, of.minRttNanos());
      sampleRttNanos = Math.max(sampleRttNanos, of.sampleRttNanos());
    }
  }

  synchronized void add(@Nullable AdmissionController of) {
    if (of != null) {
      refused += of.refused();
      succeeded += of.succeeded();
      failed += of.failed();
    }
  }

  synchronized void adaptive(String name, String prefix, StatSink sink) {
    sink.gauge(http(name, prefix + "concurrency_limit"), limit);
    sink.gauge(http(name, prefix + "rq_outstanding"), outstanding);
    sink.gauge(http(name, prefix + "min_rtt_calculation_active"), measuring);
    sink.gauge(http(name, prefix + "min_rtt_msecs"), TimeUnit.NANOSECONDS.toMillis(minRttNanos));
    sink.gauge(
        http(name, prefix + "sample_rtt_msecs"), TimeUnit.NANOSECONDS.toMillis(sampleRttNanos));
    sink.counter(http(name, prefix + "rq_blocked"), blocked);
  }

  synchronized void admission(String name, String prefix, StatSink sink) {
    sink.counter(http(name, prefix + "rq_rejected"), refused);
    sink.counter(http(name, prefix + "rq_success"), succeeded);
    sink.counter(http(name, prefix + "rq_failure"), failed);
  }

  private static StatName http(String name, String rest) {
    return new StatName(StatName.Scope.HTTP, name, rest);
  }
}
