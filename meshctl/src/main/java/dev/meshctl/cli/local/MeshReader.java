package dev.meshctl.cli.local;

import dev.meshctl.model.validation.Diagnostic;
import dev.meshctl.model.validation.ValidatedMesh;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** Reads a configuration folder, by the same code that the control plane uses. */
interface MeshReader {
  Reading read(Path folder) throws IOException;

  /** What a folder says. */
  sealed interface Reading {
    List<Diagnostic> diagnostics();

    record Good(ValidatedMesh mesh, List<Diagnostic> diagnostics) implements Reading {
      public Good {
        diagnostics = List.copyOf(diagnostics);
      }
    }

    record Broken(List<Diagnostic> diagnostics) implements Reading {
      public Broken {
        diagnostics = List.copyOf(diagnostics);
      }
    }
  }
}
