package dev.meshctl.image;

import com.google.cloud.tools.jib.api.buildplan.AbsoluteUnixPath;
import com.google.cloud.tools.jib.api.buildplan.FileEntriesLayer;
import com.google.cloud.tools.jib.api.buildplan.FilePermissions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * The files of an image as layers, those that change least first. Everything belongs to root and is
 * written by nobody; the time of a file counts only in the runtime, whose start-up caches know the
 * jars by it.
 */
final class ImageContents {
  private static final FilePermissions FILE = FilePermissions.fromOctalString("644");
  private static final FilePermissions PROGRAM = FilePermissions.fromOctalString("755");
  private static final FilePermissions EVERYBODY = FilePermissions.fromOctalString("777");
  private static final String ROOT = "0:0";
  private static final Instant SOME_TIME = Instant.parse("2026-01-01T00:00:00Z");

  private final List<FileEntriesLayer> layers = new ArrayList<>();

  List<FileEntriesLayer> layers() {
    return List.copyOf(layers);
  }

  /**
   * The C libraries and what a process wants to know of its system; programs for rules.
   *
   * @param binaries of other layers, whose libraries are needed
   * @param own folders of those whose libraries come with them
   * @param empty an empty folder
   */
  void system(CaptureTools tools, List<Path> binaries, List<Path> own, Path empty, Path texts)
      throws IOException, InterruptedException {
    FileEntriesLayer.Builder layer = FileEntriesLayer.builder().setName("system");
    List<Path> all = new ArrayList<>(binaries);
    all.addAll(tools.programs());
    all.addAll(tools.extensions());
    Set<Path> libraries = new TreeSet<>(SharedLibraries.of(all, own));
    for (Path library : libraries) {
      add(layer, library.toRealPath(), library.toString(), PROGRAM);
    }
    for (Path extension : tools.extensions()) {
      add(layer, extension, extension.toString(), FILE);
    }
    for (Path program : tools.programs()) {
      add(layer, program, RuntimeImage.HOME + "/bin/" + program.getFileName(), PROGRAM);
    }
    for (Path text : Trees.files(texts)) {
      add(layer, text, "/" + texts.relativize(text), FILE);
    }
    layer.addEntry(empty, AbsoluteUnixPath.get("/tmp"), EVERYBODY, SOME_TIME, ROOT);
    // Where volumes of a pod are mounted.
    layer.addEntry(
        empty, AbsoluteUnixPath.get("/var/lib/meshctl"), PROGRAM, SOME_TIME, "1337:1337");
    layers.add(layer.build());
  }

  /** All files of {@code folder}, at {@code target}. */
  void tree(String name, Path folder, String target, boolean timed) throws IOException {
    FileEntriesLayer.Builder layer = FileEntriesLayer.builder().setName(name);
    for (Path file : Trees.files(folder)) {
      Instant time = timed ? Files.getLastModifiedTime(file).toInstant() : SOME_TIME;
      layer.addEntry(
          file.toRealPath(),
          AbsoluteUnixPath.get(target + "/" + folder.relativize(file)),
          Files.isExecutable(file) ? PROGRAM : FILE,
          time,
          ROOT);
    }
    layers.add(layer.build());
  }

  /** One program. */
  void program(String name, Path file, String target) throws IOException {
    FileEntriesLayer.Builder layer = FileEntriesLayer.builder().setName(name);
    add(layer, file, target, PROGRAM);
    layers.add(layer.build());
  }

  private static void add(
      FileEntriesLayer.Builder layer, Path file, String target, FilePermissions permissions) {
    layer.addEntry(file, AbsoluteUnixPath.get(target), permissions, SOME_TIME, ROOT);
  }
}
