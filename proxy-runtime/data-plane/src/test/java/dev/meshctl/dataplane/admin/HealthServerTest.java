package dev.meshctl.dataplane.admin;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshctl.model.xds.SocketEndpoint;
import dev.meshctl.net.loop.Loops;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class HealthServerTest {

  @Test
  void it_tells_whether_the_proxy_is_ready_and_answers_no_other_path() throws Exception {
    AtomicBoolean ready = new AtomicBoolean();
    try (Loops loops = Loops.start(1, "control");
        HealthServer server =
            HealthServer.start(loops, new SocketEndpoint("127.0.0.1", 0), ready::get);
        HttpClient http = HttpClient.newHttpClient()) {
      assertThat(status(http, server, "/healthz/ready")).isEqualTo(503);

      ready.set(true);

      assertThat(status(http, server, "/healthz/ready")).isEqualTo(200);
      assertThat(status(http, server, "/quitquitquit")).isEqualTo(404);
      assertThat(status(http, server, "/")).isEqualTo(404);
    }
  }

  private static int status(HttpClient http, HealthServer server, String path)
      throws IOException, InterruptedException {
    URI uri = URI.create("http://127.0.0.1:" + server.address().getPort() + path);
    return http.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.discarding()).statusCode();
  }
}
