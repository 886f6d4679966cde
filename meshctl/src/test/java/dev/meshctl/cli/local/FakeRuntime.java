package dev.meshctl.cli.local;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/**
 * Stands in for the runtime's mains and for a workload: as a control plane it leaves a root
 * certificate, as a proxy it says at its admin address that it is ready, as a workload it answers
 * at its pod's address.
 */
final class FakeRuntime {
  private FakeRuntime() {}

  public static void main(String[] args) throws IOException {
    List<String> words = List.of(args);
    if (words.contains("dev.meshctl.app.ControlPlaneMain")) {
      JsonNode config = config(words);
      Files.writeString(
          Path.of(config.path("stateFolder").asString(), "root-cert.pem"), "not a certificate");
      untilTheLauncherEnds();
    } else if (words.contains("dev.meshctl.app.ProxyMain")) {
      String[] admin = config(words).path("healthAddress").asString().split(":");
      serve(admin[0], Integer.parseInt(admin[1]));
      untilTheLauncherEnds();
    } else {
      serve(System.getenv("POD_IP"), 8080);
    }
  }

  private static void serve(String address, int port) throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.ofLiteral(address), port), 8);
    server.createContext(
        "/",
        exchange -> {
          exchange.sendResponseHeaders(200, -1);
          exchange.close();
        });
    server.start();
  }

  private static JsonNode config(List<String> words) throws IOException {
    Path file = Path.of(words.get(words.indexOf("--config") + 1));
    return new ObjectMapper().readTree(Files.readString(file));
  }

  private static void untilTheLauncherEnds() throws IOException {
    while (System.in.read() >= 0) {
      // The pipe carries nothing.
    }
    System.exit(0);
  }
}
