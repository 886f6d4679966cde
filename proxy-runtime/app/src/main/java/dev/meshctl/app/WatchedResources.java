package dev.meshctl.app;

import dev.meshctl.model.wire.DataFiles;
import dev.meshctl.model.wire.EnvoyBootstrap;
import dev.meshctl.model.wire.EnvoyBootstrap.FileOutcome;
import dev.meshctl.model.xds.ResourceType;
import dev.meshctl.model.xds.StandaloneConfig.WatchedFile;
import dev.meshctl.model.xds.XdsResource;
import dev.meshctl.model.xds.XdsSnapshot;
import dev.meshctl.xdsclient.ConfigSink;
import java.io.IOException;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Resources from files beside the static ones, put in force anew when a file changes; one that
 * cannot be read or holds what is not supported leaves its last good version in force. Changes are
 * seen by the file's folder, so a file that is moved into place counts as one that is written.
 *
 * <p>Thread: {@link #load} before {@link #watch}; then a virtual thread of its own.
 */
final class WatchedResources implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(WatchedResources.class.getName());

  private final XdsSnapshot statics;
  private final DataFiles files;
  private final boolean lenient;
  private final Set<WatchedFile> watched;
  private final Map<WatchedFile, String> texts = new LinkedHashMap<>();
  private final Map<WatchedFile, XdsSnapshot> good = new LinkedHashMap<>();
  private final Set<Path> folders = new HashSet<>();
  private @Nullable WatchService service;

  WatchedResources(
      XdsSnapshot statics, List<WatchedFile> watched, DataFiles files, boolean lenient) {
    this.statics = statics;
    this.watched = new LinkedHashSet<>(watched);
    this.files = files;
    this.lenient = lenient;
  }

  /**
   * All files for the first time.
   *
   * @throws IOException where one cannot be used; the message says why
   */
  XdsSnapshot load() throws IOException {
    Set<WatchedFile> done = new HashSet<>();
    while (!done.containsAll(watched)) {
      for (WatchedFile each : List.copyOf(watched)) {
        if (done.add(each)) {
          read(each);
        }
      }
    }
    return all();
  }

  /** Begins to watch; {@code sink} is given all anew after each change. */
  void watch(ConfigSink sink) throws IOException {
    if (watched.isEmpty()) {
      return;
    }
    WatchService began = FileSystems.getDefault().newWatchService();
    service = began;
    register(began);
    Thread.ofVirtual().name("watched-files").start(() -> run(began, sink));
  }

  private void register(WatchService with) throws IOException {
    for (WatchedFile each : watched) {
      Path folder = Path.of(each.path()).toAbsolutePath().getParent();
      if (folder != null && folders.add(folder)) {
        folder.register(
            with, StandardWatchEventKinds.ENTRY_CREATE, StandardWatchEventKinds.ENTRY_MODIFY);
      }
    }
  }

  private void run(WatchService from, ConfigSink sink) {
    try {
      while (true) {
        WatchKey key = from.take();
        key.pollEvents();
        key.reset();
        if (changed()) {
          register(from);
          sink.accept(all())
              .forEach(rejected ->
                  LOG.log(
                      System.Logger.Level.WARNING,
                      "{0} {1}: {2}; the last good one stays in force",
                      rejected.type(),
                      rejected.name(),
                      rejected.reason()));
        }
      }
    } catch (ClosedWatchServiceException ended) {
      // As asked.
    } catch (InterruptedException ended) {
      Thread.currentThread().interrupt();
    } catch (IOException broken) {
      LOG.log(
          System.Logger.Level.ERROR,
          "files are watched no longer, their resources stay in force: {0}",
          broken.getMessage());
    }
  }

  private boolean changed() {
    boolean any = false;
    for (WatchedFile each : List.copyOf(watched)) {
      try {
        any |= read(each);
      } catch (IOException unusable) {
        LOG.log(
            System.Logger.Level.WARNING,
            "{0}; the last good version stays in force",
            unusable.getMessage());
      }
    }
    return any;
  }

  /** Whether the file says something else than before. */
  private synchronized boolean read(WatchedFile file) throws IOException {
    String text = files.read(file.path());
    if (text.equals(texts.put(file, text))) {
      return false;
    }
    return switch (EnvoyBootstrap.readFile(file, text, files, lenient)) {
      case FileOutcome.Taken(var resources, var more) -> {
        good.put(file, resources);
        watched.addAll(more);
        yield true;
      }
      case FileOutcome.Refused(var problems) -> throw new IOException(String.join("\n", problems));
    };
  }

  /** All that is in the files and static, and {@code others} beside it. */
  XdsSnapshot with(XdsSnapshot others) {
    Map<ResourceType, Map<String, XdsResource>> joined = new EnumMap<>(ResourceType.class);
    join(joined, others);
    join(joined, all());
    return new XdsSnapshot(joined);
  }

  private synchronized XdsSnapshot all() {
    Map<ResourceType, Map<String, XdsResource>> joined = new EnumMap<>(ResourceType.class);
    good.values().forEach(snapshot -> join(joined, snapshot));
    // Last, as static resources cannot be replaced.
    join(joined, statics);
    return new XdsSnapshot(joined);
  }

  private static void join(Map<ResourceType, Map<String, XdsResource>> into, XdsSnapshot snapshot) {
    snapshot
        .resources()
        .forEach((type, byName) ->
            into.computeIfAbsent(type, t -> new LinkedHashMap<>()).putAll(byName));
  }

  @Override
  public void close() throws IOException {
    WatchService running = service;
    if (running != null) {
      running.close();
    }
  }
}
