package dev.meshctl.controlplane.intake;

import dev.meshctl.model.source.Position;
import dev.meshctl.model.validation.Diagnostic;
import dev.meshctl.model.validation.ValidatedMesh;
import dev.meshctl.model.xds.MeshInventory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * Watches the folder and the inventory; hands each accepted configuration on. What is broken is
 * told in {@link #status}, and the last good of it stays in force: a broken folder keeps its mesh
 * while the inventory goes on, and the reverse.
 *
 * <p>Thread: one of its own does all; {@link #status} is for any.
 */
public final class MeshIntake implements Intake {
  private static final System.Logger LOG = System.getLogger(MeshIntake.class.getName());
  private static final String INVENTORY_CODE = "MESH0901";
  private static final String FOLDER_CODE = "MESH0902";
  private static final String TRANSLATION_CODE = "MESH0903";

  private final Path folder;
  private final Path inventoryFile;
  private final ConfigReader reader;
  private final Consumer<MeshConfiguration> accepted;
  private final JsonMapper json = JsonMapper.builder().build();
  private final FileWatch watch;
  private final Thread thread;

  private @Nullable ValidatedMesh mesh;
  private MeshInventory inventory = MeshInventory.EMPTY;
  private String inventoryText = "";
  private Map<String, String> digests = Map.of();
  private List<Diagnostic> folderFindings = List.of();
  private List<Diagnostic> inventoryFindings = List.of();
  private List<Diagnostic> translationFindings = List.of();
  private boolean folderAccepted;
  private boolean looked;
  private long generation;
  private volatile IntakeStatus status = IntakeStatus.NOTHING;

  private MeshIntake(
      Path folder,
      Path inventoryFile,
      ConfigReader reader,
      Consumer<MeshConfiguration> accepted,
      FileWatch watch) {
    this.folder = folder;
    this.inventoryFile = inventoryFile;
    this.reader = reader;
    this.accepted = accepted;
    this.watch = watch;
    this.thread = Thread.ofPlatform().daemon().name("intake").unstarted(this::watch);
  }

  /** A folder of YAML and a file of what runs. */
  public static Source of(Path folder, Path inventoryFile, ConfigReader reader) {
    return (debounce, accepted) -> start(folder, inventoryFile, reader, debounce, accepted);
  }

  /**
   * Looks once before it returns, then on every change, within half a second and the debounce.
   *
   * @param accepted called with each new configuration, one at a time
   * @throws IOException where the system gives no watch
   */
  public static MeshIntake start(
      Path folder,
      Path inventoryFile,
      ConfigReader reader,
      Debounce debounce,
      Consumer<MeshConfiguration> accepted)
      throws IOException {
    MeshIntake intake =
        new MeshIntake(
            folder,
            inventoryFile,
            reader,
            accepted,
            FileWatch.open(folder, inventoryFile, debounce.after(), debounce.longest()));
    intake.look();
    intake.thread.start();
    return intake;
  }

  @Override
  public IntakeStatus status() {
    return status;
  }

  @Override
  public void close() {
    thread.interrupt();
    try {
      thread.join(2000);
      watch.close();
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    } catch (IOException alreadyGone) {
      // Closing is all that was wanted.
    }
  }

  private void watch() {
    try {
      while (true) {
        watch.awaitChange();
        try {
          look();
        } catch (RuntimeException bug) {
          LOG.log(System.Logger.Level.ERROR, "the configuration could not be looked at", bug);
        }
      }
    } catch (InterruptedException closed) {
      // close() ends the loop.
    }
  }

  private void look() {
    boolean meshChanged = lookAtFolder();
    boolean inventoryChanged = lookAtInventory();
    ValidatedMesh inForce = mesh;
    if ((meshChanged || inventoryChanged) && inForce != null) {
      handOn(new MeshConfiguration(generation + 1, inForce, inventory));
    }
    looked = true;
    List<Diagnostic> findings = new ArrayList<>(folderFindings);
    findings.addAll(translationFindings);
    findings.addAll(inventoryFindings);
    status =
        new IntakeStatus(
            generation,
            folderAccepted && inventoryFindings.isEmpty() && translationFindings.isEmpty(),
            digests,
            findings);
  }

  /** A mesh that is valid and cannot be served is a bug of ours: told, and survived. */
  private void handOn(MeshConfiguration fresh) {
    try {
      accepted.accept(fresh);
      generation = fresh.generation();
      translationFindings = List.of();
    } catch (RuntimeException bug) {
      LOG.log(System.Logger.Level.ERROR, "a valid mesh cannot be served", bug);
      translationFindings =
          List.of(
              finding(
                  TRANSLATION_CODE,
                  folder,
                  "is valid but cannot be served: " + bug,
                  "undo the last change, and report this"));
    }
  }

  /** True when another mesh is in force than before. */
  private boolean lookAtFolder() {
    try {
      ConfigReader.Reading reading = reader.read(folder);
      if (looked
          && reading.digests().equals(digests)
          && folderFindings.equals(reading.diagnostics())) {
        return false;
      }
      digests = reading.digests();
      folderFindings = reading.diagnostics();
      Optional<ValidatedMesh> read = reading.mesh();
      folderAccepted = read.isPresent();
      if (read.isEmpty()) {
        LOG.log(
            System.Logger.Level.WARNING,
            "{0} is broken, the last good configuration stays in force: {1}",
            folder,
            folderFindings);
        return false;
      }
      boolean changed = !read.get().equals(mesh);
      mesh = read.get();
      return changed;
    } catch (IOException unreadable) {
      folderAccepted = false;
      folderFindings =
          List.of(
              finding(
                  FOLDER_CODE,
                  folder,
                  "cannot be read: " + unreadable,
                  "restore the folder, readable by this user"));
      return false;
    }
  }

  private boolean lookAtInventory() {
    try {
      // Without the file nothing runs yet.
      String text = Files.exists(inventoryFile) ? Files.readString(inventoryFile) : "";
      if (looked && text.equals(inventoryText) && inventoryFindings.isEmpty()) {
        return false;
      }
      MeshInventory read =
          text.isEmpty() ? MeshInventory.EMPTY : json.readValue(text, MeshInventory.class);
      inventoryText = text;
      inventoryFindings = List.of();
      boolean changed = !read.equals(inventory);
      inventory = read;
      return changed;
    } catch (IOException | JacksonException | NullPointerException broken) {
      inventoryFindings =
          List.of(
              finding(
                  INVENTORY_CODE,
                  inventoryFile,
                  "does not read as an inventory: " + broken.getMessage(),
                  "the launcher writes this file; restart the mesh"));
      return false;
    }
  }

  private static Diagnostic finding(String code, Path file, String problem, String fix) {
    return new Diagnostic(
        code,
        Diagnostic.Severity.ERROR,
        file.toString(),
        new Position(file.toString(), 1, 1),
        "",
        problem,
        fix);
  }
}
