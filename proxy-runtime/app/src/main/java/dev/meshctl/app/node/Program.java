package dev.meshctl.app.node;

import dev.meshctl.capture.pod.ChildPrograms;
import dev.meshctl.capture.pod.Programs;
import java.io.IOException;
import java.util.List;

/** A program that is to succeed. Blocking. */
final class Program {
  private static final Programs PROGRAMS = new ChildPrograms();

  private Program() {}

  /**
   * What it printed.
   *
   * @throws IOException where it cannot be started, does not end, or fails; the message has its
   *     last words
   */
  static String run(String input, String... command) throws IOException {
    Programs.Ran ran = PROGRAMS.run(List.of(command), input);
    if (ran.status() != 0) {
      throw new IOException(
          String.join(" ", command) + " ended with " + ran.status() + ": " + ran.err().strip());
    }
    return ran.out();
  }
}
