package dev.meshctl.integration.differential;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * A text that a regular expression matches, for the expressions that people write in routes: texts,
 * classes, groups, alternatives, repetition. Whatever else there is stands for itself, so that the
 * text may be a near miss.
 */
final class RegexSample {
  private static final int MOST_REPEATED = 3;

  private final String pattern;
  private final SplittableRandom dice;
  private int at;

  private RegexSample(String pattern, SplittableRandom dice) {
    this.pattern = pattern;
    this.dice = dice;
  }

  static String of(String pattern, SplittableRandom dice) {
    return new RegexSample(pattern, dice).alternatives();
  }

  private String alternatives() {
    List<String> all = new ArrayList<>(List.of(sequence()));
    while (at < pattern.length() && pattern.charAt(at) == '|') {
      at++;
      all.add(sequence());
    }
    return all.get(dice.nextInt(all.size()));
  }

  private String sequence() {
    StringBuilder text = new StringBuilder();
    while (at < pattern.length() && "|)".indexOf(pattern.charAt(at)) < 0) {
      int begin = at;
      String one = atom();
      int end = at;
      int times = times();
      int after = at;
      for (int i = 0; i < times; i++) {
        // Read again, so that each repetition is drawn for itself.
        at = begin;
        text.append(i == 0 ? one : atom());
        at = end;
      }
      at = after;
    }
    return text.toString();
  }

  private int times() {
    if (at >= pattern.length()) {
      return 1;
    }
    int least = 1;
    int most = 1;
    switch (pattern.charAt(at)) {
      case '*' -> {
        least = 0;
        most = MOST_REPEATED;
        at++;
      }
      case '+' -> {
        most = MOST_REPEATED;
        at++;
      }
      case '?' -> {
        least = 0;
        at++;
      }
      case '{' -> {
        int close = pattern.indexOf('}', at);
        String[] bounds = pattern.substring(at + 1, close).split(",", -1);
        least = Integer.parseInt(bounds[0]);
        most = bounds.length == 1 ? least : least + 1;
        at = close + 1;
      }
      default -> {}
    }
    return dice.nextInt(least, most + 1);
  }

  private String atom() {
    char c = pattern.charAt(at++);
    return switch (c) {
      case '(' -> {
        if (pattern.startsWith("?", at)) {
          at = pattern.indexOf(':', at) + 1;
        }
        String inside = alternatives();
        at++;
        yield inside;
      }
      case '[' -> {
        int close = pattern.indexOf(']', at);
        String set = pattern.substring(at, close);
        at = close + 1;
        yield oneOf(set);
      }
      case '.' -> "x";
      case '^', '$' -> "";
      case '\\' -> escaped(pattern.charAt(at++));
      default -> String.valueOf(c);
    };
  }

  private String escaped(char c) {
    return switch (c) {
      case 'd' -> String.valueOf(dice.nextInt(10));
      case 'w' -> "w";
      case 's' -> " ";
      default -> String.valueOf(c);
    };
  }

  private String oneOf(String set) {
    if (set.startsWith("^")) {
      return "n";
    }
    List<String> members = new ArrayList<>();
    for (int i = 0; i < set.length(); i++) {
      if (set.charAt(i) == '\\') {
        members.add(escaped(set.charAt(++i)));
      } else if (i + 2 < set.length() && set.charAt(i + 1) == '-') {
        members.add(String.valueOf((char) dice.nextInt(set.charAt(i), set.charAt(i + 2) + 1)));
        i += 2;
      } else {
        members.add(set.substring(i, i + 1));
      }
    }
    return members.get(dice.nextInt(members.size()));
  }
}
