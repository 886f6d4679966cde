package dev.meshctl.controlplane.intake;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchEvent;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/**
 * Blocks until files may have changed. The system's watch wakes it at once where it can (one folder
 * deep); comparing names, sizes and times twice a second finds the rest. A change is reported when
 * the writing has paused, and once more afterwards, because a write within the clock's grain of the
 * first look leaves no trace in times.
 *
 * <p>Thread: one.
 */
final class FileWatch implements AutoCloseable {
  private static final long POLL_MILLIS = 400;

  private final Path folder;
  private final Path file;
  private final WatchService service;
  private final long quietMillis;
  private final int quietWaits;
  private TreeMap<String, String> seen;
  private boolean lookAgain;

  private FileWatch(
      Path folder, Path file, WatchService service, Duration quiet, Duration longest) {
    this.quietMillis = Math.max(1, quiet.toMillis());
    this.quietWaits = (int) Math.clamp(longest.toMillis() / quietMillis, 1, Integer.MAX_VALUE);
    this.folder = folder;
    this.file = file;
    this.service = service;
    this.seen = stamps();
    // The first look may have raced with a write too.
    this.lookAgain = true;
  }

  /**
   * @param quiet a change is reported once nothing has changed for so long, a millisecond or more
   * @param longest or after this
   */
  static FileWatch open(Path folder, Path file, Duration quiet, Duration longest)
      throws IOException {
    WatchService service = folder.getFileSystem().newWatchService();
    register(service, folder);
    Path parent = file.toAbsolutePath().getParent();
    if (parent != null) {
      register(service, parent);
    }
    return new FileWatch(folder, file, service, quiet, longest);
  }

  private static void register(WatchService service, Path folder) {
    try {
      folder.register(
          service,
          new WatchEvent.Kind<?>[] {
            StandardWatchEventKinds.ENTRY_CREATE,
            StandardWatchEventKinds.ENTRY_MODIFY,
            StandardWatchEventKinds.ENTRY_DELETE
          });
    } catch (IOException unwatchable) {
      // Absent or out of watches: the comparison finds changes, only a little later.
    }
  }

  void awaitChange() throws InterruptedException {
    while (true) {
      drain(service.poll(POLL_MILLIS, TimeUnit.MILLISECONDS));
      TreeMap<String, String> now = stamps();
      if (!now.equals(seen)) {
        seen = quiet(now);
        lookAgain = true;
        return;
      }
      if (lookAgain) {
        lookAgain = false;
        return;
      }
    }
  }

  private TreeMap<String, String> quiet(TreeMap<String, String> first) throws InterruptedException {
    TreeMap<String, String> last = first;
    for (int i = 0; i < quietWaits; i++) {
      drain(service.poll(quietMillis, TimeUnit.MILLISECONDS));
      TreeMap<String, String> now = stamps();
      if (now.equals(last)) {
        return now;
      }
      last = now;
    }
    return last;
  }

  private void drain(@org.jspecify.annotations.Nullable WatchKey first) {
    for (WatchKey key = first; key != null; key = service.poll()) {
      key.pollEvents();
      key.reset();
    }
  }

  private TreeMap<String, String> stamps() {
    TreeMap<String, String> stamps = new TreeMap<>();
    try {
      if (Files.exists(file)) {
        stamps.put(file.toString(), stamp(Files.readAttributes(file, BasicFileAttributes.class)));
      }
      Files.walkFileTree(
          folder,
          new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path path, BasicFileAttributes attributes) {
              stamps.put(path.toString(), stamp(attributes));
              return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path path, IOException vanished) {
              return FileVisitResult.CONTINUE;
            }
          });
    } catch (IOException | UncheckedIOException vanished) {
      // It changed while we looked: the next comparison sees how.
    }
    return stamps;
  }

  private static String stamp(BasicFileAttributes attributes) {
    return attributes.size() + " " + attributes.lastModifiedTime() + " " + attributes.fileKey();
  }

  @Override
  public void close() throws IOException {
    service.close();
  }
}
