package dev.meshctl.cli.local;

import dev.meshctl.cli.CommandFailure;
import dev.meshctl.cli.context.RunningMeshes;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * The folder of one running mesh, private to its owner, and the lock that says it runs. The system
 * frees the lock however the owner ends, so what a dead supervisor left is recognised and removed.
 */
final class RunFolder implements AutoCloseable {
  /** File with the process id of the janitor that removes the folder of a dead supervisor. */
  static final String JANITOR = "janitor.pid";

  private static final Duration JANITOR_PATIENCE = Duration.ofSeconds(8);

  private final Path folder;
  private final Path lockFile;
  private final RandomAccessFile lockHandle;

  private RunFolder(Path folder, Path lockFile, RandomAccessFile lockHandle) {
    this.folder = folder;
    this.lockFile = lockFile;
    this.lockHandle = lockHandle;
  }

  /**
   * Takes the name for this process.
   *
   * @throws CommandFailure where a mesh of this name runs, or the folder cannot be written
   */
  static RunFolder take(RunningMeshes meshes, String name) {
    Path folder = meshes.folder(name);
    Path lockFile = folder.resolveSibling(name + ".lock");
    try {
      Files.createDirectories(
          folder.getParent(),
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      RandomAccessFile handle = new RandomAccessFile(lockFile.toFile(), "rw");
      if (!locked(handle)) {
        handle.close();
        throw CommandFailure.failed(
            "a mesh " + name + " runs already" + supervisor(meshes, name),
            "end it with `meshctl local down --name " + name + "`, or choose another --name");
      }
      awaitJanitor(folder);
      delete(folder);
      meshes.prepare(name);
      RunFolder taken = new RunFolder(folder, lockFile, handle);
      for (String inner : List.of("logs", "tokens", "state", "proxies")) {
        Files.createDirectory(folder.resolve(inner));
      }
      return taken;
    } catch (AccessDeniedException denied) {
      throw CommandFailure.failed(
          "no permission to write " + denied.getFile(),
          "make it writable, or set " + RunningMeshes.STATE_VARIABLE + " to a folder that is");
    } catch (IOException unusable) {
      throw CommandFailure.failed(
          "the run folder " + folder + " cannot be used: " + unusable.getMessage(),
          "set " + RunningMeshes.STATE_VARIABLE + " to a folder of yours");
    }
  }

  /** A dead supervisor's janitor may still be at work, and would remove what we make. */
  private static void awaitJanitor(Path folder) throws IOException {
    Path file = folder.resolve(JANITOR);
    if (!Files.exists(file)) {
      return;
    }
    Optional<ProcessHandle> janitor =
        ProcessHandle.of(Long.parseLong(Files.readString(file).strip()));
    try {
      if (janitor.isPresent()) {
        janitor.get().onExit().get(JANITOR_PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
      }
    } catch (TimeoutException | ExecutionException stranger) {
      // The number was given to another process since: then there is no janitor.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Whether a supervisor holds the name. */
  static boolean isTaken(RunningMeshes meshes, String name) {
    Path lockFile = meshes.folder(name).resolveSibling(name + ".lock");
    if (!Files.exists(lockFile)) {
      return false;
    }
    try (RandomAccessFile handle = new RandomAccessFile(lockFile.toFile(), "rw")) {
      return !locked(handle);
    } catch (IOException unreadable) {
      return false;
    }
  }

  private static boolean locked(RandomAccessFile handle) throws IOException {
    try {
      @Nullable FileLock lock = handle.getChannel().tryLock();
      return lock != null;
    } catch (OverlappingFileLockException inThisProcess) {
      return false;
    }
  }

  private static String supervisor(RunningMeshes meshes, String name) {
    return meshes.running().stream()
        .filter(mesh -> mesh.name().equals(name))
        .map(mesh -> " (supervisor: pid " + mesh.supervisorPid() + ")")
        .findFirst()
        .orElse("");
  }

  Path folder() {
    return folder;
  }

  /** Where a detached supervisor writes; beside the folder, because it is older. */
  Path supervisorLog() {
    return supervisorLog(folder);
  }

  static Path supervisorLog(Path folder) {
    return folder.resolveSibling(folder.getFileName() + ".supervisor.log");
  }

  /** Where a working copy of the configuration is, if the mesh was started from one. */
  static Path copyFolder(Path folder) {
    return folder.resolveSibling(folder.getFileName() + ".config");
  }

  /** All that is to be gone when the mesh is. */
  List<Path> leftovers() {
    return List.of(folder, supervisorLog(), copyFolder(folder));
  }

  /** Where a process's output goes. */
  Path log(String process) {
    return folder.resolve("logs").resolve(process + ".log");
  }

  /** Replaces a file at once: a reader sees the old text or the new. */
  Path write(String name, String text) throws IOException {
    return write(folder.resolve(name), text);
  }

  static Path write(Path file, String text) throws IOException {
    Path fresh =
        Files.createTempFile(
            file.toAbsolutePath().getParent(),
            ".fresh",
            ".tmp",
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    try {
      Files.writeString(fresh, text);
      Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      return file;
    } finally {
      Files.deleteIfExists(fresh);
    }
  }

  /** Removes the folder and gives the name back. */
  @Override
  public void close() {
    try {
      delete(folder);
      Files.deleteIfExists(supervisorLog());
      delete(copyFolder(folder));
      // Before the handle: a lock file is only ever removed by who holds it.
      Files.deleteIfExists(lockFile);
      lockHandle.close();
    } catch (IOException left) {
      System.getLogger(RunFolder.class.getName())
          .log(System.Logger.Level.WARNING, "could not remove {0}: {1}", folder, left.toString());
    }
  }

  static void delete(Path folder) throws IOException {
    if (!Files.exists(folder)) {
      return;
    }
    Files.walkFileTree(
        folder,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.deleteIfExists(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path file, IOException gone) {
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path inner, @Nullable IOException failure)
              throws IOException {
            Files.deleteIfExists(inner);
            return FileVisitResult.CONTINUE;
          }
        });
  }
}
