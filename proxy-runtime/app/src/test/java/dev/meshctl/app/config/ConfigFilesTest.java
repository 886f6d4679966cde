package dev.meshctl.app.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.meshctl.model.xds.LoadAssignment;
import dev.meshctl.model.xds.MeshInventory;
import dev.meshctl.model.xds.ProxyNode;
import dev.meshctl.model.xds.WorkloadInstance;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ConfigFilesTest {
  @TempDir Path folder;

  @ParameterizedTest
  @MethodSource("captures")
  void a_bootstrap_comes_back_as_it_was_written(ProxyNode.Capture capture) throws IOException {
    ProxyBootstrap written =
        new ProxyBootstrap(
            new ProxyNode(
                "sidecar~127.77.2.1~reviews-v1-0.default~default.svc.cluster.local",
                ProxyNode.Role.SIDECAR,
                "default",
                "reviews-v1",
                "reviews-v1-0",
                "bookshop-reviews",
                Map.of("app", "reviews", "version", "v1"),
                capture),
            "cluster.local",
            "127.77.0.1:15012",
            "/run/ca.pem",
            "/run/token",
            "127.77.2.1:15000",
            "127.77.2.1:15021",
            "",
            "-",
            1);
    Path file = Files.writeString(folder.resolve("proxy.json"), ConfigFiles.json(written));

    assertThat(ConfigFiles.readProxy(file)).isEqualTo(written);
  }

  static List<ProxyNode.Capture> captures() {
    return List.of(
        new ProxyNode.Capture.Transparent("10.77.1.1"),
        new ProxyNode.Capture.Transparent("fd77::1", "10.77.1.1"),
        new ProxyNode.Capture.Explicit("127.77.2.1", "127.77.1.1", "127.77.17."),
        new ProxyNode.Capture.Edge("127.77.0.10"));
  }

  @Test
  void an_inventory_comes_back_as_it_was_written() throws IOException {
    MeshInventory written =
        new MeshInventory(
            List.of(
                new WorkloadInstance(
                    "reviews-v1-0",
                    "default",
                    "reviews-v1",
                    "bookshop-reviews",
                    Map.of("app", "reviews"),
                    "127.77.2.1",
                    Map.of("http", 9080),
                    new LoadAssignment.Locality("local", "a", ""),
                    true,
                    true)),
            Map.of("default/reviews", 3),
            "10.77.240.");
    Path file = Files.writeString(folder.resolve("inventory.json"), ConfigFiles.json(written));

    assertThat(ConfigFiles.readInventory(file)).isEqualTo(written);
  }

  @Test
  void a_file_of_another_shape_is_named_in_the_error() throws IOException {
    Path file = Files.writeString(folder.resolve("control-plane.json"), "{\"mesh\": [");

    assertThatThrownBy(() -> ConfigFiles.readControlPlane(file))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("control-plane.json")
        .hasMessageContaining("ControlPlaneConfig");
  }
}
