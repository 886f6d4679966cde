package dev.meshctl.cli.context;

import dev.meshctl.cli.CommandFailure;
import dev.meshctl.cli.render.Diagnostics;
import dev.meshctl.cluster.reading.ClusterReading;
import dev.meshctl.model.source.FolderContents;
import dev.meshctl.model.source.FolderSource;
import dev.meshctl.model.validation.MeshValidator;
import dev.meshctl.model.validation.ObjectwiseValidator;
import dev.meshctl.model.validation.ValidatedMesh;
import dev.meshctl.model.validation.ValidationResult;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/** Folders of YAML, read and validated as the control plane of a mesh on this machine does. */
public final class Folders {
  /** Of all identities, where nobody says otherwise. */
  public static final String TRUST_DOMAIN = "cluster.local";

  /** Where what holds for the whole mesh is written. */
  public static final String ROOT_NAMESPACE = "istio-system";

  private Folders() {}

  /** What a folder holds, and what validation makes of it. */
  public static ValidationResult validated(FolderContents contents, String trustDomain) {
    return MeshValidator.validate(
        trustDomain,
        ROOT_NAMESPACE,
        contents.documents().resources(),
        contents.documents().diagnostics());
  }

  /**
   * The mesh of a folder.
   *
   * @throws CommandFailure where it holds none, with what is wrong
   */
  public static ValidatedMesh mesh(Path folder) throws IOException {
    return mesh(FolderSource.read(folder));
  }

  /**
   * What a cluster's control plane makes of what it reads: each object judged by itself.
   *
   * @param settings of that mesh
   */
  public static ObjectwiseValidator.Outcome validated(
      ClusterReading reading, ClusterMesh.MeshSettings settings) {
    return ObjectwiseValidator.validate(
        settings.trustDomain(),
        settings.rootNamespace(),
        reading.candidates(),
        Map.of(),
        Instant.now());
  }

  /** One of nothing, where a folder holds none. */
  public static ValidatedMesh empty() {
    return new ValidatedMesh(TRUST_DOMAIN, ROOT_NAMESPACE, List.of());
  }

  /** As {@link #mesh(Path)}, of what was read already. */
  public static ValidatedMesh mesh(FolderContents contents) {
    return switch (validated(contents, TRUST_DOMAIN)) {
      case ValidationResult.Valid valid -> valid.mesh();
      case ValidationResult.Invalid invalid ->
          throw CommandFailure.refused(
              contents.folder() + " is broken, so nothing can be said of it",
              Diagnostics.lines(Diagnostics.onlyErrors(invalid.diagnostics())),
              "mend it, or ask a running mesh what it holds: meshctl proxy config");
    };
  }
}
