package dev.meshctl.dataplane.protocols;

import static dev.meshctl.dataplane.testing.Snapshots.assignment;
import static dev.meshctl.dataplane.testing.Snapshots.cluster;
import static dev.meshctl.dataplane.testing.Snapshots.http;
import static dev.meshctl.dataplane.testing.Snapshots.listener;
import static dev.meshctl.dataplane.testing.Snapshots.plain;
import static dev.meshctl.dataplane.testing.Snapshots.route;
import static dev.meshctl.dataplane.testing.Snapshots.routes;
import static dev.meshctl.dataplane.testing.Snapshots.settings;
import static dev.meshctl.dataplane.testing.Snapshots.tcp;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.meshctl.dataplane.DataPlane;
import dev.meshctl.dataplane.testing.Backend;
import dev.meshctl.dataplane.testing.Snapshots;
import dev.meshctl.model.xds.ClusterConfig.Transport;
import dev.meshctl.model.xds.ClusterConfig.UpstreamProtocol;
import dev.meshctl.model.xds.HttpOptions;
import dev.meshctl.model.xds.ListenerConfig;
import dev.meshctl.model.xds.ListenerConfig.Direction;
import dev.meshctl.model.xds.NetworkFilter;
import dev.meshctl.model.xds.RouteTableConfig.RouteAction;
import dev.meshctl.model.xds.SocketEndpoint;
import dev.meshctl.model.xds.WeightedCluster;
import dev.meshctl.model.xds.XdsResource;
import dev.meshctl.xdsclient.ConfigSink.Rejection;
import io.netty.channel.epoll.Epoll;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.URI;
import java.net.UnixDomainSocketAddress;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Listeners and hosts at Unix sockets. */
@Timeout(60)
class UnixSocketTest {
  private static final String GET = "GET /headers HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";

  private final Backend backend = new Backend("b");
  private final DataPlane front = DataPlane.start(withAdmin(), Optional.empty());
  private final DataPlane behind = DataPlane.start(settings("behind", 2), Optional.empty());

  @TempDir Path folder;

  private static DataPlane.Settings withAdmin() {
    DataPlane.Settings plain = settings("front", 2);
    return new DataPlane.Settings(
        plain.node(),
        plain.workerThreads(),
        Optional.of(new SocketEndpoint("127.0.0.1", 0)),
        plain.dns(),
        plain.accessLog(),
        plain.drainDeadline());
  }

  @AfterEach
  void stop() {
    front.close();
    behind.close();
    backend.close();
  }

  private SocketEndpoint at(String name) {
    return SocketEndpoint.pipe(folder.resolve(name).toString(), 0);
  }

  private static ListenerConfig web(SocketEndpoint at) {
    return listener(
        "out",
        Direction.OUTBOUND,
        at,
        plain(
            http("out")
                .withOptions(
                    HttpOptions.DEFAULT.withClient(HttpOptions.ClientAddress.FROM_OUTSIDE))));
  }

  /** The backend, behind a Unix socket. */
  private void serveAt(SocketEndpoint place) {
    assertThat(
            behind.accept(
                Snapshots.of(
                    web(place),
                    routes("out", route(RouteAction.Forward.to("b"))),
                    cluster("b", backend.address()))))
        .isEmpty();
  }

  private static List<Rejection> start(DataPlane plane, XdsResource... resources) {
    return plane.accept(Snapshots.of(resources));
  }

