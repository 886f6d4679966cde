package dev.meshctl.integration;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/** A bookshop that `local up` started, with a working copy of its YAML. */
final class BookshopMesh implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration START_LIMIT = Duration.ofMinutes(2);

  private final CommandLine cli;
  private final Path folder;
  private final HttpClient http =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(5))
          .build();
  private final String gateway;

  private BookshopMesh(CommandLine cli, Path folder, String gateway) {
    this.cli = cli;
    this.folder = folder;
    this.gateway = gateway;
  }

  /** Starts one in {@code scratch} and waits until it serves. */
  static BookshopMesh up(Path scratch, String... more) throws IOException {
    Path sample = CommandLine.root().resolve("samples/bookshop");
    Path folder = Files.createDirectory(scratch.resolve("bookshop"));
    try (Stream<Path> files = Files.list(sample)) {
      for (Path file : files.filter(f -> f.toString().endsWith(".yaml")).toList()) {
        Files.copy(file, folder.resolve(file.getFileName()));
      }
    }
    CommandLine cli = new CommandLine(Files.createDirectory(scratch.resolve("state")));
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "local",
                "up",
                "-f",
                folder.toString(),
                "--programs",
                sample.resolve("bin").toString()));
    arguments.addAll(List.of(more));
    CommandLine.Result up = cli.run(START_LIMIT, arguments.toArray(String[]::new));
    assertThat(up.exitCode()).as("local up%n%s%n%s", up.out(), up.err()).isZero();
    BookshopMesh mesh = new BookshopMesh(cli, folder, "");
    String gateway = mesh.status().path("gatewayUrls").path(0).asString();
    return new BookshopMesh(cli, folder, gateway);
  }

  CommandLine cli() {
    return cli;
  }

  Path file(String name) {
    return folder.resolve(name);
  }

  String gateway() {
    return gateway;
  }

  /** {@code local status -o json}. */
  JsonNode status() {
    CommandLine.Result status = cli.run(Duration.ofSeconds(20), "local", "status", "-o", "json");
    assertThat(status.exitCode()).as(status.err()).isZero();
    return JSON.readTree(status.out());
  }

  List<JsonNode> processes() {
    return StreamSupport.stream(status().path("processes").spliterator(), false).toList();
  }

  /** The one process whose kind is {@code kind} and whose name holds {@code part}. */
  JsonNode process(String kind, String part) {
    return processes().stream()
        .filter(p -> p.path("kind").asString().equalsIgnoreCase(kind))
        .filter(p -> p.path("name").asString().contains(part))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no " + kind + " " + part + " in " + status()));
  }

  /** What `mesh.json`-less users do: a GET through the gateway. */
  HttpResponse<String> get(String path) throws IOException, InterruptedException {
    return http.send(
        HttpRequest.newBuilder(URI.create(gateway + path)).timeout(Duration.ofSeconds(10)).build(),
        HttpResponse.BodyHandlers.ofString());
  }

  /** What Prometheus scrapes from the proxy at {@code host}. */
  String metrics(String host) throws IOException, InterruptedException {
    URI admin = URI.create("http://" + host + ":15000/stats/prometheus");
    return http.send(HttpRequest.newBuilder(admin).build(), HttpResponse.BodyHandlers.ofString())
        .body();
  }

  static void kill(long pid) {
    ProcessHandle.of(pid)
        .orElseThrow(() -> new AssertionError("no process " + pid))
        .destroyForcibly();
  }

  static boolean alive(long pid) {
    return ProcessHandle.of(pid).map(ProcessHandle::isAlive).orElse(false);
  }

  @Override
  public void close() {
    cli.run(Duration.ofSeconds(60), "local", "down");
    http.close();
  }
}
