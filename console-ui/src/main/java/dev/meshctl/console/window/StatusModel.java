package dev.meshctl.console.window;

import dev.meshctl.console.feed.MeshState;
import dev.meshctl.model.query.MeshStatus;
import dev.meshctl.model.validation.Diagnostic;
import java.util.List;
import javafx.beans.property.ReadOnlyObjectProperty;
import javafx.beans.property.ReadOnlyObjectWrapper;

/** What the status bar says. Thread: that of {@link #show}'s caller. */
public final class StatusModel {
  private final ReadOnlyObjectWrapper<Line> line =
      new ReadOnlyObjectWrapper<>(new Line(Tone.WAITING, "connecting…", "", List.of()));

  public enum Tone {
    WAITING,
    GOOD,
    WARNING,
    BAD
  }

  /**
   * @param connection in a word or two
   * @param more generation and proxies
   * @param findings of the newest configuration, errors first
   */
  public record Line(Tone tone, String connection, String more, List<String> findings) {
    public Line {
      findings = List.copyOf(findings);
    }
  }

  public ReadOnlyObjectProperty<Line> line() {
    return line.getReadOnlyProperty();
  }

  public void show(MeshState state) {
    line.set(
        switch (state) {
          case MeshState.Connecting connecting ->
              new Line(Tone.WAITING, "connecting…", "", List.of());
          case MeshState.Lost(String reason) ->
              new Line(Tone.BAD, "no answer, trying again", line.get().more(), List.of(reason));
          case MeshState.Connected(MeshStatus status) -> connected(status);
        });
  }

  private static Line connected(MeshStatus status) {
    List<String> findings =
        status.diagnostics().stream()
            .sorted((a, b) -> a.severity().compareTo(b.severity()))
            .map(Diagnostic::toString)
            .toList();
    String more =
        "generation "
            + status.generation()
            + " · "
            + status.proxiesSynced()
            + " of "
            + status.proxies()
            + " proxies in sync";
    if (!status.accepted()) {
      return new Line(Tone.BAD, "last good configuration in force", more, findings);
    }
    boolean synced = status.proxiesSynced() == status.proxies();
    return new Line(synced ? Tone.GOOD : Tone.WARNING, "live", more, findings);
  }
}
