package dev.meshctl.model.source.kinds;

import dev.meshctl.model.resource.StringMatch;
import dev.meshctl.model.source.yaml.YamlObject;
import dev.meshctl.model.validation.DiagnosticCode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/** How strings are compared, in Istio's shape and in the Gateway API's. */
final class StringMatches {
  /** What java.util.regex has and RE2 has not: look-around, atomic groups, back-references. */
  private static final Pattern NOT_RE2 =
      Pattern.compile("\\(\\?(?:[=!>]|<[=!])|(?<!\\\\)(?:\\\\\\\\)*\\\\[1-9]|[*+?}]\\+");

  private StringMatches() {}

  /** Istio {@code StringMatch}: one of exact, prefix, regex; an empty mapping is any value. */
  static Optional<StringMatch> istio(YamlObject from, String key) {
    return from.object(key).map(StringMatches::istio);
  }

  static Map<String, StringMatch> istioMap(YamlObject from, String key) {
    Map<String, StringMatch> matches = new LinkedHashMap<>();
    from.objectMap(key).forEach((name, match) -> matches.put(name, istio(match)));
    return matches;
  }

  private static StringMatch istio(YamlObject match) {
    List<StringMatch> found = new ArrayList<>();
    match.text("exact").ifPresent(value -> found.add(new StringMatch.Exact(value)));
    match.text("prefix").ifPresent(value -> found.add(new StringMatch.Prefix(value)));
    match
        .text("regex")
        .ifPresent(value -> {
          checkRegex(match, "regex", value);
          found.add(new StringMatch.Regex(value));
        });
    if (found.size() > 1) {
      match.report(
          DiagnosticCode.CONFLICTING_FIELDS,
          "regex",
          "has several of exact, prefix, regex (expected: one)");
    }
    return found.isEmpty() ? new StringMatch.Present() : found.getFirst();
  }

  /** Gateway API header or query matches: a list of name, type and value. */
  static Map<String, StringMatch> gatewayApi(YamlObject from, String key) {
    Map<String, StringMatch> matches = new LinkedHashMap<>();
    for (YamlObject match : from.objects(key)) {
      String name = match.requiredText("name");
      String value = match.requiredText("value");
      boolean regex =
          match.word("type", Map.of("Exact", false, "RegularExpression", true)).orElse(false);
      if (regex) {
        checkRegex(match, "value", value);
      }
      matches.putIfAbsent(
          name, regex ? new StringMatch.Regex(value) : new StringMatch.Exact(value));
    }
    return matches;
  }

  /** Reports an expression that RE2 would refuse. */
  static void checkRegex(YamlObject from, String key, String expression) {
    if (NOT_RE2.matcher(expression).find()) {
      from.report(
          DiagnosticCode.INVALID_REGEX,
          key,
          "'" + expression + "' uses look-around, a possessive repeat or a back-reference");
      return;
    }
    try {
      Pattern.compile(expression);
    } catch (PatternSyntaxException malformed) {
      from.report(
          DiagnosticCode.INVALID_REGEX, key, "'" + expression + "': " + malformed.getDescription());
    }
  }
}
