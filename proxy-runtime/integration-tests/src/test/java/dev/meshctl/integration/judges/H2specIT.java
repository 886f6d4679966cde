package dev.meshctl.integration.judges;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
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
import org.junit.jupiter.api.Test;

/** All 145 cases of h2spec against our HTTP/2 server. */
class H2specIT {
  @Test
  void every_case_of_h2spec_passes() throws Exception {
    Path h2spec = Judges.h2spec();
    HttpServer upstream =
        HttpServer.create(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0), 64);
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
        JudgedProxy proxy =
            new JudgedProxy(upstream.getAddress().getPort(), NetworkFilter.Codec.HTTP2)) {
      upstream.setExecutor(threads);
      upstream.createContext("/", H2specIT::answer);
      upstream.start();

      JudgeRun run =
          JudgeRun.of("h2spec", List.of(h2spec.toString(), "-p", Integer.toString(proxy.port())));

      assertThat(run.output()).contains("145 tests, 145 passed, 0 skipped, 0 failed");
    } finally {
      upstream.stop(0);
    }
  }

  private static void answer(com.sun.net.httpserver.HttpExchange exchange) throws IOException {
    byte[] body = "seen by h2spec".getBytes(StandardCharsets.US_ASCII);
    exchange.getRequestBody().readAllBytes();
    exchange.sendResponseHeaders(200, body.length);
    exchange.getResponseBody().write(body);
    exchange.close();
  }
}
