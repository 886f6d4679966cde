package dev.meshctl.app.cni;

import java.io.IOException;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * Looks after a folder of files: at once, when something changes there, and now and then, in case
 * the system lost a change.
 *
 * <p>Thread: one of its own, on which the looking is done.
 */
final class FolderWatch implements AutoCloseable {
  private static final Duration NOW_AND_THEN = Duration.ofSeconds(20);

  /** Who rewrites a file writes it in several steps; two who disagree must not heat a node. */
  private static final Duration PAUSE = Duration.ofMillis(200);

  private final WatchService changes;
  private final Thread thread;

  FolderWatch(Path folder, Runnable look) throws IOException {
    this.changes = folder.getFileSystem().newWatchService();
    WatchKey unused =
        folder.register(
            changes,
            StandardWatchEventKinds.ENTRY_CREATE,
            StandardWatchEventKinds.ENTRY_MODIFY,
            StandardWatchEventKinds.ENTRY_DELETE);
    this.thread = Thread.ofPlatform().daemon().name("network-folder").start(() -> follow(look));
  }

  private void follow(Runnable look) {
    try {
      while (true) {
        look.run();
        WatchKey key = changes.poll(NOW_AND_THEN.toMillis(), TimeUnit.MILLISECONDS);
        Thread.sleep(PAUSE);
        if (key != null) {
          key.pollEvents();
          key.reset();
        }
      }
    } catch (InterruptedException ended) {
      // By close.
    }
  }

  /** The last look is over when this returns. */
  @Override
  public void close() throws IOException {
    thread.interrupt();
    try {
      thread.join();
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
    changes.close();
  }
}
