package dev.meshctl.dataplane.hardening;

import static dev.meshctl.dataplane.testing.Snapshots.ANY_PORT;
import static dev.meshctl.dataplane.testing.Snapshots.http;
import static dev.meshctl.dataplane.testing.Snapshots.listener;
import static dev.meshctl.dataplane.testing.Snapshots.plain;
import static dev.meshctl.dataplane.testing.Snapshots.settings;
import static org.assertj.core.api.Assertions.assertThat;

import dev.meshctl.dataplane.DataPlane;
import dev.meshctl.dataplane.observe.LoopCounters.Counter;
import dev.meshctl.dataplane.testing.Snapshots;
import dev.meshctl.dataplane.testing.TestAuthority;
import dev.meshctl.model.xds.ListenerConfig;
import dev.meshctl.model.xds.ListenerConfig.Direction;
import dev.meshctl.model.xds.XdsSnapshot;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Clients that connect and say nothing, or not enough to tell what they speak. */
class SilentClientTest {
  private static final int PATIENCE_MILLIS = 10_000;

  private static ListenerConfig detecting() {
    ListenerConfig plain = listener("out", Direction.OUTBOUND, ANY_PORT, plain(http("none")));
    return new ListenerConfig(
        plain.name(),
        plain.direction(),
        plain.address(),
        true,
        false,
        true,
        Duration.ZERO,
        plain.chains(),
        Optional.empty());
  }

  private static Socket connect(DataPlane plane) throws IOException {
    InetSocketAddress at = Objects.requireNonNull(plane.listenAddresses().get("out"));
    Socket socket = new Socket(at.getAddress(), at.getPort());
    socket.setSoTimeout(PATIENCE_MILLIS);
    return socket;
  }

  private static long active(DataPlane plane) {
    return plane.counter(Counter.DOWNSTREAM_CX_ACTIVE);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "P", "PRI"})
  void who_does_not_say_which_http_it_speaks_is_closed(String said) throws IOException {
    try (Tap tap = Tap.answering(Tap.OK);
        ProxyInFront proxy = new ProxyInFront(tap, Duration.ZERO, Duration.ofMillis(300));
        Socket silent = proxy.connect()) {
      silent.getOutputStream().write(said.getBytes(StandardCharsets.US_ASCII));

      assertThat(silent.getInputStream().read()).isEqualTo(-1);
      assertThat(proxy.plane().counter(Counter.DOWNSTREAM_PRE_CX_TIMEOUT)).isEqualTo(1);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "P", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"})
  void who_leaves_without_a_request_leaves_nothing_behind(String said) throws IOException {
    try (Tap tap = Tap.answering(Tap.OK);
        ProxyInFront proxy = new ProxyInFront(tap)) {
      try (Socket leaving = proxy.connect()) {
        leaving.getOutputStream().write(said.getBytes(StandardCharsets.US_ASCII));
        Awaitility.await().until(() -> active(proxy.plane()) == 1);
      }

      Awaitility.await().until(() -> active(proxy.plane()) == 0);
    }
  }

  @Test
  void who_leaves_before_it_is_told_what_it_speaks_leaves_nothing_behind() throws IOException {
    try (DataPlane plane = DataPlane.start(settings("client", 1), Optional.empty())) {
      assertThat(plane.accept(Snapshots.of(detecting()))).isEmpty();
      try (Socket unused = connect(plane)) {
        Awaitility.await().until(() -> active(plane) == 1);
      }

      Awaitility.await().until(() -> active(plane) == 0);
    }
  }

  @Test
  void who_leaves_in_the_middle_of_a_handshake_leaves_nothing_behind() throws IOException {
    TestAuthority authority = new TestAuthority();
    try (DataPlane plane =
        DataPlane.start(settings("client", 1), Optional.of(authority.issue("client")))) {
      assertThat(
              plane.accept(
                  Snapshots.of(
                      listener(
                          "out",
                          Direction.OUTBOUND,
                          ANY_PORT,
                          Snapshots.encrypted(Snapshots.strictTls(), http("none"))))))
          .isEmpty();
      try (Socket unused = connect(plane)) {
        Awaitility.await().until(() -> active(plane) == 1);
      }

      // A handshake may take 15 s.
      Awaitility.await().atMost(Duration.ofSeconds(5)).until(() -> active(plane) == 0);
    }
  }

  @Test
  void a_listener_that_is_taken_away_takes_silent_clients_along() throws IOException {
    try (DataPlane plane = DataPlane.start(settings("client", 1), Optional.empty())) {
      assertThat(plane.accept(Snapshots.of(detecting()))).isEmpty();
      try (Socket silent = connect(plane)) {
        Awaitility.await().until(() -> active(plane) == 1);

        plane.accept(XdsSnapshot.EMPTY);

        assertThat(silent.getInputStream().read()).isEqualTo(-1);
      }
    }
  }

  @Test
  void a_proxy_that_ends_does_not_wait_for_silent_clients() throws IOException {
    DataPlane plane = DataPlane.start(settings("client", 1), Optional.empty());
    assertThat(plane.accept(Snapshots.of(detecting()))).isEmpty();
    try (Socket silent = connect(plane)) {
      Awaitility.await().until(() -> active(plane) == 1);

      long before = System.nanoTime();
      plane.close();

      // The deadline of the fixture's drain is 2 s.
      assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(2));
      assertThat(silent.getInputStream().read()).isEqualTo(-1);
    }
  }
}
