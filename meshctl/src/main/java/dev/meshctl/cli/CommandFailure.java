package dev.meshctl.cli;

import java.util.List;

/**
 * A command that cannot do what it was asked, with what its user needs to know: a line for what
 * happened, further lines, and what to do (may be empty). Shown by {@link Failures}, without a
 * stack trace.
 */
public final class CommandFailure extends RuntimeException {
  private final ExitCode exitCode;
  private final List<String> details;
  private final String fix;

  private CommandFailure(ExitCode exitCode, String problem, List<String> details, String fix) {
    super(problem);
    this.exitCode = exitCode;
    this.details = List.copyOf(details);
    this.fix = fix;
  }

  /** Tried and not achieved: exit code 1. */
  public static CommandFailure failed(String problem, String fix) {
    return new CommandFailure(ExitCode.FAILED, problem, List.of(), fix);
  }

  /** Tried and not achieved: exit code 1. */
  public static CommandFailure failed(String problem, List<String> details, String fix) {
    return new CommandFailure(ExitCode.FAILED, problem, details, fix);
  }

  /** Nothing was changed: exit code 2. */
  public static CommandFailure refused(String problem, List<String> details, String fix) {
    return new CommandFailure(ExitCode.REFUSED, problem, details, fix);
  }

  public ExitCode exitCode() {
    return exitCode;
  }

  public List<String> details() {
    return details;
  }

  public String fix() {
    return fix;
  }

  public String problem() {
    String message = getMessage();
    return message == null ? "" : message;
  }
}
