package dev.meshctl.samples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class CustomersTest {
  private final ByteArrayOutputStream said = new ByteArrayOutputStream();
  private final AtomicInteger asked = new AtomicInteger();
  private HttpServer server;

  @BeforeEach
  void open() throws Exception {
    server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
    server.start();
  }

  @AfterEach
  void close() {
    server.stop(0);
  }

  private String target(String path, int status, CountDownLatch latch) {
    server.createContext(
        path,
        exchange -> {
          asked.incrementAndGet();
          exchange.sendResponseHeaders(status, -1);
          exchange.close();
          latch.countDown();
        });
    return Shop.url(server.getAddress().getPort()) + path;
  }

  private Settings settings(String targets) {
    return Settings.of(
        "customers", 0, Map.of("TARGETS", targets, "RATE", "200", "POD_IP", "127.0.0.1"));
  }

  private PrintStream out() {
    return new PrintStream(said, true, StandardCharsets.UTF_8);
  }

  @Test
  void whoever_is_asked_in_turn_until_the_end_is_counted_and_failures_are_told() throws Exception {
    CountDownLatch ten = new CountDownLatch(10);
    String targets = target("/good", 200, ten) + "," + target("/bad", 503, ten);
    try (RunningService customers = Customers.start(settings(targets), out())) {
      ten.await();
      assertThat(customers.port()).isPositive();
    }

    String last = said.toString(StandardCharsets.UTF_8).lines().reduce((a, b) -> b).orElse("");
    assertThat(last).startsWith("{\"sent\":" + asked.get() + ",\"answered\":");
    assertThat(said.toString(StandardCharsets.UTF_8)).contains("{\"failure\":", "/bad: 503");
  }

  @Test
  void a_connection_that_breaks_is_a_failure_and_nothing_is_asked_again() {
    server.createContext(
        "/",
        exchange -> {
          asked.incrementAndGet();
          exchange.close();
        });
    String target = Shop.url(server.getAddress().getPort()) + "/";

    boolean all = Customers.visit(settings(target), out());

    assertThat(all).isFalse();
    assertThat(asked).hasValue(1);
    assertThat(said.toString(StandardCharsets.UTF_8)).contains("\"sent\":1,\"answered\":0");
  }

  @Test
  void a_visit_is_well_when_all_answer() {
    String targets = target("/good", 200, new CountDownLatch(1));

    assertThat(Customers.visit(settings(targets), out())).isTrue();
  }

  @Test
  void who_has_nobody_to_ask_or_no_rate_is_told() {
    assertThatThrownBy(() -> Customers.start(settings(" "), out())).hasMessageContaining("TARGETS");
    Settings fast = Settings.of("customers", 0, Map.of("TARGETS", "http://x", "RATE", "fast"));
    assertThatThrownBy(() -> Customers.start(fast, out())).hasMessageContaining("RATE: fast");
  }
}
