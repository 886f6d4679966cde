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

import dev.meshctl.dataplane.testing.GrpcEcho;
import dev.meshctl.dataplane.testing.Snapshots;
import dev.meshctl.model.telemetry.EdgeKey.Protocol;
import dev.meshctl.model.xds.ClusterConfig.Transport;
import dev.meshctl.model.xds.ClusterConfig.UpstreamProtocol;
import dev.meshctl.model.xds.ListenerConfig.Direction;
import dev.meshctl.model.xds.NetworkFilter.HttpFilter;
import dev.meshctl.model.xds.RouteTableConfig.RouteAction;
import dev.meshctl.model.xds.SocketEndpoint;
import io.grpc.Server;
import io.grpc.netty.NettyServerBuilder;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A browser's gRPC, over HTTP/1.1 and HTTP/2, before a gRPC server that knows nothing of it. */
class GrpcWebTest {
  private final DataPlane plane = DataPlane.start(settings("edge", 1), Optional.empty());
  private Server server;

  @BeforeEach
  void start() throws IOException {
    server =
        NettyServerBuilder.forAddress(new InetSocketAddress("127.0.0.1", 0))
            .addService(GrpcEcho.service())
            .build()
            .start();
    assertThat(
            plane.accept(
                Snapshots.of(
                    listener(
                        "out",
                        Direction.OUTBOUND,
                        ANY_PORT,
                        plain(http("out").withFilters(List.of(new HttpFilter.GrpcWeb("web"))))),
                    routes("out", route(RouteAction.Forward.to("echo"))),
                    cluster(
                        "echo",
                        new Transport.Plaintext(),
                        UpstreamProtocol.HTTP2,
                        assignment(
                            "echo", false, new SocketEndpoint("127.0.0.1", server.getPort()))))))
        .isEmpty();
  }

  @AfterEach
  void stop() throws InterruptedException {
    plane.close();
    server.shutdownNow();
    server.awaitTermination();
  }

  private static byte[] frame(byte[] message) {
    return ByteBuffer.allocate(5 + message.length)
        .put((byte) 0)
        .putInt(message.length)
        .put(message)
        .array();
  }

  /** The frames of a body: messages, then trailers. */
  private static List<byte[]> frames(byte[] body) {
    List<byte[]> frames = new ArrayList<>();
    for (ByteBuffer in = ByteBuffer.wrap(body); in.hasRemaining(); ) {
      assertThat(in.get() & 0xFF).isIn(0, 0x80);
      byte[] frame = new byte[in.getInt()];
      in.get(frame);
      frames.add(frame);
    }
    return frames;
  }

  private static byte[] fromText(byte[] text) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    // Each part is padded on its own.
    for (String part :
        new String(text, StandardCharsets.US_ASCII).split("(?<==)(?!=)|(?<=\\G.{4})")) {
      bytes.writeBytes(Base64.getDecoder().decode(part));
    }
    return bytes.toByteArray();
  }

  private HttpResponse<byte[]> call(
      HttpClient.Version version, String method, String type, byte[] body) throws Exception {
    InetSocketAddress at = Objects.requireNonNull(plane.listenAddresses().get("out"));
    try (HttpClient client = HttpClient.newBuilder().version(version).build()) {
      return client.send(
          HttpRequest.newBuilder(
                  URI.create("http://127.0.0.1:" + at.getPort() + "/test.Echo/" + method))
              .header("content-type", type)
              .header("x-grpc-web", "1")
              .POST(HttpRequest.BodyPublishers.ofByteArray(body))
              .build(),
          HttpResponse.BodyHandlers.ofByteArray());
    }
  }

  private static String type(HttpResponse<?> response) {
    return response.headers().firstValue("content-type").orElse("");
  }

  @ParameterizedTest
  @EnumSource(HttpClient.Version.class)
  void a_call_is_answered_with_the_trailers_in_the_body(HttpClient.Version version)
      throws Exception {
    byte[] sent = new byte[300_000];
    Arrays.fill(sent, (byte) 7);
    HttpResponse<byte[]> response =
        call(version, "Unary", "application/grpc-web+proto", frame(sent));
    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(type(response)).isEqualTo("application/grpc-web");
    List<byte[]> frames = frames(response.body());
    assertThat(frames).hasSize(2);
    assertThat(frames.getFirst()).isEqualTo(sent);
    assertThat(new String(frames.getLast(), StandardCharsets.US_ASCII))
        .contains("grpc-status:0\r\n");
    assertThat(plane.drainTelemetry().getFirst().key().protocol()).isEqualTo(Protocol.GRPC);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 100_000})
  void the_text_form_is_base64_in_both_directions(int length) throws Exception {
    byte[] sent = new byte[length];
    Arrays.fill(sent, (byte) 9);
    HttpResponse<byte[]> response =
        call(
            HttpClient.Version.HTTP_1_1,
            "Many",
            "application/grpc-web-text",
            Base64.getEncoder().encode(frame(sent)));
    assertThat(type(response)).isEqualTo("application/grpc-web-text");
    List<byte[]> frames = frames(fromText(response.body()));
    assertThat(frames).hasSize(201);
    assertThat(frames.subList(0, 200)).allSatisfy(frame -> assertThat(frame).isEqualTo(sent));
    assertThat(new String(frames.getLast(), StandardCharsets.US_ASCII))
        .contains("grpc-status:0\r\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"application/grpc-web", "application/grpc-web-text+proto"})
  void a_failure_keeps_its_status(String type) throws Exception {
    byte[] body = frame(new byte[] {1});
    HttpResponse<byte[]> response =
        call(
            HttpClient.Version.HTTP_1_1,
            "Fail",
            type,
            type.contains("text") ? Base64.getEncoder().encode(body) : body);
    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.headers().firstValue("grpc-status")).contains("9");
    assertThat(response.headers().firstValue("grpc-message")).contains("not now");
  }

  @ParameterizedTest
  @ValueSource(strings = {"AAA", "AAAAAAE*", "====", "AAAAAAEA="})
  void what_is_not_base64_is_refused(String text) throws Exception {
    assertThat(
            call(
                    HttpClient.Version.HTTP_1_1,
                    "Unary",
                    "application/grpc-web-text",
                    text.getBytes(StandardCharsets.US_ASCII))
                .statusCode())
        .isEqualTo(400);
  }
}
