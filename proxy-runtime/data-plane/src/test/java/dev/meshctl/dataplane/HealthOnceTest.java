package dev.meshctl.dataplane;

import static dev.meshctl.dataplane.testing.Snapshots.ANY_PORT;
import static dev.meshctl.dataplane.testing.Snapshots.assignment;
import static dev.meshctl.dataplane.testing.Snapshots.http;
import static dev.meshctl.dataplane.testing.Snapshots.listener;
import static dev.meshctl.dataplane.testing.Snapshots.plain;
import static dev.meshctl.dataplane.testing.Snapshots.route;
import static dev.meshctl.dataplane.testing.Snapshots.routes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.meshctl.dataplane.testing.Backend;
import dev.meshctl.dataplane.testing.Snapshots;
import dev.meshctl.model.xds.BalancingOptions;
import dev.meshctl.model.xds.ClusterConfig;
import dev.meshctl.model.xds.HealthCheck;
import dev.meshctl.model.xds.ListenerConfig.Direction;
import dev.meshctl.model.xds.RouteTableConfig.RouteAction.Forward;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Several loops, one of which asks for the health of a cluster's hosts. */
class HealthOnceTest {
  private static final int LOOPS = 3;
  private static final int CONNECTIONS = 40;

  private final AtomicInteger probes = new AtomicInteger();
  private final AtomicBoolean well = new AtomicBoolean(true);
  private final Backend checked =
      new Backend(
          "checked",
          exchange -> {
            if (!exchange.getRequestURI().getPath().equals("/health")) {
              return false;
            }
            probes.incrementAndGet();
            exchange.sendResponseHeaders(well.get() ? 200 : 500, -1);
            return true;
          });
  private final Backend other = new Backend("other");
  private final DataPlane plane =
      DataPlane.start(Snapshots.settings("client", LOOPS), Optional.empty());

  @AfterEach
  void stop() {
    plane.close();
    checked.close();
    other.close();
  }

  private void configure(Duration interval, Backend... backends) {
    HealthCheck every =
        new HealthCheck(
            Duration.ofSeconds(5),
            interval,
            Duration.ZERO,
            1,
            1,
            new HealthCheck.Check.Http("", "/health", List.of(), false));
    ClusterConfig cluster =
        new ClusterConfig(
            "b",
            new ClusterConfig.Discovery.Static(
                assignment(
                    "b",
                    false,
                    List.of(backends).stream()
                        .map(Backend::address)
                        .toArray(dev.meshctl.model.xds.SocketEndpoint[]::new))),
            Duration.ofSeconds(2),
            ClusterConfig.LoadBalancing.ROUND_ROBIN,
            new ClusterConfig.Transport.Plaintext(),
            ClusterConfig.UpstreamProtocol.HTTP1,
            ClusterConfig.CircuitBreakers.DEFAULT,
            Optional.empty(),
            ClusterConfig.ServiceRef.UNKNOWN,
            BalancingOptions.DEFAULT,
            Optional.of(every));
    assertThat(
            plane.accept(
                Snapshots.of(
                    listener("out", Direction.OUTBOUND, ANY_PORT, plain(http("out"))),
                    routes("out", route(Forward.to("b"))),
                    cluster)))
        .isEmpty();
  }

  /** On a connection of its own, which the kernel gives to any of the loops. */
  private String get() {
    InetSocketAddress at = Objects.requireNonNull(plane.listenAddresses().get("out"));
    try (Socket socket = new Socket(at.getAddress(), at.getPort())) {
      socket.setSoTimeout(10_000);
      socket
          .getOutputStream()
          .write(
              "GET / HTTP/1.1\r\nHost: b\r\nConnection: close\r\n\r\n"
                  .getBytes(StandardCharsets.US_ASCII));
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  @Test
  void a_host_is_asked_once_however_many_loops_there_are() {
    configure(Duration.ofHours(1), checked);
    await().until(() -> probes.get() > 0);
    for (int i = 0; i < CONNECTIONS; i++) {
      assertThat(get()).endsWith("checked");
    }
    // Every loop would have asked as soon as it knew of the host.
    assertThat(probes).hasValue(1);
  }

  @Test
  void every_loop_hears_of_it() {
    well.set(false);
    configure(Duration.ofMillis(50), checked, other);
    await().until(this::onlyTheOtherAnswers);
    well.set(true);
    await().until(this::bothAnswer);
  }

  private boolean onlyTheOtherAnswers() {
    for (int i = 0; i < CONNECTIONS; i++) {
      if (!get().endsWith("other")) {
        return false;
      }
    }
    return true;
  }

  private boolean bothAnswer() {
    boolean back = false;
    for (int i = 0; i < CONNECTIONS; i++) {
      back |= get().endsWith("checked");
    }
    return back;
  }
}
