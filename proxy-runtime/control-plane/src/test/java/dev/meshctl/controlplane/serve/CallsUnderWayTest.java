package dev.meshctl.controlplane.serve;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshctl.model.wire.runtime.BundleServiceGrpc;
import dev.meshctl.model.wire.runtime.FetchChunk;
import dev.meshctl.model.wire.runtime.FetchRequest;
import dev.meshctl.model.wire.telemetry.Report;
import dev.meshctl.model.wire.telemetry.ReportAck;
import dev.meshctl.model.wire.telemetry.TelemetryServiceGrpc;
import io.grpc.Context;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Over real gRPC: a bundle that comes as the test lets it, and a stream that goes on for ever. */
class CallsUnderWayTest {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private final CallsUnderWay underWay = new CallsUnderWay();
  private final BlockingQueue<StreamObserver<FetchChunk>> asked = new LinkedBlockingQueue<>();
  private final BlockingQueue<StreamObserver<ReportAck>> talking = new LinkedBlockingQueue<>();
  private final List<AutoCloseable> open = new ArrayList<>();

  @BeforeEach
  void nothing() throws InterruptedException {
    assertThat(underWay.awaitNone(Duration.ZERO)).isTrue();
  }

  private ManagedChannel serve() throws IOException {
    Server server =
        NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .intercept(underWay)
            .addService(
                new BundleServiceGrpc.BundleServiceImplBase() {
                  @Override
                  public void fetch(FetchRequest request, StreamObserver<FetchChunk> out) {
                    out.onNext(FetchChunk.newBuilder().setOffset(request.getOffset()).build());
                    asked.add(out);
                  }
                })
            .addService(
                new TelemetryServiceGrpc.TelemetryServiceImplBase() {
                  @Override
                  public StreamObserver<Report> stream(StreamObserver<ReportAck> out) {
                    talking.add(out);
                    return new Deaf<>();
                  }
                })
            .build()
            .start();
    open.add(server::shutdownNow);
    ManagedChannel channel =
        NettyChannelBuilder.forAddress(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), server.getPort()))
            .usePlaintext()
            .build();
    open.add(channel::shutdownNow);
    return channel;
  }

  @AfterEach
  void stop() throws Exception {
    for (AutoCloseable each : open.reversed()) {
      each.close();
    }
  }

  private record Deaf<T>() implements StreamObserver<T> {
    @Override
    public void onNext(T message) {}

    @Override
    public void onError(Throwable gone) {}

    @Override
    public void onCompleted() {}
  }

  @Test
  void a_bundle_on_its_way_is_waited_for_until_it_has_come() throws Exception {
    Iterator<FetchChunk> chunks =
        BundleServiceGrpc.newBlockingStub(serve()).fetch(FetchRequest.getDefaultInstance());
    assertThat(chunks.next().getOffset()).isZero();

    assertThat(underWay.awaitNone(Duration.ZERO)).isFalse();
    Objects.requireNonNull(asked.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS)).onCompleted();

    assertThat(underWay.awaitNone(PATIENCE)).isTrue();
    assertThat(chunks.hasNext()).isFalse();
  }

  @Test
  void who_hangs_up_is_not_waited_for() throws Exception {
    Context.CancellableContext client = Context.current().withCancellation();
    ManagedChannel channel = serve();
    Iterator<FetchChunk> chunks =
        client.call(() ->
            BundleServiceGrpc.newBlockingStub(channel).fetch(FetchRequest.getDefaultInstance()));
    assertThat(chunks.next().getOffset()).isZero();
    assertThat(underWay.awaitNone(Duration.ZERO)).isFalse();

    client.cancel(null);

    assertThat(underWay.awaitNone(PATIENCE)).isTrue();
  }

  @Test
  void a_stream_on_which_the_peer_goes_on_talking_is_not_waited_for() throws Exception {
    StreamObserver<Report> peer = TelemetryServiceGrpc.newStub(serve()).stream(new Deaf<>());
    assertThat(talking.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isNotNull();

    assertThat(underWay.awaitNone(Duration.ZERO)).isTrue();
    peer.onCompleted();
  }
}
