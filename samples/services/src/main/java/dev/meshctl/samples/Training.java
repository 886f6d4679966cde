package dev.meshctl.samples;

import java.io.IOException;
import java.net.URI;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;

/**
 * Runs the whole shop in one JVM on ephemeral loopback ports and asks each path a few times, so
 * that an AOT cache recorded meanwhile holds every class that a service will need.
 */
final class Training {
  private static final int ROUNDS = 20;

  private Training() {}

  static void run() throws IOException, InterruptedException {
    Deque<RunningService> running = new ArrayDeque<>();
    try {
      Map<String, String> ratings = Map.of("RATINGS_SERVICE_PORT", start(running, "ratings", "v1"));
      Map<String, String> stock = Map.of("STOCK_SERVICE_PORT", start(running, "stock", "v1"));
      String catalog = start(running, "catalog", "v1", stock);
      for (String version : new String[] {"v1", "v2", "v3"}) {
        String reviews = start(running, "reviews", version, ratings);
        String storefront =
            start(
                running,
                "storefront",
                "v1",
                Map.of(
                    "CATALOG_URL", "http://127.0.0.1:" + catalog,
                    "RECOMMENDATIONS_URL", "http://127.0.0.1:" + catalog,
                    "REVIEWS_URL", "http://127.0.0.1:" + reviews));
        shop(storefront);
      }
    } finally {
      while (!running.isEmpty()) {
        running.pop().close();
      }
    }
  }

  private static void shop(String port) throws IOException, InterruptedException {
    URI storefront = URI.create("http://127.0.0.1:" + port);
    try (HttpCalls calls = new HttpCalls(Settings.of("customer", 0, Map.of()))) {
      TraceContext trace = new TraceContext(Map.of("x-request-id", "training"));
      for (int round = 0; round < ROUNDS; round++) {
        for (String path :
            new String[] {"/healthz", "/", "/books", "/books/3", "/recommendations"}) {
          Answer answer = calls.get(storefront, path, trace);
          if (!answer.ok()) {
            throw new IOException(path + ": " + answer.status() + " " + answer.body());
          }
        }
      }
    }
  }

  private static String start(Deque<RunningService> running, String name, String version)
      throws IOException {
    return start(running, name, version, Map.of());
  }

  private static String start(
      Deque<RunningService> running, String name, String version, Map<String, String> targets)
      throws IOException {
    Map<String, String> environment = new HashMap<>(targets);
    environment.put("POD_IP", "127.0.0.1");
    environment.put("PORT", "0");
    environment.put("SERVICE_VERSION", version);
    environment.put("RATINGS_SERVICE_HOST", "127.0.0.1");
    environment.put("STOCK_SERVICE_HOST", "127.0.0.1");
    RunningService service = Bookshop.start(name, environment);
    running.push(service);
    return Integer.toString(service.port());
  }
}
