package dev.meshctl.app;

import dev.meshctl.model.telemetry.EdgeKey;
import dev.meshctl.model.telemetry.EdgeSample;
import dev.meshctl.model.telemetry.TelemetryReport;
import dev.meshctl.model.wire.TelemetryCodec;
import dev.meshctl.model.wire.telemetry.Report;
import dev.meshctl.model.wire.telemetry.ReportAck;
import dev.meshctl.model.wire.telemetry.TelemetryServiceGrpc;
import dev.meshctl.net.retry.Pause;
import io.grpc.ManagedChannel;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.time.Duration;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Sends what was measured, each second, as deltas. What cannot be sent is kept, summed by edge up
 * to a bound, and goes with the next report that can.
 *
 * <p>Thread: one virtual thread.
 */
final class TelemetryReporter implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(TelemetryReporter.class.getName());
  private static final Duration INTERVAL = Duration.ofSeconds(1);
  private static final int MAX_KEPT_EDGES = 10_000;
  private static final Duration FINAL_ACK = Duration.ofSeconds(1);

  private final String proxyId;
  private final Supplier<List<EdgeSample>> source;
  private final ManagedChannel channel;
  private final InstantSource clock;
  private final Pause pause;
  private final Thread thread;

  private final Map<EdgeKey, EdgeSample> kept = new LinkedHashMap<>();
  private long windowStartEpochMillis;
  private long dropped;
  private @Nullable Call call;

  private TelemetryReporter(
      String proxyId,
      Supplier<List<EdgeSample>> source,
      ManagedChannel channel,
      InstantSource clock,
      Pause pause) {
    this.proxyId = proxyId;
    this.source = source;
    this.channel = channel;
    this.clock = clock;
    this.pause = pause;
    this.windowStartEpochMillis = clock.millis();
    this.thread = Thread.ofVirtual().name("telemetry").unstarted(this::run);
  }

  /**
   * @param source gives what was measured since it was last asked
   */
  static TelemetryReporter start(
      String proxyId,
      Supplier<List<EdgeSample>> source,
      ManagedChannel channel,
      InstantSource clock,
      Pause pause) {
    TelemetryReporter reporter = new TelemetryReporter(proxyId, source, channel, clock, pause);
    reporter.thread.start();
    return reporter;
  }

  /** Sends what is left and ends the stream. */
  @Override
  public void close() {
    thread.interrupt();
    try {
      thread.join(Duration.ofSeconds(2));
      report();
      Call last = call;
      if (last != null) {
        last.finish();
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    try {
      while (true) {
        pause.pause(INTERVAL);
        report();
      }
    } catch (InterruptedException closed) {
      // close() sends the rest.
    }
  }

  private void report() {
    for (EdgeSample sample : source.get()) {
      if (kept.size() >= MAX_KEPT_EDGES && !kept.containsKey(sample.key())) {
        dropped++;
      } else {
        kept.merge(sample.key(), sample, EdgeSample::plus);
      }
    }
    long now = clock.millis();
    Call open = call;
    if (open == null || open.ended) {
      open = new Call();
      call = open;
      TelemetryServiceGrpc.newStub(channel).stream(open);
    }
    if (kept.isEmpty()) {
      windowStartEpochMillis = now;
      return;
    }
    if (open.send(
        TelemetryCodec.encode(
            new TelemetryReport(
                proxyId,
                windowStartEpochMillis,
                Duration.ofMillis(Math.max(1, now - windowStartEpochMillis)),
                List.copyOf(kept.values()))))) {
      kept.clear();
      windowStartEpochMillis = now;
      if (dropped > 0) {
        LOG.log(System.Logger.Level.WARNING, "{0} telemetry samples found no room", dropped);
        dropped = 0;
      }
    }
  }

  /** One stream. */
  private static final class Call implements ClientResponseObserver<Report, ReportAck> {
    private volatile @Nullable ClientCallStreamObserver<Report> out;
    private volatile boolean ended;
    private final java.util.concurrent.CountDownLatch done =
        new java.util.concurrent.CountDownLatch(1);

    @Override
    public void beforeStart(ClientCallStreamObserver<Report> stream) {
      out = stream;
    }

    /** False where the stream cannot take it now. */
    boolean send(Report report) {
      ClientCallStreamObserver<Report> stream = out;
      if (stream == null || ended || !stream.isReady()) {
        return false;
      }
      try {
        stream.onNext(report);
        return true;
      } catch (IllegalStateException justEnded) {
        return false;
      }
    }

    void finish() throws InterruptedException {
      ClientCallStreamObserver<Report> stream = out;
      if (stream != null && !ended) {
        stream.onCompleted();
        done.await(FINAL_ACK.toMillis(), TimeUnit.MILLISECONDS);
      }
    }

    @Override
    public void onNext(ReportAck ack) {}

    @Override
    public void onError(Throwable broken) {
      ended = true;
      done.countDown();
    }

    @Override
    public void onCompleted() {
      ended = true;
      done.countDown();
    }
  }
}
