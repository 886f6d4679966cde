package dev.meshctl.samples;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;

/** Starts services on ephemeral loopback ports and closes them, last first. */
final class Shop implements AutoCloseable {
  private final Deque<AutoCloseable> open = new ArrayDeque<>();
  private final HttpClient client = HttpClient.newHttpClient();

  int start(String name, String version, Map<String, String> more) throws IOException {
    Map<String, String> environment = new HashMap<>(more);
    environment.put("POD_IP", "127.0.0.1");
    environment.put("PORT", "0");
    environment.put("SERVICE_VERSION", version);
    RunningService service = Bookshop.start(name, environment);
    open.push(service);
    return service.port();
  }

  <C extends AutoCloseable> C keep(C closeable) {
    open.push(closeable);
    return closeable;
  }

  HttpResponse<String> get(int port, String path, String... headers)
      throws IOException, InterruptedException {
    HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(url(port) + path));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  static String url(int port) {
    return "http://127.0.0.1:" + port;
  }

  @Override
  public void close() throws Exception {
    client.shutdownNow();
    while (!open.isEmpty()) {
      open.pop().close();
    }
  }
}
