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
import static dev.meshctl.dataplane.testing.Snapshots.tcp;
import static dev.meshctl.dataplane.testing.Snapshots.weighted;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.meshctl.dataplane.hardening.Tap;
import dev.meshctl.dataplane.testing.Backend;
import dev.meshctl.dataplane.testing.Dynasty;
import dev.meshctl.dataplane.testing.GrpcEcho;
import dev.meshctl.dataplane.testing.Snapshots;
import dev.meshctl.dataplane.testing.StrictClients;
import dev.meshctl.model.xds.ClusterConfig.Transport;
import dev.meshctl.model.xds.ClusterConfig.UpstreamProtocol;
import dev.meshctl.model.xds.ListenerConfig;
import dev.meshctl.model.xds.ListenerConfig.Direction;
import dev.meshctl.model.xds.NameTable;
import dev.meshctl.model.xds.RouteTableConfig.RouteAction;
import dev.meshctl.model.xds.SocketEndpoint;
import dev.meshctl.model.xds.XdsResource;
import dev.meshctl.model.xds.XdsSnapshot;
import dev.meshctl.net.handover.Handed;
import dev.meshctl.net.handover.Predecessor;
import dev.meshctl.net.handover.Successors;
import dev.meshctl.net.loop.Loops;
import io.grpc.Server;
import io.grpc.netty.NettyServerBuilder;
import io.netty.channel.epoll.Epoll;
import java.io.IOException;
import java.net.BindException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** One proxy takes the place of another while clients that forgive nothing ask both. */
// As long as its properties ask for.
@Timeout(value = 1, unit = TimeUnit.DAYS)
class HandOverTest {
  /** For the long form: {@code proxy-runtime/bench/hand-over}. */
  private static final int TIMES = Integer.getInteger("handover.times", 8);

  private static final String NAME = "reviews.default.svc.cluster.local";

  @TempDir private Path folder;
  private Backend backend;
  private Tap echo;
  private Server grpc;
  private int dnsPort;

  @BeforeEach
  void start() throws IOException {
    Assumptions.assumeTrue(Epoll.isAvailable(), "sockets go from process to process with epoll");
    backend = new Backend("b");
    echo = Tap.open((tap, in, out) -> in.transferTo(out));
    grpc =
        NettyServerBuilder.forAddress(new InetSocketAddress("127.0.0.1", 0))
            .addService(GrpcEcho.service())
            .build()
            .start();
    dnsPort = freePort();
  }

  /** For datagrams and streams alike. */
  private static int freePort() throws IOException {
    while (true) {
      try (ServerSocket streams = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
          DatagramSocket datagrams =
              new DatagramSocket(streams.getLocalPort(), InetAddress.getLoopbackAddress())) {
        return datagrams.getLocalPort();
      } catch (BindException taken) {
        // Another one.
      }
    }
  }

  @AfterEach
  void stop() throws Exception {
    if (backend != null) {
      backend.close();
      echo.close();
      grpc.shutdownNow();
      grpc.awaitTermination();
    }
  }

  private DataPlane.Settings withLoops(int loops) {
    DataPlane.Settings base = settings("client", loops);
    return new DataPlane.Settings(
        base.node(),
        loops,
        Optional.empty(),
        Optional.of(new SocketEndpoint("127.0.0.1", dnsPort)),
        "",
        base.drainDeadline());
  }

  private XdsSnapshot config(XdsResource... more) {
    List<XdsResource> all =
        new ArrayList<>(
            List.of(
                listener("web", Direction.OUTBOUND, ANY_PORT, plain(http("web"))),
                listener("bytes", Direction.OUTBOUND, ANY_PORT, plain(tcp(weighted("echo", 1)))),
                routes(
                    "web",
                    route("/test.Echo/", RouteAction.Forward.to("grpc")),
                    route(RouteAction.Forward.to("backend"))),
                cluster("backend", backend.address()),
                cluster("echo", echo.address()),
                cluster(
                    "grpc",
                    new Transport.Plaintext(),
                    UpstreamProtocol.HTTP2,
                    assignment("grpc", false, new SocketEndpoint("127.0.0.1", grpc.getPort()))),
                new NameTable(NameTable.NAME, Map.of(NAME, List.of("127.0.0.9")))));
    all.addAll(List.of(more));
    return Snapshots.of(all.toArray(XdsResource[]::new));
  }

