package dev.meshctl.app.patch;

import dev.meshctl.bundle.BundleStore;
import dev.meshctl.model.patch.RuntimeReport;
import dev.meshctl.model.wire.BundleChunks;
import dev.meshctl.model.wire.RuntimeReportCodec;
import dev.meshctl.model.wire.runtime.BundleServiceGrpc;
import dev.meshctl.net.retry.Backoff;
import dev.meshctl.net.retry.Pause;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;

/**
 * Bundles from the control plane, and reports to it, over the channel of the proxy.
 *
 * <p>Thread: any that may block.
 */
public final class BundleClient {
  private static final int TRIES = 20;
  private static final Duration REPORT_LIMIT = Duration.ofSeconds(5);

  /** Of one try: what came so far is kept, so a slow line needs several. */
  private static final Duration FETCH_LIMIT = Duration.ofMinutes(2);

  private final ManagedChannel channel;
  private final Pause pause;
  private final RandomGenerator dice;

  public BundleClient(ManagedChannel channel, Pause pause, RandomGenerator dice) {
    this.channel = channel;
    this.pause = pause;
    this.dice = dice;
  }

  /**
   * Brings all of the bundle into {@code transfer}, from where it is; goes on after each cut.
   *
   * @throws IOException where the control plane has it not, or cannot be reached for long
   */
  void fetch(String digest, BundleStore.Transfer transfer)
      throws IOException, InterruptedException {
    int failures = 0;
    while (true) {
      long before = transfer.offset();
      try {
        BundleChunks.fetch(channel, digest, FETCH_LIMIT, transfer::offset, transfer::append);
        return;
      } catch (StatusRuntimeException cut) {
        // What came meanwhile shows that it goes on: only tries in vain count.
        failures = transfer.offset() > before ? 1 : failures + 1;
        Status.Code code = cut.getStatus().getCode();
        boolean hopeless =
            code == Status.Code.NOT_FOUND
                || code == Status.Code.PERMISSION_DENIED
                || code == Status.Code.UNIMPLEMENTED
                || code == Status.Code.INVALID_ARGUMENT;
        if (code == Status.Code.OUT_OF_RANGE) {
          transfer.forget();
        }
        if (hopeless || failures >= TRIES) {
          throw new IOException(
              "bundle "
                  + digest
                  + " was not to be had: "
                  + cut.getStatus().getCode()
                  + " "
                  + cut.getStatus().getDescription(),
              cut);
        }
        pause.pause(Backoff.RECONNECT.delay(failures - 1, dice));
      }
    }
  }

  /** True where it has arrived. */
  boolean report(RuntimeReport report) {
    try {
      BundleServiceGrpc.newBlockingStub(channel)
          .withDeadlineAfter(REPORT_LIMIT.toMillis(), TimeUnit.MILLISECONDS)
          .report(RuntimeReportCodec.encode(report));
      return true;
    } catch (StatusRuntimeException unreachable) {
      // A control plane of before does not know reports: it needs none.
      return unreachable.getStatus().getCode() == Status.Code.UNIMPLEMENTED;
    }
  }
}
