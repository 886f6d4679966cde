package dev.meshctl.app.patch;

import dev.meshctl.model.patch.RuntimeReport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * What the limit of a container's memory leaves, counted as the supervisor counts it ({@code fits}
 * in {@code supervisor.c}) before it starts a second process: so an order that it would refuse is
 * known before.
 *
 * <p>Thread: any; blocking for the length of a few small reads.
 */
final class ContainerMemory {
  private static final Path CGROUP = Path.of("/sys/fs/cgroup");
  private static final long UNKNOWN = -1;

  private final Path cgroup;

  /**
   * @param cgroup where the files of the container's control group are, version 2 or 1
   */
  ContainerMemory(Path cgroup) {
    this.cgroup = cgroup;
  }

  /** That of this process. */
  static ContainerMemory here() {
    return new ContainerMemory(CGROUP);
  }

  /** Bytes; {@link RuntimeReport#UNLIMITED} where there is no limit or nobody can tell. */
  long roomBytes() {
    long used = number("memory.current", "");
    return used >= 0
        ? room(number("memory.max", ""), used, number("memory.stat", "inactive_file "))
        : room(
            number("memory/memory.limit_in_bytes", ""),
            number("memory/memory.usage_in_bytes", ""),
            number("memory/memory.stat", "total_inactive_file "));
  }

  /** Pages of files that nobody looks at make room by themselves. */
  private static long room(long limit, long used, long cache) {
    if (limit < 0 || used < 0) {
      return RuntimeReport.UNLIMITED;
    }
    return Math.max(0, limit - (cache > 0 && used > cache ? used - cache : used));
  }

  /** The number in a file, or behind {@code word} in one of its lines. */
  private long number(String file, String word) {
    try {
      List<String> lines = Files.readAllLines(cgroup.resolve(file));
      for (String line : lines) {
        if (line.startsWith(word)) {
          return Long.parseLong(line.substring(word.length()).strip());
        }
      }
      return UNKNOWN;
    } catch (IOException | NumberFormatException none) {
      // "max", or no such file.
      return UNKNOWN;
    }
  }
}
