package dev.meshctl.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertAll;

import com.sun.net.httpserver.HttpServer;
import dev.meshctl.model.testkit.Judges;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The same requests leave the same lines in the logs of ours and of a real Envoy. */
class LogsAgainstEnvoyTest {
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final PrintStream NOWHERE = new PrintStream(OutputStream.nullOutputStream());
  private static final int REQUESTS = 6;

  @TempDir private Path folder = Path.of("");
  private final List<AutoCloseable> undo = new ArrayList<>();
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  @AfterEach
  void endAll() throws Exception {
    for (AutoCloseable each : undo.reversed()) {
      each.close();
    }
    client.close();
  }

  @Test
  void text_and_json_lines_are_envoys() throws Exception {
    Path judge = Judges.envoy();
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          byte[] body = "hello".getBytes(StandardCharsets.UTF_8);
          exchange.getResponseHeaders().set("x-up", "a b");
          exchange.sendResponseHeaders(
              exchange.getRequestURI().getPath().endsWith("teapot") ? 418 : 200, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    server.start();
    undo.add(() -> server.stop(0));
    int upstream = server.getAddress().getPort();
    int envoy = RealEnvoy.freePort();
    undo.add(
        RealEnvoy.start(
            judge, write("envoy", envoy, upstream), folder.resolve("envoy.out"), envoy));
    int ours = RealEnvoy.freePort();
    undo.add(
        StandaloneProxy.start(
            new StandaloneArguments(write("ours", ours, upstream), false, 1, false), NOWHERE));
    for (int port : new int[] {envoy, ours}) {
      get(port, "/a?b=c", "user-agent", "me", "x-request-id", "7");
      get(port, "/teapot", "x-long", "123456789");
      get(port, "/direct");
      get(port, "/gone");
      get(port, "/none", "host-like", "x");
      get(port, "/old");
    }

    assertAll(
        () ->
            assertThat(lines("ours.txt", REQUESTS))
                .containsExactlyElementsOf(lines("envoy.txt", REQUESTS)),
        // Only what fails.
        () -> assertThat(lines("ours.bad", 1)).containsExactlyElementsOf(lines("envoy.bad", 1)),
        () ->
            assertThat(json("ours.json")).containsExactlyInAnyOrderElementsOf(json("envoy.json")));
  }

  private void get(int port, String path, String... headers) throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://localhost:" + port + path)).timeout(PATIENCE);
    if (headers.length > 0) {
      request.headers(headers);
    }
    client.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  private List<String> lines(String file, int count) {
    Path log = folder.resolve(file);
    await()
        .atMost(PATIENCE)
        .until(() -> Files.exists(log) && Files.readAllLines(log).size() >= count);
    try {
      return Files.readAllLines(log).stream().map(LogsAgainstEnvoyTest::comparable).toList();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  /** Each has its own words, and so its own length, for why a connection could not be made. */
  private static String comparable(String line) {
    return line.contains("UF")
        ? line.replaceAll("response_started\\{[^}]*\\}", "response_started{}")
            .replaceAll("UF 0 \\d+ ", "UF 0 N ")
            .replaceAll("of \\d+ ", "of N ")
            .replaceAll("\"sent\":\\d+", "\"sent\":0")
        : line;
  }

  private List<JsonNode> json(String file) {
    return lines(file, REQUESTS).stream().map(line -> JsonMapper.shared().readTree(line)).toList();
  }

  private Path write(String who, int port, int upstream) throws IOException {
    try (var in = LogsAgainstEnvoyTest.class.getResourceAsStream("/standalone/access-logs.yaml")) {
      if (in == null) {
        throw new IOException("no sample");
      }
      return Files.writeString(
          folder.resolve(who + ".yaml"),
          new String(in.readAllBytes(), StandardCharsets.UTF_8)
              .replace("@PORT@", Integer.toString(port))
              .replace("@UPSTREAM@", Integer.toString(upstream))
              .replace("@GONE@", Integer.toString(RealEnvoy.freePort()))
              .replace("@LOG@", folder.resolve(who).toString()));
    }
  }
}
