package dev.meshctl.dataplane.protocols;

import static dev.meshctl.dataplane.testing.Snapshots.ANY_PORT;
import static dev.meshctl.dataplane.testing.Snapshots.cluster;
import static dev.meshctl.dataplane.testing.Snapshots.http;
import static dev.meshctl.dataplane.testing.Snapshots.listener;
import static dev.meshctl.dataplane.testing.Snapshots.plain;
import static dev.meshctl.dataplane.testing.Snapshots.route;
import static dev.meshctl.dataplane.testing.Snapshots.routes;
import static dev.meshctl.dataplane.testing.Snapshots.settings;
import static dev.meshctl.dataplane.testing.Snapshots.tcp;
import static org.assertj.core.api.Assertions.assertThat;

import dev.meshctl.dataplane.DataPlane;
import dev.meshctl.dataplane.observe.LoopCounters.Counter;
import dev.meshctl.dataplane.testing.Backend;
import dev.meshctl.dataplane.testing.Snapshots;
import dev.meshctl.model.xds.AccessControl;
import dev.meshctl.model.xds.AccessRules;
import dev.meshctl.model.xds.AccessRules.Action;
import dev.meshctl.model.xds.AccessRules.Condition;
import dev.meshctl.model.xds.AccessRules.Policy;
import dev.meshctl.model.xds.AccessRules.Which;
import dev.meshctl.model.xds.FilterChain;
import dev.meshctl.model.xds.FilterChain.ChainMatch;
import dev.meshctl.model.xds.FilterChain.Cidr;
import dev.meshctl.model.xds.HttpOptions;
import dev.meshctl.model.xds.ListenerConfig;
import dev.meshctl.model.xds.ListenerConfig.Direction;
import dev.meshctl.model.xds.ProxyProtocol;
import dev.meshctl.model.xds.RouteTableConfig.RouteAction;
import dev.meshctl.model.xds.SocketEndpoint;
import dev.meshctl.model.xds.WeightedCluster;
import io.netty.buffer.ByteBufUtil;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Clients behind somebody who says whose connection it is. */
class ProxyProtocolTest {
  private static final String TOLD = "PROXY TCP4 192.0.2.1 198.51.100.2 56324 443\r\n";
  private static final String GET = "GET /headers HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";

  private final Backend backend = new Backend("b");
  private final DataPlane plane = DataPlane.start(settings("edge", 1), Optional.empty());

  @AfterEach
  void stop() {
    plane.close();
    backend.close();
  }

  private InetSocketAddress behind(ProxyProtocol header, AccessControl... access) {
    return behind(header, Duration.ofSeconds(5), access);
  }

