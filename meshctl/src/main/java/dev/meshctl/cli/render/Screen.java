package dev.meshctl.cli.render;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * What the streams lead to.
 *
 * @param terminal true where standard output is one, so it may be redrawn
 * @param colour whether answers are coloured: a terminal, unless {@code NO_COLOR} is set or {@code
 *     TERM} is {@code dumb}
 * @param noteColour the same for standard error
 * @param columns of the terminal; {@link #UNBOUNDED} where lines may be of any length
 */
public record Screen(boolean terminal, boolean colour, boolean noteColour, int columns) {
  public static final int UNBOUNDED = Integer.MAX_VALUE;

  /** A pipe or a file: no colour, lines of any length. */
  public static final Screen PLAIN = new Screen(false, false, false, UNBOUNDED);

  private static final int USUAL_COLUMNS = 80;

  public static Screen of(Map<String, String> environment) {
    boolean out = isTerminal(1);
    boolean err = isTerminal(2);
    boolean colours =
        environment.getOrDefault("NO_COLOR", "").isEmpty()
            && !environment.getOrDefault("TERM", "dumb").equals("dumb");
    return new Screen(out, out && colours, err && colours, out ? columns(environment) : UNBOUNDED);
  }

  private static boolean isTerminal(int descriptor) {
    try {
      String target = Files.readSymbolicLink(Path.of("/proc/self/fd/" + descriptor)).toString();
      return target.startsWith("/dev/pts/")
          || target.startsWith("/dev/tty")
          || target.equals("/dev/console");
    } catch (IOException noProc) {
      return System.console() != null && System.console().isTerminal();
    }
  }

  private static int columns(Map<String, String> environment) {
    int named = number(environment.getOrDefault("COLUMNS", ""));
    return named > 0 ? named : askTerminal();
  }

  /** {@code stty size} prints rows and columns of the terminal that is its input. */
  private static int askTerminal() {
    try {
      Process stty =
          new ProcessBuilder("stty", "size")
              .redirectInput(Path.of("/dev/tty").toFile())
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      String[] size = new String(stty.getInputStream().readAllBytes()).strip().split(" ");
      stty.waitFor(1, TimeUnit.SECONDS);
      int columns = size.length == 2 ? number(size[1]) : 0;
      return columns > 0 ? columns : USUAL_COLUMNS;
    } catch (IOException noTerminal) {
      return USUAL_COLUMNS;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return USUAL_COLUMNS;
    }
  }

  private static int number(String text) {
    try {
      return Integer.parseInt(text.strip());
    } catch (NumberFormatException e) {
      return 0;
    }
  }
}
