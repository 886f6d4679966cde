package dev.meshctl.cli.render;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.jline.terminal.Terminal;
import org.jline.terminal.TerminalBuilder;
import org.jline.utils.AttributedString;
import org.jline.utils.Display;

/**
 * Lines at the end of a terminal, drawn anew in their place and cut to what it holds, also when its
 * size changes. They are gone when it is closed.
 *
 * <p>Thread: one.
 */
public final class Redrawn implements AutoCloseable {
  private static final int LEAST_COLUMNS = 20;

  private final Terminal terminal;
  private final Display display;
  private boolean closed;

  private Redrawn(Terminal terminal) {
    this.terminal = terminal;
    this.display = new Display(terminal, false);
    display.resize(terminal.getHeight(), terminal.getWidth());
  }

  /** Empty where there is no terminal that could be drawn on. */
  public static Optional<Redrawn> open() {
    try {
      return Optional.of(new Redrawn(TerminalBuilder.builder().system(true).dumb(true).build()));
    } catch (IOException none) {
      return Optional.empty();
    }
  }

  /** Lines that can be seen. */
  public int rows() {
    return Math.max(1, terminal.getHeight() - 1);
  }

  /** Of a line that can be seen. */
  public int columns() {
    return Math.max(LEAST_COLUMNS, terminal.getWidth());
  }

  /**
   * @param lines may be painted
   */
  public void draw(List<String> lines) {
    display.resize(terminal.getHeight(), columns());
    display.update(
        lines.stream()
            .limit(rows())
            .map(AttributedString::fromAnsi)
            .map(line -> line.columnSubSequence(0, columns()))
            .toList(),
        0);
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    display.update(List.of(), 0);
    try {
      terminal.close();
    } catch (IOException gone) {
      // Then there is nothing to give back.
    }
  }
}
