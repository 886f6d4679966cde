package dev.meshctl.model.compare.text;

import dev.meshctl.model.compare.text.Expression.Any;
import dev.meshctl.model.compare.text.Expression.Beginning;
import dev.meshctl.model.compare.text.Expression.Either;
import dev.meshctl.model.compare.text.Expression.End;
import dev.meshctl.model.compare.text.Expression.Repeat;
import dev.meshctl.model.compare.text.Expression.Row;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Reads RE2 syntax (<a href="https://github.com/google/re2/wiki/Syntax">its page</a>) as far as it
 * speaks of ASCII: no word boundaries, no Unicode classes, no multi-line flag.
 */
final class RegexReader {
  private static final Letters DIGIT = Letters.between('0', '9');
  private static final Letters WORD =
      DIGIT.or(Letters.between('a', 'z')).or(Letters.between('A', 'Z')).or(Letters.of('_'));
  private static final Letters SPACE = Letters.of(' ');
  private static final Map<String, Letters> NAMED =
      Map.ofEntries(
          Map.entry("alnum", WORD.without(Letters.of('_'))),
          Map.entry("alpha", Letters.between('a', 'z').or(Letters.between('A', 'Z'))),
          Map.entry("ascii", Letters.ALL),
          Map.entry("blank", SPACE),
          Map.entry("cntrl", Letters.NONE),
          Map.entry("digit", DIGIT),
          Map.entry("graph", Letters.between('!', '~')),
          Map.entry("lower", Letters.between('a', 'z')),
          Map.entry("print", Letters.ALL),
          Map.entry("punct", Letters.between('!', '~').without(WORD).or(Letters.of('_'))),
          Map.entry("space", SPACE),
          Map.entry("upper", Letters.between('A', 'Z')),
          Map.entry("word", WORD),
          Map.entry("xdigit", DIGIT.or(Letters.between('a', 'f')).or(Letters.between('A', 'F'))));

  private final String text;
  private int at;
  private boolean anyCase;

  private RegexReader(String text) {
    this.text = text;
  }

  /** The expression; empty where it holds something that is not understood. */
  static Optional<Expression> read(String pattern) {
    try {
      RegexReader reader = new RegexReader(pattern);
      Expression whole = reader.either();
      return reader.at == pattern.length() ? Optional.of(whole) : Optional.empty();
    } catch (NotUnderstood other) {
      return Optional.empty();
    }
  }

  private static final class NotUnderstood extends RuntimeException {
    private static final long serialVersionUID = 1;

    NotUnderstood() {
      super("not understood", null, false, false);
    }
  }

  private boolean more() {
    return at < text.length();
  }

  private char next() {
    if (!more()) {
      throw new NotUnderstood();
    }
    return text.charAt(at++);
  }

  private boolean takes(String word) {
    if (text.startsWith(word, at)) {
      at += word.length();
      return true;
    }
    return false;
  }

  private Expression either() {
    List<Expression> ways = new ArrayList<>();
    do {
      ways.add(row());
    } while (takes("|"));
    return ways.size() == 1 ? ways.getFirst() : new Either(ways);
  }

  private Expression row() {
    List<Expression> parts = new ArrayList<>();
    while (more() && text.charAt(at) != '|' && text.charAt(at) != ')') {
      parts.add(repeated(one()));
    }
    return new Row(parts);
  }

  private Expression repeated(Expression one) {
    Expression repeated = one;
    if (takes("*")) {
      repeated = new Repeat(one, 0, Repeat.WITHOUT_END);
    } else if (takes("+")) {
      repeated = new Repeat(one, 1, Repeat.WITHOUT_END);
    } else if (takes("?")) {
      repeated = new Repeat(one, 0, 1);
    } else if (more() && text.charAt(at) == '{') {
      Optional<Repeat> counted = counted(one);
      if (counted.isEmpty()) {
        return one;
      }
      repeated = counted.get();
    } else {
      return one;
    }
    // What it takes first does not matter where the whole must match.
    takes("?");
    return repeated;
  }

  /** {@code {2}}, {@code {2,}}, {@code {2,5}}; anything else is a brace as such. */
  private Optional<Repeat> counted(Expression one) {
    int end = text.indexOf('}', at);
    if (end < 0 || !text.substring(at + 1, end).matches("\\d{1,4}(,\\d{0,4})?")) {
      return Optional.empty();
    }
    String[] bounds = text.substring(at + 1, end).split(",", -1);
    at = end + 1;
    int least = Integer.parseInt(bounds[0]);
    int most =
        bounds.length == 1
            ? least
            : bounds[1].isEmpty() ? Repeat.WITHOUT_END : Integer.parseInt(bounds[1]);
    return Optional.of(new Repeat(one, least, most));
  }

