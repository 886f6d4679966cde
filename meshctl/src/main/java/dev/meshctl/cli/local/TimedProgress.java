package dev.meshctl.cli.local;

import dev.meshctl.cli.render.Output;
import dev.meshctl.cli.render.Style;
import java.util.Locale;

/** Progress as lines on standard error, each with the seconds since the start. */
public final class TimedProgress implements Progress {
  private final Output output;
  private final long begun = System.nanoTime();

  public TimedProgress(Output output) {
    this.output = output;
  }

  public double seconds() {
    return (System.nanoTime() - begun) / 1e9;
  }

  @Override
  public synchronized void line(String text) {
    String time = String.format(Locale.ROOT, "%5.1f s", seconds());
    output.note(output.paintNote(Style.QUIET, time) + "  " + text);
  }
}
