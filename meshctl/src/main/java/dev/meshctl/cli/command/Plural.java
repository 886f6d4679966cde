package dev.meshctl.cli.command;

/** {@code 1 file}, {@code 2 files}, {@code 3 proxies}. */
public final class Plural {
  private Plural() {}

  public static String of(long number, String noun) {
    if (number == 1) {
      return "1 " + noun;
    }
    return number + " " + (noun.equals("proxy") ? "proxies" : noun + "s");
  }
}
