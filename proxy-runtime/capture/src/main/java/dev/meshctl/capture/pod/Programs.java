package dev.meshctl.capture.pod;

import java.io.IOException;
import java.util.List;

/** Runs the programs that load rules. */
public interface Programs {
  /**
   * How one ended.
   *
   * @param status of its exit; {@link #MISSING} where there is no such program
   */
  record Ran(int status, String out, String err) {
    /** As a shell has it. */
    public static final int MISSING = 127;

    boolean well() {
      return status == 0;
    }
  }

  /**
   * Runs one to its end.
   *
   * @throws IOException where it does not end in time
   */
  Ran run(List<String> command, String input) throws IOException;
}