  private Expression one() {
    char letter = next();
    return switch (letter) {
      case '.' -> new Any(Letters.ALL);
      case '^' -> new Beginning();
      case '$' -> new End();
      case '(' -> group();
      case '[' -> new Any(cased(set()));
      case '\\' -> escaped();
      case '*', '+', '?' -> throw new NotUnderstood();
      default -> new Any(cased(Letters.of(letter)));
    };
  }

  private Letters cased(Letters letters) {
    return anyCase ? letters.inAnyCase() : letters;
  }

  private Expression group() {
    boolean outer = anyCase;
    if (takes("?P<") || takes("?<")) {
      int end = text.indexOf('>', at);
      if (end < 0) {
        throw new NotUnderstood();
      }
      at = end + 1;
    } else if (takes("?")) {
      flags();
      if (takes(")")) {
        // For the rest of the group around it.
        return new Row(List.of());
      }
      if (!takes(":")) {
        throw new NotUnderstood();
      }
    }
    Expression inside = either();
    if (!takes(")")) {
      throw new NotUnderstood();
    }
    anyCase = outer;
    return inside;
  }

  private void flags() {
    boolean on = true;
    while (more() && text.charAt(at) != ':' && text.charAt(at) != ')') {
      switch (next()) {
        case '-' -> on = false;
        case 'i' -> anyCase = on;
        case 's', 'U' -> {}
        default -> throw new NotUnderstood();
      }
    }
  }

  private Expression escaped() {
    if (takes("Q")) {
      int end = text.indexOf("\\E", at);
      String literal = text.substring(at, end < 0 ? text.length() : end);
      at = end < 0 ? text.length() : end + 2;
      Expression letters = Expression.literal(literal);
      return anyCase ? letters.inAnyCase() : letters;
    }
    if (takes("A")) {
      return new Beginning();
    }
    if (takes("z")) {
      return new End();
    }
    return new Any(cased(escapedLetters()));
  }

  private Letters escapedLetters() {
    char letter = next();
    return switch (letter) {
      case 'd' -> DIGIT;
      case 'D' -> DIGIT.not();
      case 'w' -> WORD;
      case 'W' -> WORD.not();
      case 's' -> SPACE;
      case 'S' -> SPACE.not();
      case 'a', 'f', 'n', 'r', 't', 'v' -> Letters.NONE;
      case 'x' -> Letters.of(hexadecimal());
      default -> {
        if (WORD.has(letter)) {
          throw new NotUnderstood();
        }
        yield Letters.of(letter);
      }
    };
  }

  private char hexadecimal() {
    int length = 2;
    int end = at + length;
    boolean braces = takes("{");
    if (braces) {
      end = text.indexOf('}', at);
    }
    try {
      char letter = (char) Integer.parseInt(text.substring(at, end), 16);
      at = braces ? end + 1 : end;
      return letter;
    } catch (IndexOutOfBoundsException | NumberFormatException malformed) {
      throw new NotUnderstood();
    }
  }

  /** After the bracket that opens it. */
  private Letters set() {
    boolean inverted = takes("^");
    Letters all = Letters.NONE;
    boolean first = true;
    while (first || !takes("]")) {
      first = false;
      if (takes("[:")) {
        all = all.or(named());
        continue;
      }
      char letter = next();
      Letters from = letter == '\\' ? escapedLetters() : Letters.of(letter);
      boolean range =
          at + 1 < text.length() && text.charAt(at) == '-' && text.charAt(at + 1) != ']';
      if (range) {
        at++;
        char last = next();
        Letters to = last == '\\' ? escapedLetters() : Letters.of(last);
        all = all.or(Letters.between(only(from), only(to)));
      } else {
        all = all.or(from);
      }
    }
    return inverted ? cased(all).not() : all;
  }

  private Letters named() {
    boolean inverted = takes("^");
    int end = text.indexOf(":]", at);
    Letters letters = end < 0 ? null : NAMED.get(text.substring(at, end));
    if (letters == null) {
      throw new NotUnderstood();
    }
    at = end + 2;
    return inverted ? letters.not() : letters;
  }

  private static char only(Letters letters) {
    char found = 0;
    for (char letter = ' '; letter <= '~'; letter++) {
      if (letters.has(letter)) {
        if (found != 0) {
          throw new NotUnderstood();
        }
        found = letter;
      }
    }
    if (found == 0) {
      throw new NotUnderstood();
    }
    return found;
  }
}