  private InetSocketAddress behind(
      ProxyProtocol header, Duration timeout, AccessControl... access) {
    FilterChain open =
        plain(
            http("out")
                .withOptions(
                    HttpOptions.DEFAULT.withClient(HttpOptions.ClientAddress.FROM_OUTSIDE)));
    FilterChain guarded =
        new FilterChain(
            "plain",
            ChainMatch.ANY,
            Optional.empty(),
            List.of(access),
            open.filter(),
            Optional.empty());
    ListenerConfig plainly = listener("out", Direction.OUTBOUND, ANY_PORT, guarded);
    ListenerConfig patient =
        new ListenerConfig(
            plainly.name(),
            plainly.direction(),
            plainly.address(),
            true,
            false,
            false,
            timeout,
            plainly.chains(),
            Optional.empty());
    assertThat(
            plane.accept(
                Snapshots.of(
                    patient.behind(header),
                    routes("out", route(RouteAction.Forward.to("b"))),
                    cluster("b", backend.address()))))
        .isEmpty();
    return Objects.requireNonNull(plane.listenAddresses().get("out"));
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  /** All that comes back; empty where the connection ends without a word. */
  private static String say(InetSocketAddress at, byte[]... pieces) throws IOException {
    try (Socket socket = new Socket(at.getAddress(), at.getPort())) {
      socket.setSoTimeout(10_000);
      socket.setTcpNoDelay(true);
      for (byte[] piece : pieces) {
        socket.getOutputStream().write(piece);
      }
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
    } catch (IOException reset) {
      assertThat(reset).message().containsAnyOf("reset", "Broken pipe");
      return "";
    }
  }

  @Test
  void the_told_address_is_the_clients() throws Exception {
    InetSocketAddress at = behind(ProxyProtocol.REQUIRED);
    assertThat(say(at, ascii(TOLD + GET))).contains("x-forwarded-for: 192.0.2.1\n");
    byte[] binary =
        ByteBufUtil.decodeHexDump(
            "0d0a0d0a000d0a515549540a"
                + "21110013"
                + "c0000207c6336402dc0401bb"
                + "04000100ff0000");
    assertThat(say(at, binary, ascii(GET))).contains("x-forwarded-for: 192.0.2.7\n");
    byte[] own = ByteBufUtil.decodeHexDump("0d0a0d0a000d0a515549540a" + "20000000");
    assertThat(say(at, own, ascii(GET))).contains("x-forwarded-for: 127.0.0.1\n");
  }

  @Test
  void a_header_may_come_in_pieces() throws Exception {
    byte[][] pieces = new byte[TOLD.length() + 1][];
    for (int i = 0; i < TOLD.length(); i++) {
      pieces[i] = ascii(TOLD.substring(i, i + 1));
    }
    pieces[TOLD.length()] = ascii(GET);
    assertThat(say(behind(ProxyProtocol.REQUIRED), pieces))
        .contains("x-forwarded-for: 192.0.2.1\n");
  }

  @Test
  void without_a_header_that_is_required_nothing_is_served() throws Exception {
    InetSocketAddress at = behind(ProxyProtocol.REQUIRED);
    assertThat(say(at, ascii(GET))).isEmpty();
    assertThat(say(at, ascii("PROXY TCP4 1.2.3.4 1.2.3.4 99999 1\r\n" + GET))).isEmpty();
    assertThat(backend.requests()).isZero();
  }

  @Test
  void a_header_may_be_left_out_where_that_is_allowed() throws Exception {
    InetSocketAddress at = behind(new ProxyProtocol(true, true, true));
    assertThat(say(at, ascii(GET))).contains("x-forwarded-for: 127.0.0.1\n");
    assertThat(say(at, ascii(TOLD + GET))).contains("x-forwarded-for: 192.0.2.1\n");
  }

  @Test
  void a_version_that_is_not_allowed_is_refused() throws Exception {
    assertThat(say(behind(new ProxyProtocol(false, false, true)), ascii(TOLD + GET))).isEmpty();
    assertThat(backend.requests()).isZero();
  }

  @Test
  void who_does_not_send_its_header_in_time_is_closed() throws Exception {
    InetSocketAddress at = behind(ProxyProtocol.REQUIRED, Duration.ofMillis(50));
    assertThat(say(at, ascii("PROXY TCP4 "))).isEmpty();
    assertThat(plane.counter(Counter.DOWNSTREAM_PRE_CX_TIMEOUT)).isEqualTo(1);
  }

  @Test
  void who_sends_no_header_in_time_goes_on_where_the_listener_says_so() throws Exception {
    ListenerConfig strict =
        listener("out", Direction.OUTBOUND, ANY_PORT, plain(tcp(WeightedCluster.only("b"))));
    ListenerConfig patient =
        new ListenerConfig(
            strict.name(),
            strict.direction(),
            strict.address(),
            true,
            false,
            false,
            Duration.ofMillis(50),
            strict.chains(),
            Optional.empty(),
            0,
            Optional.of(ProxyProtocol.REQUIRED),
            false,
            List.of());
    try (ServerSocket greeter = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      assertThat(
              plane.accept(
                  Snapshots.of(
                      patient,
                      cluster("b", new SocketEndpoint("127.0.0.1", greeter.getLocalPort())))))
          .isEmpty();
      InetSocketAddress at = Objects.requireNonNull(plane.listenAddresses().get("out"));
      try (Socket client = new Socket(at.getAddress(), at.getPort());
          Socket served = greeter.accept()) {
        client.setSoTimeout(10_000);
        served.getOutputStream().write('+');
        assertThat(client.getInputStream().read()).isEqualTo('+');
      }
    }
  }

  private static AccessControl only(Which which, String address) {
    return AccessControl.enforcing(
        new AccessRules(
            Action.ALLOW,
            Map.of(
                "p",
                new Policy(
                    List.of(new Condition.Always()),
                    List.of(new Condition.SourceIp(which, new Cidr(address, 32)))))));
  }

  @Test
  void access_rules_tell_the_client_from_who_stands_before_us() throws Exception {
    assertThat(
            say(
                behind(
                    ProxyProtocol.REQUIRED,
                    only(Which.CONNECTION, "192.0.2.1"),
                    only(Which.REMOTE, "192.0.2.1"),
                    only(Which.DIRECT, "127.0.0.1")),
                ascii(TOLD + GET)))
        .startsWith("HTTP/1.1 200");
    assertThat(
            say(behind(ProxyProtocol.REQUIRED, only(Which.DIRECT, "192.0.2.1")), ascii(TOLD + GET)))
        .isEmpty();
  }
}