  private static InetSocketAddress at(Dynasty dynasty, String listener) {
    return Objects.requireNonNull(dynasty.present().listenAddresses().get(listener));
  }

  private void ask(StrictClients clients, Dynasty dynasty) {
    InetSocketAddress web = at(dynasty, "web");
    InetSocketAddress bytes = at(dynasty, "bytes");
    clients.keepingAlive(web);
    clients.connectingEachTime(web);
    clients.streaming(web);
    clients.calling(web);
    clients.conversing(web, 10, 20);
    clients.echoing(bytes, 1, 0);
    clients.echoing(bytes, 20, 20);
    clients.resolving(new InetSocketAddress("127.0.0.1", dnsPort), NAME);
  }

  /** Each client has had more answers than before: it is the present one that gives them. */
  private static void awaitMore(StrictClients clients) {
    Map<String, Long> before = clients.answers();
    await()
        .atMost(Duration.ofSeconds(30))
        .until(() ->
            clients.answers().entrySet().stream()
                .allMatch(
                    each -> each.getValue() > Objects.requireNonNull(before.get(each.getKey()))));
  }

  @Test
  void no_request_connection_stream_or_query_is_lost() throws Exception {
    try (Dynasty dynasty = new Dynasty(withLoops(2), config(), folder);
        StrictClients clients = new StrictClients()) {
      ask(clients, dynasty);
      awaitMore(clients);
      InetSocketAddress web = at(dynasty, "web");
      for (int i = 0; i < TIMES; i++) {
        // Loops come and go with the flags of a version: sockets are spread anew.
        dynasty.succeed(withLoops(1 + i % 3), config());
        assertThat(at(dynasty, "web")).isEqualTo(web);
        awaitMore(clients);
        assertThat(clients.failures()).isEmpty();
      }
      clients.close();
      assertThat(clients.failures()).isEmpty();
    }
  }

  @Test
  void the_old_one_goes_on_when_the_next_dies_with_the_sockets() throws Exception {
    try (Dynasty dynasty = new Dynasty(withLoops(2), config(), folder);
        StrictClients clients = new StrictClients()) {
      ask(clients, dynasty);
      DataPlane old = dynasty.present();
      for (int i = 0; i < TIMES; i++) {
        dynasty.failToSucceed(config());
        awaitMore(clients);
        assertThat(dynasty.present()).isSameAs(old);
      }
      // It takes configuration again, and can still be followed.
      ListenerConfig more = listener("more", Direction.OUTBOUND, ANY_PORT, plain(http("web")));
      assertThat(old.accept(config(more))).isEmpty();
      assertThat(old.listenAddresses()).containsKey("more");
      dynasty.succeed(config());
      awaitMore(clients);
      clients.close();
      assertThat(clients.failures()).isEmpty();
    }
  }

  @Test
  void the_old_one_comes_back_when_the_next_dies_after_it_took_over() throws Exception {
    try (Dynasty dynasty = new Dynasty(withLoops(1), config(), folder);
        StrictClients clients = new StrictClients()) {
      ask(clients, dynasty);
      for (int i = 0; i < TIMES; i++) {
        dynasty.succeedAndDie(config());
        awaitMore(clients);
      }
      clients.close();
      assertThat(clients.failures()).isEmpty();
    }
  }

  @Test
  void a_change_that_meets_a_hand_over_waits_for_its_end() throws Exception {
    try (DataPlane old = DataPlane.start(withLoops(1), Optional.empty())) {
      assertThat(old.accept(config())).isEmpty();
      assertThat(old.handOver()).hasSize(4);
      ListenerConfig more = listener("more", Direction.OUTBOUND, ANY_PORT, plain(http("web")));
      Thread change = Thread.ofPlatform().start(() -> old.accept(config(more)));
      await().until(() -> change.getState() == Thread.State.WAITING);
      assertThat(old.listenAddresses()).doesNotContainKey("more");
      old.goOn();
      change.join();
      assertThat(old.listenAddresses()).containsKey("more");
    }
  }

