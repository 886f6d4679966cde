package dev.meshctl.app.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.meshctl.model.xds.ProxyNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BootstrapReaderTest {
  @TempDir Path folder;

  private static ProxyBootstrap bootstrap(ProxyNode.Role role, ProxyNode.Capture capture) {
    return new ProxyBootstrap(
        new ProxyNode(
            "id", role, "default", "reviews", "reviews-0", "reviews", Map.of("app", "r"), capture),
        "cluster.local",
        "127.77.0.1:15012",
        "roots.pem",
        "token",
        "127.77.2.1:15000",
        "127.77.2.1:15021",
        "",
        "-",
        2);
  }

  @Test
  void it_reads_whatever_the_launcher_writes() throws Exception {
    for (ProxyBootstrap written :
        List.of(
            bootstrap(ProxyNode.Role.SIDECAR, new ProxyNode.Capture.Transparent("10.0.0.1")),
            bootstrap(ProxyNode.Role.SIDECAR, new ProxyNode.Capture.Explicit("a", "b", "c.")),
            bootstrap(ProxyNode.Role.GATEWAY, new ProxyNode.Capture.Edge("127.77.0.10")))) {
      Path file = folder.resolve("proxy.json");
      Files.writeString(file, ConfigFiles.json(written));

      assertThat(BootstrapReader.read(file)).isEqualTo(written);
    }
  }

  @Test
  void probes_and_the_time_to_drain_are_read_too() throws Exception {
    ProxyBootstrap plain =
        bootstrap(ProxyNode.Role.SIDECAR, new ProxyNode.Capture.Transparent("10.0.0.1"));
    ProxyBootstrap written =
        new ProxyBootstrap(
            plain.node(),
            plain.trustDomain(),
            plain.discoveryAddress(),
            plain.trustBundleFile(),
            plain.tokenFile(),
            plain.adminAddress(),
            plain.healthAddress(),
            plain.dnsAddress(),
            plain.accessLog(),
            plain.workerThreads(),
            25,
            7,
            "10.0.0.1:15020",
            List.of(
                new ProxyBootstrap.Probe(
                    "/app-health/web/livez",
                    "http",
                    8080,
                    "/alive",
                    List.of(new ProxyBootstrap.Header("Host", "web.example")),
                    "",
                    2),
                new ProxyBootstrap.Probe("/p", "grpc", 9, "", List.of(), "web.v1", 1)));

    assertThat(BootstrapReader.read("env:X", ConfigFiles.json(written))).isEqualTo(written);
  }

  @Test
  void a_newer_launchers_fields_are_ignored() throws Exception {
    Path file = folder.resolve("proxy.json");
    Files.writeString(
        file,
        "{\"new\":[1,{\"x\":null}],\"newer\":{\"y\":[]},"
            + ConfigFiles.json(
                    bootstrap(ProxyNode.Role.GATEWAY, new ProxyNode.Capture.Edge("127.77.0.10")))
                .substring(1));

    assertThat(BootstrapReader.read(file).workerThreads()).isEqualTo(2);
  }

  @Test
  void what_is_no_bootstrap_is_refused_with_file_and_field() throws Exception {
    Path file = folder.resolve("proxy.json");
    for (String text : List.of("", "[]", "{", "{}", "{\"node\":{\"id\":7}}")) {
      Files.writeString(file, text);
      assertThatThrownBy(() -> BootstrapReader.read(file))
          .isInstanceOf(IOException.class)
          .hasMessageContaining(file.toString());
    }
    Files.writeString(
        file,
        ConfigFiles.json(
                bootstrap(ProxyNode.Role.GATEWAY, new ProxyNode.Capture.Edge("127.77.0.10")))
            .replace("GATEWAY", "CASTLE"));
    assertThatThrownBy(() -> BootstrapReader.read(file))
        .hasMessageContaining("node.role 'CASTLE' (expected: SIDECAR or GATEWAY)");
  }
}
