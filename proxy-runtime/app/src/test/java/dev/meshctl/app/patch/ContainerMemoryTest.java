package dev.meshctl.app.patch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshctl.model.patch.RuntimeReport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The figures of the first test are those with which {@code SupervisorTest} sees one refused. */
class ContainerMemoryTest {
  @TempDir private Path cgroup;

  private void file(String name, String text) throws IOException {
    Path file = cgroup.resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
  }

  private long room() {
    return new ContainerMemory(cgroup).roomBytes();
  }

  @Test
  void what_is_in_use_counts_but_for_pages_of_files_that_nobody_looks_at() throws IOException {
    file("memory.max", "200000000\n");
    file("memory.current", "150000000\n");
    assertThat(room()).isEqualTo(50_000_000);

    file("memory.stat", "anon 100000000\ninactive_file 30000000\n");
    assertThat(room()).isEqualTo(80_000_000);
  }

  @Test
  void version_1_of_control_groups_counts_the_same() throws IOException {
    file("memory/memory.limit_in_bytes", "1000\n");
    file("memory/memory.usage_in_bytes", "700\n");
    file("memory/memory.stat", "inactive_file 1\ntotal_inactive_file 200\n");

    assertThat(room()).isEqualTo(500);
  }

  @Test
  void without_a_limit_or_without_files_nothing_limits_it() throws IOException {
    assertThat(room()).isEqualTo(RuntimeReport.UNLIMITED);
    file("memory.max", "max\n");
    file("memory.current", "700\n");
    assertThat(room()).isEqualTo(RuntimeReport.UNLIMITED);
  }

  @Test
  void more_than_all_in_use_leaves_nothing() throws IOException {
    file("memory.max", "1000\n");
    file("memory.current", "1001\n");

    assertThat(room()).isZero();
  }
}
