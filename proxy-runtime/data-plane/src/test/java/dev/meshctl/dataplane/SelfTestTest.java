package dev.meshctl.dataplane;

import static dev.meshctl.dataplane.testing.Snapshots.settings;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.meshctl.dataplane.hardening.Tap;
import dev.meshctl.model.xds.SocketEndpoint;
import dev.meshctl.model.xds.XdsSnapshot;
import dev.meshctl.net.handover.Inheritance;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What a proxy asks itself before it takes another's place. */
class SelfTestTest {
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private static InetSocketAddress at(SocketEndpoint endpoint) {
    return new InetSocketAddress(endpoint.address(), endpoint.port());
  }

  @Test
  void one_that_works_passes_and_shows_nothing_of_it_afterwards() {
    try (DataPlane plane = DataPlane.standBy(settings("client", 2), Optional.empty())) {
      assertThatThrownBy(() -> plane.selfTest(PATIENCE)).isInstanceOf(IllegalStateException.class);
      assertThat(plane.accept(XdsSnapshot.EMPTY)).isEmpty();
      assertThat(plane.selfTest(PATIENCE)).isEmpty();
      assertThat(plane.takeOver(Inheritance.none())).isEmpty();
      assertThat(plane.listenAddresses()).isEmpty();
    }
  }

  @Test
  void one_that_answers_everything_with_500_does_not() throws Exception {
    try (Tap broken =
        Tap.answering("HTTP/1.1 500 Internal Server Error\r\nConnection: close\r\n\r\n")) {
      assertThat(SelfTest.ask(at(broken.address()), Duration.ofSeconds(1))).isPresent();
    }
    try (Tap broken =
        Tap.open((tap, in, out) -> {
          tap.head(in);
          out.write(
              "HTTP/1.1 500 Internal Server Error\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        })) {
      assertThat(SelfTest.ask(at(broken.address()), PATIENCE))
          .hasValueSatisfying(
              why -> assertThat(why).contains("'HTTP/1.1 500 Internal Server Error'"));
    }
  }

  @Test
  void one_that_is_silent_does_not() throws Exception {
    try (Tap silent = Tap.open((tap, in, out) -> in.transferTo(OutputStream.nullOutputStream()))) {
      assertThat(SelfTest.ask(at(silent.address()), Duration.ofMillis(100)))
          .hasValueSatisfying(why -> assertThat(why).contains("was not answered"));
    }
  }
}
