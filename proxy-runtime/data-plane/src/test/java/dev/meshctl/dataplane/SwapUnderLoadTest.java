package dev.meshctl.dataplane;

import static dev.meshctl.dataplane.testing.Snapshots.ANY_PORT;
import static dev.meshctl.dataplane.testing.Snapshots.cluster;
import static dev.meshctl.dataplane.testing.Snapshots.http;
import static dev.meshctl.dataplane.testing.Snapshots.listener;
import static dev.meshctl.dataplane.testing.Snapshots.plain;
import static dev.meshctl.dataplane.testing.Snapshots.route;
import static dev.meshctl.dataplane.testing.Snapshots.routes;
import static dev.meshctl.dataplane.testing.Snapshots.settings;
import static dev.meshctl.dataplane.testing.Snapshots.split;
import static dev.meshctl.dataplane.testing.Snapshots.weighted;
import static org.assertj.core.api.Assertions.assertThat;

import dev.meshctl.dataplane.testing.Backend;
import dev.meshctl.dataplane.testing.Snapshots;
import dev.meshctl.model.xds.ListenerConfig.Direction;
import dev.meshctl.model.xds.XdsSnapshot;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Configurations come and go while requests are under way. */
class SwapUnderLoadTest {
  private static XdsSnapshot config(Backend v1, Backend v2, int weight1, int weight2) {
    return Snapshots.of(
        listener("out", Direction.OUTBOUND, ANY_PORT, plain(http("out"))),
        routes("out", route(split(weighted("v1", weight1), weighted("v2", weight2)))),
        cluster("v1", v1.address()),
        cluster("v2", v2.address()));
  }

  @Test
  void a_hundred_swaps_under_load_lose_no_request() throws Exception {
    try (Backend v1 = new Backend("v1");
        Backend v2 = new Backend("v2");
        DataPlane plane = DataPlane.start(settings("client", 2), Optional.empty());
        HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
      assertThat(plane.accept(config(v1, v2, 100, 0))).isEmpty();
      URI uri =
          URI.create("http:/" + Objects.requireNonNull(plane.listenAddresses().get("out")) + "/");
      AtomicBoolean stop = new AtomicBoolean();
      AtomicInteger answered = new AtomicInteger();
      List<String> failures = new CopyOnWriteArrayList<>();
      List<Thread> clients =
          java.util.stream.IntStream.range(0, 8)
              .mapToObj(
                  i -> Thread.ofVirtual().start(() -> load(client, uri, stop, answered, failures)))
              .toList();
      for (int i = 0; i < 100; i++) {
        assertThat(plane.accept(config(v1, v2, i % 3 == 0 ? 100 : 0, 50))).isEmpty();
      }
      assertThat(plane.accept(config(v1, v2, 0, 100))).isEmpty();
      int before = v1.requests();
      int more = answered.get() + 200;
      org.awaitility.Awaitility.await().until(() -> answered.get() >= more);
      stop.set(true);
      for (Thread each : clients) {
        each.join();
      }
      assertThat(failures).isEmpty();
      // Each of eight clients may have had one request under way when the last swap came.
      assertThat(v1.requests() - before).isLessThanOrEqualTo(8);
    }
  }

  @Test
  void after_a_switch_nobody_gets_the_other_version_and_back_again() throws Exception {
    try (Backend red = new Backend("red");
        Backend black = new Backend("black");
        DataPlane plane = DataPlane.start(settings("client", 2), Optional.empty());
        HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
      assertThat(plane.accept(config(red, black, 100, 0))).isEmpty();
      URI uri =
          URI.create("http:/" + Objects.requireNonNull(plane.listenAddresses().get("out")) + "/");
      AtomicBoolean stop = new AtomicBoolean();
      AtomicInteger answered = new AtomicInteger();
      List<String> failures = new CopyOnWriteArrayList<>();
      List<Thread> clients =
          java.util.stream.IntStream.range(0, 6)
              .mapToObj(
                  i -> Thread.ofVirtual().start(() -> load(client, uri, stop, answered, failures)))
              .toList();
      for (int turn = 0; turn < 10; turn++) {
        boolean toBlack = turn % 2 == 0;
        assertThat(plane.accept(config(red, black, toBlack ? 0 : 100, toBlack ? 100 : 0)))
            .isEmpty();
        // What begins after the acknowledgement meets one version only, under load as without.
        for (int i = 0; i < 30; i++) {
          assertThat(
                  client
                      .send(
                          HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString())
                      .body())
              .isEqualTo(toBlack ? "black" : "red");
        }
      }
      stop.set(true);
      for (Thread each : clients) {
        each.join();
      }
      assertThat(failures).isEmpty();
    }
  }

  private static void load(
      HttpClient client,
      URI uri,
      AtomicBoolean stop,
      AtomicInteger answered,
      List<String> failures) {
    while (!stop.get()) {
      try {
        HttpResponse<String> response =
            client.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
        if (response.statusCode() != 200) {
          failures.add(response.statusCode() + " " + response.body());
        }
        answered.incrementAndGet();
      } catch (java.io.IOException e) {
        failures.add(e.toString());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
    }
  }
}
