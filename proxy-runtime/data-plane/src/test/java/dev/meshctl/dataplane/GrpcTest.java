package dev.meshctl.dataplane;

import static dev.meshctl.dataplane.testing.Snapshots.ANY_PORT;
import static dev.meshctl.dataplane.testing.Snapshots.assignment;
import static dev.meshctl.dataplane.testing.Snapshots.cluster;
import static dev.meshctl.dataplane.testing.Snapshots.http;
import static dev.meshctl.dataplane.testing.Snapshots.listener;
import static dev.meshctl.dataplane.testing.Snapshots.plain;
import static dev.meshctl.dataplane.testing.Snapshots.route;
import static dev.meshctl.dataplane.testing.Snapshots.routes;
import static dev.meshctl.dataplane.testing.Snapshots.settings;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.meshctl.dataplane.testing.GrpcEcho;
import dev.meshctl.dataplane.testing.Snapshots;
import dev.meshctl.model.telemetry.EdgeKey.Protocol;
import dev.meshctl.model.telemetry.EdgeSample;
import dev.meshctl.model.xds.ClusterConfig.Transport;
import dev.meshctl.model.xds.ClusterConfig.UpstreamProtocol;
import dev.meshctl.model.xds.ListenerConfig.Direction;
import dev.meshctl.model.xds.RouteTableConfig.RouteAction;
import dev.meshctl.model.xds.SocketEndpoint;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** gRPC of every kind through the proxy, driven by grpc-java on both ends. */
class GrpcTest {
  private Server server;
  private DataPlane plane;
  private ManagedChannel channel;

  @BeforeEach
  void start() throws IOException {
    server =
        NettyServerBuilder.forAddress(new InetSocketAddress("127.0.0.1", 0))
            .addService(GrpcEcho.service())
            .build()
            .start();
    plane = DataPlane.start(settings("client", 1), Optional.empty());
    assertThat(
            plane.accept(
                Snapshots.of(
                    listener("out", Direction.OUTBOUND, ANY_PORT, plain(http("out"))),
                    routes(
                        "out",
                        route("/test.Echo/", RouteAction.Forward.to("echo")),
                        route("/nobody.", RouteAction.Forward.to("nobody"))),
                    cluster(
                        "echo",
                        new Transport.Plaintext(),
                        UpstreamProtocol.HTTP2,
                        assignment(
                            "echo", false, new SocketEndpoint("127.0.0.1", server.getPort()))),
                    cluster(
                        "nobody",
                        new Transport.Plaintext(),
                        UpstreamProtocol.HTTP2,
                        assignment("nobody", false)))))
        .isEmpty();
    channel =
        NettyChannelBuilder.forAddress(Objects.requireNonNull(plane.listenAddresses().get("out")))
            .usePlaintext()
            .maxInboundMessageSize(16 << 20)
            .build();
  }

  @AfterEach
  void stop() throws InterruptedException {
    channel.shutdownNow();
    channel.awaitTermination(5, TimeUnit.SECONDS);
    plane.close();
    server.shutdownNow();
    server.awaitTermination();
  }

  @Test
  void a_unary_call_passes_with_its_trailers() {
    byte[] sent = new byte[1_000_000];
    sent[999_999] = 7;
    for (int i = 0; i < 10; i++) {
      assertThat(ClientCalls.blockingUnaryCall(channel, GrpcEcho.UNARY, CallOptions.DEFAULT, sent))
          .isEqualTo(sent);
    }
    List<EdgeSample> edges = plane.drainTelemetry();
    assertThat(edges).hasSize(1);
    assertThat(edges.getFirst().key().protocol()).isEqualTo(Protocol.GRPC);
    assertThat(edges.getFirst().requests()).isEqualTo(10);
    assertThat(edges.getFirst().responses().getFirst().grpcStatus()).isZero();
  }

