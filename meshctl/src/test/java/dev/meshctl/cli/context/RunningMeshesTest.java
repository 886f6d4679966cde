package dev.meshctl.cli.context;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.meshctl.model.query.MeshEndpoint;
import dev.meshctl.model.query.MeshQueryException;
import dev.meshctl.model.query.RunningMesh;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunningMeshesTest {
  @TempDir Path state;
  private final Set<Long> alive = new HashSet<>();

  @Test
  void what_one_terminal_writes_another_reads() throws Exception {
    meshes().write(mesh("bookshop", 7));
    alive.add(7L);
    assertThat(meshes().find(Optional.empty())).isEqualTo(mesh("bookshop", 7));
    assertThat(meshes().find(Optional.of("bookshop"))).isEqualTo(mesh("bookshop", 7));
  }

  @Test
  void the_file_is_its_owners_alone_and_nothing_else_stays_behind() throws Exception {
    meshes().write(mesh("bookshop", 7));
    Path folder = meshes().folder("bookshop");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder)))
        .isEqualTo("rwx------");
    assertThat(
            PosixFilePermissions.toString(
                Files.getPosixFilePermissions(folder.resolve("mesh.json"))))
        .isEqualTo("rw-------");
    try (var files = Files.list(folder)) {
      assertThat(files).hasSize(1);
    }
  }

  @Test
  void a_mesh_whose_supervisor_died_does_not_run() throws Exception {
    meshes().write(mesh("bookshop", 7));
    assertThat(meshes().running()).isEmpty();
    assertThat(meshes().abandoned()).containsExactly(mesh("bookshop", 7));
    assertThatThrownBy(() -> meshes().find(Optional.empty()))
        .isInstanceOf(MeshQueryException.NoMesh.class)
        .hasMessageContaining("no mesh runs; start a mesh with");
  }

  @Test
  void among_several_meshes_one_must_be_named() throws Exception {
    alive.add(7L);
    meshes().write(mesh("bookshop", 7));
    meshes().write(mesh("airport", 7));
    assertThatThrownBy(() -> meshes().find(Optional.empty()))
        .hasMessageContaining("several meshes run: airport, bookshop; choose one with --mesh NAME");
    assertThatThrownBy(() -> meshes().find(Optional.of("bank")))
        .hasMessageContaining("no mesh bank runs (running: airport, bookshop)");
    meshes().remove("airport");
    assertThat(meshes().find(Optional.empty()).name()).isEqualTo("bookshop");
  }

  @Test
  void a_file_that_is_no_mesh_is_named() throws Exception {
    Files.writeString(meshes().prepare("bookshop").resolve("mesh.json"), "{");
    assertThatThrownBy(() -> meshes().running())
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageContaining("bookshop/mesh.json does not read as a mesh");
  }

  @Test
  void the_state_folder_is_where_the_environment_says() {
    assertThat(
            RunningMeshes.of(Map.of("MESHCTL_STATE_DIR", "/s", "XDG_STATE_HOME", "/x")).folder("m"))
        .isEqualTo(Path.of("/s/local/m"));
    assertThat(RunningMeshes.of(Map.of("XDG_STATE_HOME", "/x")).folder("m"))
        .isEqualTo(Path.of("/x/meshctl/local/m"));
    assertThat(RunningMeshes.of(Map.of()).stateFolder())
        .isEqualTo(Path.of(System.getProperty("user.home"), ".local/state/meshctl"));
  }

  private RunningMeshes meshes() {
    return RunningMeshes.of(state, alive::contains);
  }

  private static RunningMesh mesh(String name, long pid) {
    return new RunningMesh(
        name,
        new MeshEndpoint("https://127.77.0.1:15014", "/s/ca.pem", "/s/token"),
        "/config",
        "http://127.77.0.10:8080",
        "explicit",
        pid);
  }
}
