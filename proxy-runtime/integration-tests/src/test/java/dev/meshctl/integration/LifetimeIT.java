package dev.meshctl.integration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** However a mesh ends, nothing of it stays. */
class LifetimeIT {
  private static final Duration SOON = Duration.ofSeconds(20);

  @TempDir Path scratch;

  @Test
  void down_leaves_no_process_and_no_folder() throws IOException {
    BookshopMesh mesh = BookshopMesh.up(scratch);
    List<Long> pids = pids(mesh);
    Path run = Path.of(mesh.status().path("runFolder").asString());

    mesh.close();

    await().atMost(SOON).until(() -> pids.stream().noneMatch(BookshopMesh::alive));
    assertThat(run).doesNotExist();
  }

  @Test
  void a_mesh_whose_workloads_do_not_stay_alive_says_why_and_leaves_nothing() throws IOException {
    Path folder = Files.createDirectory(scratch.resolve("unbuilt"));
    Path bin = Files.createDirectory(folder.resolve("bin"));
    Path program = bin.resolve("bookshop");
    Files.writeString(program, "#!/bin/sh\necho 'no shelf to stand on' >&2\nexit 3\n");
    assertThat(program.toFile().setExecutable(true)).isTrue();
    Path stock = CommandLine.root().resolve("samples/bookshop/stock.yaml");
    Files.copy(stock, folder.resolve("stock.yaml"));
    CommandLine cli = new CommandLine(Files.createDirectory(scratch.resolve("state")));

    CommandLine.Result up = cli.run(Duration.ofMinutes(2), "local", "up", "-f", folder.toString());

    assertThat(up.exitCode()).as(up.out() + up.err()).isEqualTo(1);
    assertThat(up.err()).contains("does not stay alive (exit code 3)", "no shelf to stand on");
    assertThat(cli.state().resolve("local/unbuilt")).doesNotExist();
  }

  @Test
  void nothing_outlives_a_supervisor_that_was_killed() throws IOException {
    BookshopMesh mesh = BookshopMesh.up(scratch);

    assertThatNothingOutlivesTheSupervisorOf(mesh);
  }

  @Test
  void no_namespace_outlives_a_supervisor_that_was_killed() throws IOException {
    Privileges.assumeTransparentCapture();
    List<String> interfacesBefore = interfaces();
    BookshopMesh mesh = BookshopMesh.up(scratch, "--transparent");
    List<String> namespaces = new ArrayList<>();
    for (long pid : pids(mesh)) {
      namespaces.add(Files.readSymbolicLink(Path.of("/proc/" + pid + "/ns/net")).toString());
    }
    assertThat(namespaces.stream().distinct().count()).isGreaterThan(5);

    assertThatNothingOutlivesTheSupervisorOf(mesh);

    String ours = Files.readSymbolicLink(Path.of("/proc/self/ns/net")).toString();
    await()
        .atMost(SOON)
        .untilAsserted(() -> {
          assertThat(namespacesInUse())
              .doesNotContainAnyElementsOf(
                  namespaces.stream().filter(n -> !n.equals(ours)).toList());
          assertThat(interfaces()).isEqualTo(interfacesBefore);
        });
  }

  private static void assertThatNothingOutlivesTheSupervisorOf(BookshopMesh mesh) {
    JsonNode status = mesh.status();
    List<Long> pids = pids(mesh);
    assertThat(pids).hasSizeGreaterThan(15).allMatch(BookshopMesh::alive);

    BookshopMesh.kill(status.path("supervisorPid").asLong());

    await()
        .atMost(SOON)
        .untilAsserted(
            () -> assertThat(pids.stream().filter(BookshopMesh::alive).toList()).isEmpty());
  }

  private static List<Long> pids(BookshopMesh mesh) {
    return mesh.processes().stream()
        .map(p -> p.path("pid").asLong())
        .filter(pid -> pid > 0)
        .toList();
  }

  private static List<String> interfaces() throws IOException {
    try (var names = Files.list(Path.of("/sys/class/net"))) {
      return names.map(p -> p.getFileName().toString()).sorted().toList();
    }
  }

  private static List<String> namespacesInUse() {
    List<String> used = new ArrayList<>();
    ProcessHandle.allProcesses()
        .forEach(process -> {
          try {
            used.add(
                Files.readSymbolicLink(Path.of("/proc/" + process.pid() + "/ns/net")).toString());
          } catch (IOException gone) {
            // Ended between listing and looking.
          }
        });
    return used;
  }
}
