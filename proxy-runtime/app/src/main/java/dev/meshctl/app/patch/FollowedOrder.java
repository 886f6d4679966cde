package dev.meshctl.app.patch;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The order that was followed last, and what ran here: on the volume, so that the next process
 * knows it too, and one that failed is not tried again by a process that was started anew.
 *
 * @param generation 0 before any
 * @param sinceEpochMillis when it was received
 * @param ranBefore addresses of the bundles that this proxy ran, the last one last; no more than
 *     {@value #MOST}
 */
record FollowedOrder(long generation, long sinceEpochMillis, List<String> ranBefore) {
  static final FollowedOrder NONE = new FollowedOrder(0, 0, List.of());
  private static final String FILE = "followed";

  /** Nobody goes back further. */
  private static final int MOST = 32;

  FollowedOrder {
    ranBefore =
        List.copyOf(ranBefore.subList(Math.max(0, ranBefore.size() - MOST), ranBefore.size()));
  }

  static FollowedOrder read(Path state) {
    try {
      List<String> lines = Files.readAllLines(state.resolve(FILE));
      return new FollowedOrder(
          Long.parseLong(lines.get(0)),
          Long.parseLong(lines.get(1)),
          lines.subList(2, lines.size()));
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
    List<String> more = new ArrayList<>(ranBefore);
    more.remove(digest);
    more.add(digest);
    return new FollowedOrder(generation, sinceEpochMillis, more);
  }

  /** What ran before {@code running}: the way back. */
  Optional<String> before(String running) {
    return ranBefore.reversed().stream().filter(each -> !each.equals(running)).findFirst();
  }

  void write(Path state) throws IOException {
    StringBuilder text = new StringBuilder();
    text.append(generation).append('\n').append(sinceEpochMillis).append('\n');
    ranBefore.forEach(digest -> text.append(digest).append('\n'));
    Path fresh = Files.writeString(state.resolve(FILE + ".new"), text);
    Files.move(fresh, state.resolve(FILE), StandardCopyOption.ATOMIC_MOVE);
  }
}
