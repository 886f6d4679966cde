package dev.meshctl.model.validation.routing;

import dev.meshctl.model.resource.StringMatch;
import dev.meshctl.model.resource.VirtualService;
import dev.meshctl.model.resource.VirtualService.HttpMatch;
import dev.meshctl.model.source.Located;
import dev.meshctl.model.validation.DiagnosticCode;
import dev.meshctl.model.validation.facts.Facts;
import dev.meshctl.model.validation.facts.Findings;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** Regular expressions that mean something else than they seem to. */
final class ExpressionChecks {
  /** {@code /api/*}: a slash, as often as you like. */
  private static final Pattern WILDCARD = Pattern.compile(".*[^.)\\]}\\\\*]\\*$");

  private static final Pattern SPECIAL = Pattern.compile("[\\[\\](){}|^$+?\\\\]|\\.\\*");

  private ExpressionChecks() {}

  static void run(Facts facts, Findings findings) {
    for (Located<VirtualService> located : facts.all(VirtualService.class)) {
      for (int i = 0; i < located.resource().http().size(); i++) {
        List<HttpMatch> matches = located.resource().http().get(i).match();
        for (int j = 0; j < matches.size(); j++) {
          check(located, "spec.http[" + i + "].match[" + j + "]", matches.get(j), findings);
        }
      }
    }
  }

  private static void check(
      Located<VirtualService> located, String path, HttpMatch match, Findings findings) {
    match.uri().ifPresent(uri -> check(located, path + ".uri.regex", uri, findings));
    match
        .authority()
        .ifPresent(authority -> check(located, path + ".authority.regex", authority, findings));
    for (Map.Entry<String, StringMatch> header : match.headers().entrySet()) {
      check(located, path + ".headers." + header.getKey() + ".regex", header.getValue(), findings);
    }
  }

  private static void check(
      Located<VirtualService> located, String path, StringMatch match, Findings findings) {
    if (match instanceof StringMatch.Regex(var pattern)
        && WILDCARD.matcher(pattern).matches()
        && !SPECIAL.matcher(pattern.substring(0, pattern.length() - 1)).find()) {
      String stem = pattern.substring(0, pattern.length() - 1);
      findings.add(
          DiagnosticCode.LOOKS_LIKE_WILDCARD,
          located,
          path,
          "'" + pattern + "' takes '" + stem + "' with its last character any number of times",
          "write prefix: " + stem + ", or " + stem + ".*");
    }
  }
}
