package dev.meshctl.model.compare.text;

import dev.meshctl.model.xds.route.ValueMatch;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A set of texts, as a regular expression. */
public sealed interface Expression {
  /** Any text. */
  Expression ANYTHING = new Repeat(new Any(Letters.ALL), 0, Repeat.WITHOUT_END);

  /** One of these letters. */
  record Any(Letters of) implements Expression {}

  /** One after the other. */
  record Row(List<Expression> of) implements Expression {
    public Row {
      of = List.copyOf(of);
    }
  }

  /** One of them. */
  record Either(List<Expression> of) implements Expression {
    public Either {
      of = List.copyOf(of);
    }
  }

  /** Several times. */
  record Repeat(Expression of, int least, int most) implements Expression {
    static final int WITHOUT_END = Integer.MAX_VALUE;
  }

  /** Nothing, at the beginning of the text. */
  record Beginning() implements Expression {}

  /** Nothing, at the end of the text. */
  record End() implements Expression {}

  /** The one text. */
  static Expression literal(String text) {
    List<Expression> letters = new ArrayList<>();
    for (int i = 0; i < text.length(); i++) {
      letters.add(new Any(Letters.of(text.charAt(i))));
    }
    return new Row(letters);
  }

  static Expression row(Expression... parts) {
    return new Row(List.of(parts));
  }

  /** The texts that {@code match} takes; empty where they are not understood. */
  static Optional<Expression> of(ValueMatch match) {
    return switch (match) {
      case ValueMatch.Exact(var text) -> Optional.of(literal(text));
      case ValueMatch.Prefix(var text) -> Optional.of(row(literal(text), ANYTHING));
      case ValueMatch.Suffix(var text) -> Optional.of(row(ANYTHING, literal(text)));
      case ValueMatch.Contains(var text) -> Optional.of(row(ANYTHING, literal(text), ANYTHING));
      case ValueMatch.Regex(var pattern) -> RegexReader.read(pattern);
      case ValueMatch.Present() -> Optional.of(ANYTHING);
      case ValueMatch.IgnoringCase(ValueMatch.Regex regex) -> of(regex);
      case ValueMatch.IgnoringCase(var of) -> of(of).map(Expression::inAnyCase);
      case ValueMatch.Range range -> Optional.empty();
    };
  }

  /** The texts that hold one of these. */
  default Expression within() {
    return row(ANYTHING, this, ANYTHING);
  }

  /** With every letter in either case. */
  default Expression inAnyCase() {
    return switch (this) {
      case Any(var of) -> new Any(of.inAnyCase());
      case Row(var of) -> new Row(of.stream().map(Expression::inAnyCase).toList());
      case Either(var of) -> new Either(of.stream().map(Expression::inAnyCase).toList());
      case Repeat(var of, int least, int most) -> new Repeat(of.inAnyCase(), least, most);
      case Beginning beginning -> beginning;
      case End end -> end;
    };
  }
}
