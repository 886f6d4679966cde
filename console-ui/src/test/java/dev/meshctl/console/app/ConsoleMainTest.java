package dev.meshctl.console.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.meshctl.model.query.MeshEndpoint;
import dev.meshctl.model.query.QueryJson;
import dev.meshctl.model.query.RunningMesh;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javafx.application.Application;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConsoleMainTest {
  @TempDir Path folder;

  @Test
  void it_reads_the_mesh_that_a_file_describes() throws Exception {
    RunningMesh mesh =
        new RunningMesh(
            "shop",
            new MeshEndpoint("https://127.77.0.1:15014", "ca", "token"),
            "/c",
            "",
            "explicit",
            7);
    Path file = folder.resolve("mesh.json");
    Files.writeString(file, QueryJson.mapper().writeValueAsString(mesh));
    assertThat(ConsoleMain.read(List.of("--mesh-file", file.toString()))).isEqualTo(mesh);
  }

  @Test
  void what_is_wrong_is_said_with_what_to_do() throws Exception {
    assertThatThrownBy(() -> ConsoleMain.read(List.of()))
        .hasMessage("usage: ConsoleMain --mesh-file FILE");
    assertThatThrownBy(() -> ConsoleMain.read(List.of("--mesh-file", folder + "/none.json")))
        .hasMessageContaining("none.json: no such file; start a mesh with `meshctl local up");
    Path broken = folder.resolve("broken.json");
    Files.writeString(broken, "{");
    assertThatThrownBy(() -> ConsoleMain.read(List.of("--mesh-file", broken.toString())))
        .hasMessageContaining("broken.json: is not a running mesh");
    Files.writeString(broken, "{}");
    assertThatThrownBy(() -> ConsoleMain.read(List.of("--mesh-file", broken.toString())))
        .hasMessageContaining("is not a running mesh; start one");
  }

  /** The launcher of the JVM refuses a main class that is an Application on the class path. */
  @Test
  void the_main_class_is_no_application() {
    assertThat(Application.class.isAssignableFrom(ConsoleMain.class)).isFalse();
  }
}
