package dev.meshctl.integration.judges;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.meshctl.integration.judges.Bootstraps.Http;
import dev.meshctl.model.testkit.Judges;
import dev.meshctl.model.xds.NetworkFilter;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** All 145 cases of h2spec against our HTTP/2 server; beside it, against Envoy's. */
class H2specIT {
  private static final Pattern SCORE =
      Pattern.compile("145 tests, ([0-9]+) passed, ([0-9]+) skipped, ([0-9]+) failed");

  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private HttpServer upstream;

  @BeforeEach
  void serve() throws IOException {
    upstream = HttpServer.create(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0), 64);
    upstream.setExecutor(threads);
    upstream.createContext("/", H2specIT::answer);
    upstream.start();
  }

  @AfterEach
  void end() {
    upstream.stop(0);
    threads.shutdownNow();
  }

  @Test
  void every_case_of_h2spec_passes() throws Exception {
    Path h2spec = Judges.h2spec();
    try (JudgedProxy proxy =
        new JudgedProxy(upstream.getAddress().getPort(), NetworkFilter.Codec.HTTP2)) {
      assertThat(passed("h2spec", h2spec, proxy.port())).isEqualTo(145);
    }
  }

  @Test
  void the_score_of_envoy_stands_beside(@TempDir Path folder) throws Exception {
    Path h2spec = Judges.h2spec();
    String bootstrap = Bootstraps.between(upstream.getAddress().getPort(), Http.HTTP2, Http.HTTP1);
    try (ProxyProcess envoy = ProxyProcess.envoy(folder, "h2spec", bootstrap)) {
      assertThat(passed("h2spec-envoy", h2spec, envoy.port())).isBetween(1, 145);
    }
  }

  private static int passed(String name, Path h2spec, int port) throws Exception {
    JudgeRun run = JudgeRun.of(name, List.of(h2spec.toString(), "-p", Integer.toString(port)));
    Matcher score = SCORE.matcher(run.output());
    assertThat(score.find()).as(run.output()).isTrue();
    return Integer.parseInt(score.group(1));
  }

  private static void answer(com.sun.net.httpserver.HttpExchange exchange) throws IOException {
    byte[] body = "seen by h2spec".getBytes(StandardCharsets.US_ASCII);
    exchange.getRequestBody().readAllBytes();
    if (exchange.getRequestMethod().equals("HEAD")) {
      // A body would end the connection a moment after its answer, under the next request.
      exchange.sendResponseHeaders(200, -1);
    } else {
      exchange.sendResponseHeaders(200, body.length);
      exchange.getResponseBody().write(body);
    }
    exchange.close();
  }
}
