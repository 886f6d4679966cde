package dev.meshctl.model.validation.routing;

import dev.meshctl.model.resource.StringMatch;
import dev.meshctl.model.resource.VirtualService;
import dev.meshctl.model.resource.VirtualService.HttpMatch;
import dev.meshctl.model.resource.VirtualService.HttpRule;
import dev.meshctl.model.source.Located;
import dev.meshctl.model.validation.DiagnosticCode;
import dev.meshctl.model.validation.facts.Facts;
import dev.meshctl.model.validation.facts.Findings;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Matches of a VirtualService that earlier ones leave nothing to. */
final class RuleOrderChecks {
  private RuleOrderChecks() {}

  static void run(Facts facts, Findings findings) {
    for (Located<VirtualService> located : facts.all(VirtualService.class)) {
      List<HttpRule> rules = located.resource().http();
      for (int rule = 0; rule < rules.size(); rule++) {
        // Behind one that takes everything, whole rules are told of (MESH0119).
        if (rules.subList(0, rule).stream().anyMatch(VirtualServiceChecks::matchesEverything)) {
          break;
        }
        List<HttpMatch> matches = rules.get(rule).match();
        for (int match = 0; match < matches.size(); match++) {
          shadowed(located, rule, match, findings);
        }
      }
    }
  }

  private static void shadowed(
      Located<VirtualService> located, int rule, int match, Findings findings) {
    List<HttpRule> rules = located.resource().http();
    HttpMatch own = rules.get(rule).match().get(match);
    for (int i = 0; i <= rule; i++) {
      List<HttpMatch> earlier = rules.get(i).match();
      int end = i == rule ? match : earlier.size();
      for (int j = 0; j < end; j++) {
        if (takesAll(earlier.get(j), own)) {
          findings.add(
              DiagnosticCode.SHADOWED_MATCH,
              located,
              "spec.http[" + rule + "].match[" + match + "]",
              "spec.http[" + i + "].match[" + j + "] takes all that it would");
          return;
        }
      }
    }
  }

  /** Whatever {@code narrow} takes, {@code wide} takes; false where that is hard to say. */
  private static boolean takesAll(HttpMatch wide, HttpMatch narrow) {
    return takesAll(wide.uri(), narrow.uri(), wide.ignoreUriCase(), narrow.ignoreUriCase())
        && takesAll(wide.scheme(), narrow.scheme(), false, false)
        && takesAll(wide.method(), narrow.method(), false, false)
        && takesAll(wide.authority(), narrow.authority(), false, false)
        && takesAll(wide.headers(), narrow.headers())
        && narrow.withoutHeaders().entrySet().containsAll(wide.withoutHeaders().entrySet())
        && takesAll(wide.queryParams(), narrow.queryParams())
        && (wide.port() == 0 || wide.port() == narrow.port())
        && narrow.sourceLabels().entrySet().containsAll(wide.sourceLabels().entrySet())
        && (wide.sourceNamespace().isEmpty()
            || wide.sourceNamespace().equals(narrow.sourceNamespace()))
        && (wide.gateways().isEmpty()
            || (!narrow.gateways().isEmpty() && wide.gateways().containsAll(narrow.gateways())));
  }

  private static boolean takesAll(Map<String, StringMatch> wide, Map<String, StringMatch> narrow) {
    return wide.entrySet().stream()
        .allMatch(entry ->
            takesAll(
                Optional.of(entry.getValue()),
                Optional.ofNullable(narrow.get(entry.getKey())),
                false,
                false));
  }

  private static boolean takesAll(
      Optional<StringMatch> wide,
      Optional<StringMatch> narrow,
      boolean wideAnyCase,
      boolean narrowAnyCase) {
    if (wide.isEmpty()) {
      return true;
    }
    if (narrow.isEmpty() || (narrowAnyCase && !wideAnyCase)) {
      return false;
    }
    if (wide.equals(narrow)) {
      return true;
    }
    return switch (wide.get()) {
      case StringMatch.Present() -> true;
      case StringMatch.Prefix(var prefix) ->
          switch (narrow.get()) {
            case StringMatch.Prefix(var longer) -> begins(longer, prefix, wideAnyCase);
            case StringMatch.Exact(var whole) -> begins(whole, prefix, wideAnyCase);
            case StringMatch.Regex regex -> false;
            case StringMatch.Present present -> false;
          };
      case StringMatch.Exact exact -> false;
      case StringMatch.Regex regex -> false;
    };
  }

  private static boolean begins(String text, String prefix, boolean anyCase) {
    return text.regionMatches(anyCase, 0, prefix, 0, prefix.length());
  }
}
