package dev.meshctl.cli;

/** How a command ends, for scripts. The numbers are never given another meaning. */
public enum ExitCode {
  /** Done. */
  OK(0),
  /** Tried, and it did not come about; or a finding of severity error. */
  FAILED(1),
  /** Refused before anything was changed: wrong usage, or an input that does not hold. */
  REFUSED(2),
  /** Ended by Ctrl-C. */
  INTERRUPTED(130);

  private final int number;

  ExitCode(int number) {
    this.number = number;
  }

  public int number() {
    return number;
  }
}