  private static String say(SocketEndpoint to, String text) throws IOException {
    try (SocketChannel socket = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      socket.connect(UnixDomainSocketAddress.of(to.address()));
      socket.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII)));
      return new String(Channels.newInputStream(socket).readAllBytes(), StandardCharsets.US_ASCII);
    }
  }

  @Test
  void requests_pass_from_socket_to_socket_in_either_version_of_http() throws Exception {
    serveAt(at("b.sock"));
    for (UpstreamProtocol protocol : List.of(UpstreamProtocol.HTTP1, UpstreamProtocol.HTTP2)) {
      assertThat(
              start(
                  front,
                  web(at("a.sock")),
                  routes("out", route(RouteAction.Forward.to("b"))),
                  cluster(
                      "b",
                      new Transport.Plaintext(),
                      protocol,
                      assignment("b", false, at("b.sock")))))
          .isEmpty();
      assertThat(say(at("a.sock"), GET))
          .startsWith("HTTP/1.1 200")
          .contains("x-forwarded-proto: http\n")
          .doesNotContain("x-forwarded-for");
    }
  }

  @Test
  void bytes_pass_from_socket_to_socket() throws Exception {
    serveAt(at("b.sock"));
    NetworkFilter bytes = tcp(WeightedCluster.only("b"));
    assertThat(
            start(
                front,
                listener("tcp", Direction.OUTBOUND, at("a.sock"), plain(bytes)),
                cluster("b", at("b.sock"))))
        .isEmpty();
    assertThat(say(at("a.sock"), GET)).startsWith("HTTP/1.1 200");
  }

  @Test
  void the_admin_pages_show_the_paths() throws Exception {
    serveAt(at("b.sock"));
    assertThat(
            start(
                front,
                web(at("a.sock")),
                routes("out", route(RouteAction.Forward.to("b"))),
                cluster("b", at("b.sock"))))
        .isEmpty();
    assertThat(say(at("a.sock"), GET)).startsWith("HTTP/1.1 200");
    assertThat(admin("/listeners")).contains("out::" + at("a.sock").address());
    assertThat(admin("/listeners?format=json"))
        .containsPattern("\"pipe\" *: *\\{ *\"path\" *: *\"" + at("a.sock").address());
    assertThat(admin("/clusters")).contains("b::" + at("b.sock").address() + "::");
  }

  private String admin(String path) throws IOException, InterruptedException {
    try (HttpClient client = HttpClient.newHttpClient()) {
      return client
          .send(
              HttpRequest.newBuilder(
                      URI.create("http:/" + front.adminAddress().orElseThrow() + path))
                  .build(),
              HttpResponse.BodyHandlers.ofString())
          .body()
          .replaceAll("\\s+", " ");
    }
  }

  @Test
  void the_file_has_its_mode_and_goes_with_its_listener() throws Exception {
    Path path = folder.resolve("a.sock");
    SocketEndpoint closed = SocketEndpoint.pipe(path.toString(), 0600);
    XdsResource table = routes("out", route(RouteAction.Forward.to("b")));
    assertThat(start(front, web(closed), table, cluster("b", backend.address()))).isEmpty();
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
        .isEqualTo("rw-------");
    assertThat(start(front, table)).isEmpty();
    assertThat(path).doesNotExist();
    assertThat(start(front, web(closed), table, cluster("b", backend.address()))).isEmpty();
    front.close();
    assertThat(path).doesNotExist();
  }

  @Test
  void a_file_that_a_killed_process_left_is_replaced() throws Exception {
    Path path = folder.resolve("a.sock");
    try (ServerSocketChannel killed = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      killed.bind(UnixDomainSocketAddress.of(path));
    }
    assertThat(path).exists();
    serveAt(at("a.sock"));
    assertThat(say(at("a.sock"), GET)).startsWith("HTTP/1.1 200");
  }

  @Test
  void what_is_in_use_or_no_socket_is_left_alone() throws Exception {
    serveAt(at("a.sock"));
    XdsResource table = routes("out", route(RouteAction.Forward.to("b")));
    assertThat(start(front, web(at("a.sock")), table, cluster("b", backend.address())))
        .singleElement()
        .asString()
        .contains("cannot listen at " + at("a.sock").address())
        .contains("somebody listens there already");
    assertThat(say(at("a.sock"), GET)).startsWith("HTTP/1.1 200");

    Path notes = Files.writeString(folder.resolve("notes"), "mine");
    assertThat(start(front, web(at("notes")), table, cluster("b", backend.address())))
        .singleElement()
        .asString()
        .contains("no socket");
    assertThat(notes).hasContent("mine");
  }

  @Test
  void a_socket_may_have_a_name_and_no_file() throws Exception {
    assumeThat(Epoll.isAvailable()).isTrue();
    SocketEndpoint named = SocketEndpoint.pipe("@" + folder, 0);
    serveAt(named);
    assertThat(
            start(
                front,
                web(at("a.sock")),
                routes("out", route(RouteAction.Forward.to("b"))),
                cluster("b", named)))
        .isEmpty();
    assertThat(say(at("a.sock"), GET)).startsWith("HTTP/1.1 200");
    assertThat(Files.readString(Path.of("/proc/net/unix"))).contains(named.address() + "\n");
  }
}
