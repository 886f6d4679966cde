package dev.meshctl.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class AwaitReadyMainTest {
  @Test
  void it_ends_when_the_sidecar_is_ready_and_not_before() throws Exception {
    List<Integer> answers = new ArrayList<>();
    HttpServer sidecar =
        HttpServer.create(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0), 0);
    sidecar.createContext(
        "/healthz/ready",
        exchange -> {
          answers.add(answers.size() < 2 ? 503 : 200);
          exchange.sendResponseHeaders(answers.getLast(), -1);
          exchange.close();
        });
    sidecar.start();
    try {
      AwaitReadyMain.main(new String[] {String.valueOf(sidecar.getAddress().getPort())});

      assertThat(answers).containsExactly(503, 503, 200);
    } finally {
      sidecar.stop(0);
    }
  }
}
