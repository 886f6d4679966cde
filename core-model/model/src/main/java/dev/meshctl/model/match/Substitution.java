package dev.meshctl.model.match;

import com.google.re2j.Matcher;
import com.google.re2j.Pattern;
import java.util.ArrayList;
import java.util.List;

/**
 * A compiled {@code RegexMatchAndSubstitute}: replaces every match; {@code \1} to {@code \9} stand
 * for groups, {@code \0} for the match, {@code \\} for a backslash.
 *
 * <p>Thread: any.
 */
final class Substitution {
  private final Pattern pattern;
  private final List<Part> parts;

  /** Text, then a group; -1 is none. */
  private record Part(String text, int group) {}

  /**
   * Compiles both.
   *
   * @throws com.google.re2j.PatternSyntaxException where {@code pattern} is none of RE2
   * @throws IllegalArgumentException where {@code substitution} names a group that is not there
   */
  Substitution(String pattern, String substitution) {
    this.pattern = Pattern.compile(pattern);
    this.parts = parts(substitution, this.pattern.groupCount());
  }

  private static List<Part> parts(String substitution, int groups) {
    List<Part> parts = new ArrayList<>();
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < substitution.length(); i++) {
      char c = substitution.charAt(i);
      if (c != '\\') {
        text.append(c);
        continue;
      }
      char next = ++i < substitution.length() ? substitution.charAt(i) : ' ';
      if (next == '\\') {
        text.append(next);
      } else if (next >= '0' && next - '0' <= Math.min(9, groups)) {
        parts.add(new Part(text.toString(), next - '0'));
        text.setLength(0);
      } else {
        throw new IllegalArgumentException(
            "substitution %s (expected: \\\\ or a group from \\0 to \\%d)"
                .formatted(substitution, Math.min(9, groups)));
      }
    }
    parts.add(new Part(text.toString(), -1));
    return List.copyOf(parts);
  }

  String apply(CharSequence input) {
    Matcher matcher = pattern.matcher(input);
    StringBuilder text = new StringBuilder();
    int at = 0;
    while (matcher.find()) {
      text.append(input, at, matcher.start());
      for (Part part : parts) {
        text.append(part.text());
        String group = part.group() < 0 ? null : matcher.group(part.group());
        if (group != null) {
          text.append(group);
        }
      }
      at = matcher.end();
    }
    return text.append(input, at, input.length()).toString();
  }
}
