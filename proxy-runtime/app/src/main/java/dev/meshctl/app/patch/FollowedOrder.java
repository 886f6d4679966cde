package dev.meshctl.app.patch;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * The order that was followed last, and what ran here: on the volume, so that the next process
 * knows it too, and one that failed is not tried again by a process that was started anew.
 *
 * @param generation 0 before any
 * @param sinceEpochMillis when it was received
 * @param ranBefore addresses of the bundles that this proxy ran
 */
record FollowedOrder(long generation, long sinceEpochMillis, Set<String> ranBefore) {
  static final FollowedOrder NONE = new FollowedOrder(0, 0, Set.of());
  private static final String FILE = "followed";

  FollowedOrder {
    ranBefore = Set.copyOf(ranBefore);
  }

  static FollowedOrder read(Path state) {
    try {
      List<String> lines = Files.readAllLines(state.resolve(FILE));
      return new FollowedOrder(
          Long.parseLong(lines.get(0)),
          Long.parseLong(lines.get(1)),
          new LinkedHashSet<>(lines.subList(2, lines.size())));
    } catch (IOException | IllegalArgumentException | IndexOutOfBoundsException none) {
      return NONE;
    }
  }

  FollowedOrder follow(long next, long nowEpochMillis) {
    return new FollowedOrder(next, nowEpochMillis, ranBefore);
  }

  /**
   * @param digest empty for what was shipped, which is always known
   */
  FollowedOrder ran(String digest) {
    if (digest.isEmpty()) {
      return this;
    }
    Set<String> more = new LinkedHashSet<>(ranBefore);
    more.add(digest);
    return new FollowedOrder(generation, sinceEpochMillis, more);
  }

  void write(Path state) throws IOException {
    StringBuilder text = new StringBuilder();
    text.append(generation).append('\n').append(sinceEpochMillis).append('\n');
    ranBefore.stream().sorted().forEach(digest -> text.append(digest).append('\n'));
    Path fresh = Files.writeString(state.resolve(FILE + ".new"), text);
    Files.move(fresh, state.resolve(FILE), StandardCopyOption.ATOMIC_MOVE);
  }
}
