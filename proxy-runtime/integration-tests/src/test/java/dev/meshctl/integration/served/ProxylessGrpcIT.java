package dev.meshctl.integration.served;

import static dev.meshctl.integration.served.ProxylessMesh.assertShareOfFirst;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.meshctl.model.query.ProxyView;
import dev.meshctl.model.testkit.Judges;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * gRPC's own xDS client in Java resolves {@code xds:///} names against our control plane, without a
 * proxy, and balances as the mesh says.
 */
class ProxylessGrpcIT {
  private static final Duration SOON = Duration.ofSeconds(30);
  private static final String NAME = "client";
  private static final int CALLS = 400;

  @TempDir static Path folder;

  private ProxylessMesh mesh;
  private Process client;
  private BufferedReader answers;
  private Writer orders;

  @BeforeEach
  void start() throws IOException {
    Path jars = Judges.grpcInteropJava();
    mesh = new ProxylessMesh();
    ProcessBuilder command =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-cp",
                // Its jars first, and of ours the client alone: versions must not mix.
                jars + "/*:" + Path.of("target", "test-classes").toAbsolutePath(),
                GrpcXdsClient.class.getName(),
                ProxylessMesh.TARGET)
            .redirectError(folder.resolve("client.log").toFile());
    command.environment().put("GRPC_XDS_BOOTSTRAP", mesh.bootstrap(folder, NAME).toString());
    client = command.start();
    answers =
        new BufferedReader(new InputStreamReader(client.getInputStream(), StandardCharsets.UTF_8));
    orders = client.outputWriter(StandardCharsets.UTF_8);
  }

  @AfterEach
  void stop() throws InterruptedException {
    if (client != null) {
      client.destroy();
      client.waitFor();
    }
    if (mesh != null) {
      mesh.close();
    }
  }

  /** Who answered how many of the next calls. */
  private Map<String, Integer> seen() throws IOException {
    orders.write(CALLS + "\n");
    orders.flush();
    String line = answers.readLine();
    while (line != null && !line.startsWith("SEEN ")) {
      System.out.println(line);
      line = answers.readLine();
    }
    Map<String, Integer> seen = new TreeMap<>();
    if (line == null) {
      throw new IOException("the client ended: " + Files.readString(folder.resolve("client.log")));
    }
    for (String pair : line.replaceAll("SEEN |[{} ]", "").split(",", -1)) {
      String[] sides = pair.split("=", -1);
      seen.put(sides[0], Integer.parseInt(sides[1]));
    }
    return seen;
  }

  @Test
  void it_follows_a_split_its_change_and_an_endpoint_that_goes() throws Exception {
    mesh.publish(80, 3);
    Map<String, Integer> first = seen();
    assertShareOfFirst(0.8, first);
    assertThat(first.keySet()).contains("v1-a", "v1-b");
    assertThat(mesh.view(NAME).types()).allSatisfy(type -> assertThat(type.error()).isEmpty());

    mesh.publish(30, 3);
    await().atMost(SOON).untilAsserted(() -> assertShareOfFirst(0.3, seen()));

    mesh.publish(30, 2);
    await()
        .atMost(SOON)
        .untilAsserted(() -> assertThat(seen().keySet()).containsExactly("v1-a", "v2-a"));
    assertThat(mesh.view(NAME).state()).isNotEqualTo(ProxyView.State.REJECTED);
  }
}
