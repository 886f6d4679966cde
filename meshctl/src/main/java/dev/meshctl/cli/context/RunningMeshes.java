package dev.meshctl.cli.context;

import dev.meshctl.model.query.MeshQueryException;
import dev.meshctl.model.query.QueryJson;
import dev.meshctl.model.query.RunningMesh;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongPredicate;
import java.util.stream.Collectors;
import tools.jackson.core.JacksonException;

/**
 * The local meshes of one user: a folder each below {@code STATE/local}, with {@code mesh.json}
 * (readable by its owner only) while the mesh runs. One whose supervisor is gone does not run,
 * whatever its file says.
 *
 * <p>Thread: any; blocking.
 */
public final class RunningMeshes {
  /** Overrides where state is kept. */
  public static final String STATE_VARIABLE = "MESHCTL_STATE_DIR";

  private static final String FILE = "mesh.json";
  private static final FileAttribute<Set<PosixFilePermission>> OWNER_FOLDER =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
  private static final FileAttribute<Set<PosixFilePermission>> OWNER_FILE =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

  private final Path stateFolder;
  private final LongPredicate alive;

  private RunningMeshes(Path stateFolder, LongPredicate alive) {
    this.stateFolder = stateFolder;
    this.alive = alive;
  }

  /**
   * Those of the user whose environment this is: {@code MESHCTL_STATE_DIR}, else {@code
   * $XDG_STATE_HOME/meshctl}, else {@code ~/.local/state/meshctl}.
   */
  public static RunningMeshes of(Map<String, String> environment) {
    return new RunningMeshes(stateFolder(environment), RunningMeshes::isAlive);
  }

  /**
   * @param alive whether a process of this id runs
   */
  static RunningMeshes of(Path stateFolder, LongPredicate alive) {
    return new RunningMeshes(stateFolder, alive);
  }

  private static Path stateFolder(Map<String, String> environment) {
    String named = environment.getOrDefault(STATE_VARIABLE, "");
    if (!named.isBlank()) {
      return Path.of(named).toAbsolutePath();
    }
    String xdg = environment.getOrDefault("XDG_STATE_HOME", "");
    if (!xdg.isBlank()) {
      return Path.of(xdg).toAbsolutePath().resolve("meshctl");
    }
    return Path.of(System.getProperty("user.home"), ".local", "state", "meshctl");
  }

  private static boolean isAlive(long pid) {
    return ProcessHandle.of(pid).map(ProcessHandle::isAlive).orElse(false);
  }

  /** Where all state is kept, whether it exists or not. */
  public Path stateFolder() {
    return stateFolder;
  }

  /** The folder of one mesh, whether it exists or not. */
  public Path folder(String mesh) {
    return stateFolder.resolve("local").resolve(mesh);
  }

  /** Where a mesh makes itself known, whether it does or not. */
  public Path file(String mesh) {
    return folder(mesh).resolve(FILE);
  }

  /** Those that run, by name. */
  public List<RunningMesh> running() {
    return all().stream().filter(mesh -> alive.test(mesh.supervisorPid())).toList();
  }

  /** Those whose supervisor died without tidying up, by name. */
  public List<RunningMesh> abandoned() {
    return all().stream().filter(mesh -> !alive.test(mesh.supervisorPid())).toList();
  }

  /**
   * The mesh of this name, or the only one that runs.
   *
   * @throws MeshQueryException.NoMesh where there is none, or several to choose from
   */
  public RunningMesh find(Optional<String> name) {
    List<RunningMesh> running = running();
    String where = stateFolder.resolve("local").toString();
    if (name.isPresent()) {
      return running.stream()
          .filter(mesh -> mesh.name().equals(name.get()))
          .findFirst()
          .orElseThrow(() ->
              new MeshQueryException.NoMesh(
                  where,
                  "no mesh " + name.get() + " runs (running: " + names(running) + ")",
                  null));
    }
    if (running.size() == 1) {
      return running.getFirst();
    }
    throw new MeshQueryException.NoMesh(
        where,
        running.isEmpty()
            ? "no mesh runs"
            : "several meshes run: " + names(running) + "; choose one with --mesh NAME",
        null);
  }

  /** Makes the folder of a mesh, private to its owner. */
  public Path prepare(String mesh) throws IOException {
    Path folder = folder(mesh);
    Files.createDirectories(folder.getParent());
    if (!Files.isDirectory(folder)) {
      Files.createDirectory(folder, OWNER_FOLDER);
    }
    return folder;
  }

  /** Makes a mesh known to other terminals, at once and whole. */
  public void write(RunningMesh mesh) throws IOException {
    Path folder = prepare(mesh.name());
    Path fresh = Files.createTempFile(folder, FILE, ".new", OWNER_FILE);
    try {
      Files.writeString(fresh, QueryJson.mapper().writeValueAsString(mesh));
      Files.move(fresh, folder.resolve(FILE), StandardCopyOption.ATOMIC_MOVE);
    } catch (AtomicMoveNotSupportedException e) {
      throw new IOException(folder + ": the file system cannot replace a file at once", e);
    } finally {
      Files.deleteIfExists(fresh);
    }
  }

  /** Ends what {@link #write} began. */
  public void remove(String mesh) throws IOException {
    Files.deleteIfExists(folder(mesh).resolve(FILE));
  }

  private List<RunningMesh> all() {
    List<RunningMesh> found = new ArrayList<>();
    Path local = stateFolder.resolve("local");
    if (!Files.isDirectory(local)) {
      return found;
    }
    try (DirectoryStream<Path> folders = Files.newDirectoryStream(local, Files::isDirectory)) {
      for (Path folder : folders) {
        read(folder.resolve(FILE)).ifPresent(found::add);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    found.sort(Comparator.comparing(RunningMesh::name));
    return found;
  }

  private static Optional<RunningMesh> read(Path file) throws IOException {
    try {
      return Optional.of(QueryJson.mapper().readValue(Files.readString(file), RunningMesh.class));
    } catch (NoSuchFileException gone) {
      return Optional.empty();
    } catch (JacksonException malformed) {
      throw new IOException(
          file
              + " does not read as a mesh: "
              + malformed.getOriginalMessage()
              + "; delete it, it belongs to another version",
          malformed);
    }
  }

  private static String names(List<RunningMesh> meshes) {
    return meshes.isEmpty()
        ? "none"
        : meshes.stream().map(RunningMesh::name).collect(Collectors.joining(", "));
  }
}
