package dev.meshctl.model.compare.text;

/**
 * A set of visible ASCII characters and the space: what requests are looked through by. Others
 * never match, so what hangs on them alone is not told apart.
 *
 * @param low bit n for character n
 * @param high bit n for character 64 + n
 */
public record Letters(long low, long high) {
  static final Letters NONE = new Letters(0, 0);

  /** Space to tilde. */
  public static final Letters ALL = between(' ', '~');

  static Letters of(char letter) {
    return between(letter, letter);
  }

  /** All of {@code text}. */
  public static Letters of(String text) {
    Letters all = NONE;
    for (int i = 0; i < text.length(); i++) {
      all = all.or(of(text.charAt(i)));
    }
    return all;
  }

  /** From the first to the last, both included. */
  public static Letters between(int first, int last) {
    long low = 0;
    long high = 0;
    for (int letter = Math.max(first, ' '); letter <= Math.min(last, '~'); letter++) {
      if (letter < Long.SIZE) {
        low |= 1L << letter;
      } else {
        high |= 1L << (letter - Long.SIZE);
      }
    }
    return new Letters(low, high);
  }

  public Letters or(Letters other) {
    return new Letters(low | other.low, high | other.high);
  }

  /** Those that are not in {@code other}. */
  public Letters without(Letters other) {
    return new Letters(low & ~other.low, high & ~other.high);
  }

  Letters not() {
    return ALL.without(this);
  }

  boolean has(char letter) {
    return letter < Long.SIZE
        ? (low >>> letter & 1) != 0
        : letter < 2 * Long.SIZE && (high >>> (letter - Long.SIZE) & 1) != 0;
  }

  /** With the other case of each of its letters. */
  Letters inAnyCase() {
    Letters all = this;
    for (char letter = 'A'; letter <= 'Z'; letter++) {
      char small = (char) (letter + ('a' - 'A'));
      if (has(letter) || has(small)) {
        all = all.or(of(letter)).or(of(small));
      }
    }
    return all;
  }
}