  @Test
  void idle_connections_of_http_1_are_told_with_their_next_answer() throws Exception {
    try (Dynasty dynasty = new Dynasty(withLoops(1), config(), folder)) {
      InetSocketAddress web = at(dynasty, "web");
      try (Socket idle = new Socket(web.getAddress(), web.getPort());
          Socket silent = new Socket(web.getAddress(), web.getPort())) {
        idle.setSoTimeout(20_000);
        silent.setSoTimeout(20_000);
        idle.getOutputStream().write(get());
        assertThat(head(idle)).contains("200 OK").doesNotContain("connection: close");
        DataPlane old = dynasty.present();
        await().until(() -> old.openConnections() == 2);
        dynasty.succeed(config());
        idle.getOutputStream().write(get());
        assertThat(head(idle)).contains("200 OK").contains("connection: close");
        // Who never asks is let go once it has been quiet for long enough.
        assertThat(silent.getInputStream().read()).isEqualTo(-1);
      }
    }
  }

  private static byte[] get() {
    return "GET / HTTP/1.1\r\nHost: a\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
  }

  private static String head(Socket from) throws IOException {
    StringBuilder text = new StringBuilder();
    while (text.indexOf("\r\n\r\n") < 0) {
      text.append((char) from.getInputStream().read());
    }
    from.getInputStream().readNBytes(1);
    return text.toString();
  }

  @Test
  void a_unix_socket_keeps_its_file() throws Exception {
    Path pipe = folder.resolve("web");
    ListenerConfig byFile =
        listener(
            "pipe",
            Direction.OUTBOUND,
            SocketEndpoint.pipe(pipe.toString(), 0600),
            plain(http("web")));
    try (Dynasty dynasty = new Dynasty(withLoops(1), config(byFile), folder)) {
      for (int i = 0; i < 3; i++) {
        DataPlane old = dynasty.present();
        dynasty.succeed(config(byFile));
        old.close();
        try (SocketChannel client = SocketChannel.open(UnixDomainSocketAddress.of(pipe))) {
          client.write(ByteBuffer.wrap(get()));
          ByteBuffer answer = ByteBuffer.allocate(15);
          while (answer.hasRemaining() && client.read(answer) >= 0) {
            // As it comes.
          }
          assertThat(new String(answer.array(), StandardCharsets.US_ASCII))
              .isEqualTo("HTTP/1.1 200 OK");
        }
      }
    }
    assertThat(Files.exists(pipe)).isFalse();
  }

  @Test
  void who_would_refuse_a_listener_of_the_one_before_takes_nothing() throws Exception {
    try (DataPlane old = DataPlane.start(withLoops(1), Optional.empty());
        DataPlane next = DataPlane.standBy(withLoops(1), Optional.empty())) {
      assertThat(old.accept(config())).isEmpty();
      XdsResource unusable =
          listener(
              "web",
              Direction.OUTBOUND,
              ANY_PORT,
              Snapshots.encrypted(Snapshots.strictTls(), http("web")));
      assertThat(next.accept(config(unusable))).hasSize(1);
      try (Successors waiting = waiting(old);
          Loops loops = Loops.start(1, "next");
          Predecessor predecessor = Predecessor.ask(loops, folder.resolve("s")).orElseThrow()) {
        assertThat(next.takeOver(predecessor.sockets(Duration.ofSeconds(10))))
            .singleElement()
            .satisfies(rejection -> assertThat(rejection.name()).isEqualTo("web"));
        assertThat(waiting.shared()).isTrue();
      }
    }
  }

  private final Loops ownLoops = Loops.start(1, "old");

  @AfterEach
  void closeLoops() {
    ownLoops.close();
  }

  private Successors waiting(DataPlane old) throws IOException {
    return Successors.await(
        ownLoops,
        folder.resolve("s"),
        new Successors.Offer() {
          @Override
          public List<Handed> share() {
            return old.handOver();
          }

          @Override
          public void alone() {
            old.goOn();
          }
        });
  }
}