  @Test
  void a_failed_call_keeps_its_status_and_message() {
    assertThatThrownBy(() ->
            ClientCalls.blockingUnaryCall(
                channel, GrpcEcho.FAIL, CallOptions.DEFAULT, new byte[] {1}))
        .isInstanceOf(StatusRuntimeException.class)
        .hasMessage("FAILED_PRECONDITION: not now");
    assertThat(plane.drainTelemetry().getFirst().responses().getFirst().grpcStatus()).isEqualTo(9);
  }

  @Test
  void a_stream_larger_than_every_window_arrives_whole() {
    Iterator<byte[]> answers =
        ClientCalls.blockingServerStreamingCall(
            channel, GrpcEcho.MANY, CallOptions.DEFAULT, new byte[100_000]);
    int count = 0;
    while (answers.hasNext()) {
      assertThat(answers.next()).hasSize(100_000);
      count++;
    }
    assertThat(count).isEqualTo(200);
  }

  @Test
  void both_directions_of_a_stream_flow_at_once() throws Exception {
    CompletableFuture<List<byte[]>> all = new CompletableFuture<>();
    List<byte[]> answers = new ArrayList<>();
    StreamObserver<byte[]> requests =
        ClientCalls.asyncBidiStreamingCall(
            channel.newCall(GrpcEcho.CHAT, CallOptions.DEFAULT),
            new StreamObserver<>() {
              @Override
              public void onNext(byte[] value) {
                answers.add(value);
              }

              @Override
              public void onError(Throwable t) {
                all.completeExceptionally(t);
              }

              @Override
              public void onCompleted() {
                all.complete(answers);
              }
            });
    for (int i = 0; i < 100; i++) {
      requests.onNext(new byte[10_000]);
    }
    requests.onCompleted();
    assertThat(all.get(20, TimeUnit.SECONDS)).hasSize(100);
  }

  @Test
  void a_failure_of_the_proxy_is_a_grpc_status() {
    MethodDescriptor<byte[], byte[]> nobody =
        GrpcEcho.UNARY.toBuilder().setFullMethodName("nobody.There/Call").build();
    assertThatThrownBy(
            () -> ClientCalls.blockingUnaryCall(channel, nobody, CallOptions.DEFAULT, new byte[0]))
        .hasMessage("UNAVAILABLE: no healthy upstream");
    MethodDescriptor<byte[], byte[]> unknown =
        GrpcEcho.UNARY.toBuilder().setFullMethodName("unknown.Service/Call").build();
    assertThatThrownBy(
            () -> ClientCalls.blockingUnaryCall(channel, unknown, CallOptions.DEFAULT, new byte[0]))
        .hasMessageStartingWith("UNIMPLEMENTED");
  }

  @Test
  void a_stream_under_way_ends_well_while_the_proxy_drains() throws Exception {
    CompletableFuture<Integer> all = new CompletableFuture<>();
    CompletableFuture<Boolean> first = new CompletableFuture<>();
    StreamObserver<byte[]> requests =
        ClientCalls.asyncBidiStreamingCall(
            channel.newCall(GrpcEcho.CHAT, CallOptions.DEFAULT),
            new StreamObserver<>() {
              private int count;

              @Override
              public void onNext(byte[] value) {
                count++;
                first.complete(true);
              }

              @Override
              public void onError(Throwable t) {
                all.completeExceptionally(t);
              }

              @Override
              public void onCompleted() {
                all.complete(count);
              }
            });
    requests.onNext(new byte[10]);
    assertThat(first.get(10, TimeUnit.SECONDS)).isTrue();
    Thread closing = Thread.ofVirtual().start(plane::close);
    org.awaitility.Awaitility.await().until(() -> plane.listenAddresses().isEmpty());
    requests.onNext(new byte[10]);
    requests.onCompleted();
    assertThat(all.get(10, TimeUnit.SECONDS)).isEqualTo(2);
    closing.join();
  }
}
