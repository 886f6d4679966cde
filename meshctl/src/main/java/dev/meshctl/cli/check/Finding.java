package dev.meshctl.cli.check;

/**
 * One thing looked at.
 *
 * @param subject what was looked at, a word or two
 * @param found what was seen
 * @param fix what to do; empty where nothing needs doing
 */
public record Finding(Level level, String subject, String found, String fix) {
  /** How it stands; only {@link #ERROR} fails the check. */
  public enum Level {
    OK,
    WARNING,
    ERROR
  }

  static Finding ok(String subject, String found) {
    return new Finding(Level.OK, subject, found, "");
  }

  static Finding warning(String subject, String found, String fix) {
    return new Finding(Level.WARNING, subject, found, fix);
  }

  static Finding error(String subject, String found, String fix) {
    return new Finding(Level.ERROR, subject, found, fix);
  }
}
