package dev.meshctl.controlplane.intake;

import java.io.IOException;
import java.time.Duration;
import java.util.function.Consumer;

/**
 * Takes in what the mesh should be, from wherever it is written, until closed. The last good
 * configuration stays in force whatever becomes of it there.
 *
 * <p>Thread: any.
 */
public interface Intake extends AutoCloseable {
  IntakeStatus status();

  @Override
  void close();

  /**
   * Several changes that follow each other closely are one.
   *
   * @param after nothing has changed for so long
   * @param longest that a change waits for that
   */
  record Debounce(Duration after, Duration longest) {}

  /** Where it is written. */
  @FunctionalInterface
  interface Source {
    /**
     * Begins.
     *
     * @param accepted called with each new configuration, one at a time
     * @throws IOException where it cannot be followed at all
     */
    Intake start(Debounce debounce, Consumer<MeshConfiguration> accepted) throws IOException;
  }
}
