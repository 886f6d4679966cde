package dev.meshctl.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LoadGeneratorTest {
  private static final Duration SOON = Duration.ofSeconds(20);

  private final HttpServer server = server();
  private final AtomicInteger inFlight = new AtomicInteger();
  private final AtomicInteger mostInFlight = new AtomicInteger();
  private final CountDownLatch open = new CountDownLatch(1);

  @BeforeEach
  void serve() {
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext(
        "/",
        exchange -> {
          String path = exchange.getRequestURI().getPath();
          if (path.equals("/held")) {
            mostInFlight.accumulateAndGet(inFlight.incrementAndGet(), Math::max);
            try {
              open.await();
            } catch (InterruptedException e) {
              Thread.currentThread().interrupt();
            }
            inFlight.decrementAndGet();
          }
          exchange.sendResponseHeaders(path.equals("/bad") ? 503 : 200, -1);
          exchange.close();
        });
    server.start();
  }

  @AfterEach
  void end() {
    open.countDown();
    server.stop(0);
  }

  @Test
  void every_request_is_answered_or_failed() throws InterruptedException {
    try (LoadGenerator load = new LoadGenerator(List.of(uri("/good"), uri("/bad")), 500)) {
      load.start();
      await().atMost(SOON).until(() -> load.sent() >= 60);
      load.stop();

      assertThat(load.answered() + load.failed()).isEqualTo(load.sent());
      assertThat(load.failed()).isBetween(load.sent() / 2 - 1, load.sent() / 2 + 1);
      assertThat(load.failures()).containsKey("status 503 of /bad: ");
    }
  }

  @Test
  void a_server_that_does_not_answer_is_not_flooded() throws InterruptedException {
    try (LoadGenerator load = new LoadGenerator(List.of(uri("/held")), 1000)) {
      load.start();
      await().atMost(SOON).until(() -> inFlight.get() == 2);
      await().during(Duration.ofMillis(300)).atMost(SOON).until(() -> mostInFlight.get() == 2);
      open.countDown();
      load.stop();
      assertThat(load.failed()).isZero();
    }
  }

  @Test
  void waiting_for_answers_ends_when_the_earlier_requests_have_theirs() throws Exception {
    try (LoadGenerator load = new LoadGenerator(List.of(uri("/held")), 1000)) {
      load.start();
      await().atMost(SOON).until(() -> inFlight.get() == 2);
      Thread waiter =
          Thread.ofVirtual()
              .start(() -> {
                try {
                  load.awaitAnswersToAllSentUntilNow();
                } catch (InterruptedException e) {
                  Thread.currentThread().interrupt();
                }
              });
      assertThat(waiter.join(Duration.ofMillis(200))).isFalse();
      open.countDown();
      assertThat(waiter.join(SOON)).isTrue();
      load.stop();
    }
  }

  private URI uri(String path) {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + path);
  }

  private static HttpServer server() {
    try {
      return HttpServer.create(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0), 64);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
