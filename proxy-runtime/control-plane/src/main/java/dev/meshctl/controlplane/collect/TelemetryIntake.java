package dev.meshctl.controlplane.collect;

import dev.meshctl.identity.Caller;
import dev.meshctl.identity.SpiffeId;
import dev.meshctl.model.telemetry.EdgeSample;
import dev.meshctl.model.telemetry.TelemetryReport;
import dev.meshctl.model.wire.TelemetryCodec;
import dev.meshctl.model.wire.telemetry.Report;
import dev.meshctl.model.wire.telemetry.ReportAck;
import dev.meshctl.model.wire.telemetry.TelemetryServiceGrpc;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.util.List;

/**
 * {@code meshctl.telemetry.v1.TelemetryService}. A caller needs a certificate, and may report calls
 * of its own namespace only.
 */
public final class TelemetryIntake extends TelemetryServiceGrpc.TelemetryServiceImplBase {
  private static final System.Logger LOG = System.getLogger(TelemetryIntake.class.getName());

  private final EdgeWindows windows;

  public TelemetryIntake(EdgeWindows windows) {
    this.windows = windows;
  }

  @Override
  public StreamObserver<Report> stream(StreamObserver<ReportAck> out) {
    if (!(Caller.current() instanceof Caller.Peer(SpiffeId identity))) {
      out.onError(
          Status.UNAUTHENTICATED
              .withDescription("telemetry needs the workload's certificate")
              .asRuntimeException());
      return new Ignoring();
    }
    return new StreamObserver<>() {
      @Override
      public void onNext(Report message) {
        try {
          windows.add(own(TelemetryCodec.decode(message), identity));
        } catch (IllegalArgumentException contradictory) {
          LOG.log(
              System.Logger.Level.WARNING,
              "a report of {0} is dropped: {1}",
              identity,
              contradictory.getMessage());
        }
      }

      @Override
      public void onError(Throwable broken) {
        // The proxy keeps what it could not send and reconnects.
      }

      @Override
      public void onCompleted() {
        out.onNext(ReportAck.getDefaultInstance());
        out.onCompleted();
      }
    };
  }

  private static TelemetryReport own(TelemetryReport report, SpiffeId identity) {
    List<EdgeSample> own =
        report.edges().stream()
            .filter(e -> e.key().source().namespace().equals(identity.namespace()))
            .toList();
    if (own.size() < report.edges().size()) {
      LOG.log(
          System.Logger.Level.WARNING,
          "{0} reported calls of another namespace: {1} samples dropped",
          identity,
          report.edges().size() - own.size());
    }
    return new TelemetryReport(
        report.proxyId(), report.windowStartEpochMillis(), report.window(), own);
  }

  private static final class Ignoring implements StreamObserver<Report> {
    @Override
    public void onNext(Report message) {}

    @Override
    public void onError(Throwable broken) {}

    @Override
    public void onCompleted() {}
  }
}
