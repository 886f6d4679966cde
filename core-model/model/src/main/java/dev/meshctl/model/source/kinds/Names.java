package dev.meshctl.model.source.kinds;

import dev.meshctl.model.source.yaml.YamlObject;
import dev.meshctl.model.validation.DiagnosticCode;
import java.util.List;
import java.util.regex.Pattern;

/** Checks of names and hosts, as the API server makes them. */
final class Names {
  private static final String LABEL = "[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?";
  private static final Pattern DNS_LABEL = Pattern.compile(LABEL);

  /** Unlike a label, its parts may be of any length: names of pods often are above 63. */
  private static final String PART = "[a-z0-9](?:[-a-z0-9]*[a-z0-9])?";

  private static final Pattern DNS_SUBDOMAIN = Pattern.compile(PART + "(?:\\." + PART + ")*");
  private static final Pattern HOST =
      Pattern.compile("\\*|(?:\\*\\.)?(?i:" + LABEL + ")(?:\\.(?i:" + LABEL + "))*\\.?");
  private static final Pattern ADDRESS = Pattern.compile("[0-9a-fA-F.:]+");
  private static final int LONGEST = 253;

  private Names() {}

  /** A name with dots ({@code metadata.name} of most kinds). */
  static void checkSubdomain(YamlObject from, String key, String name) {
    check(DNS_SUBDOMAIN, from, key, name, "lower-case letters, digits, '-' and '.'");
  }

  /** A name without dots (Services, namespaces, subsets). */
  static void checkLabel(YamlObject from, String key, String name) {
    check(DNS_LABEL, from, key, name, "at most 63 lower-case letters, digits and '-'");
  }

  /** A host, a wildcard, or an IP address. */
  static void checkHost(YamlObject from, String key, String host) {
    if (!ADDRESS.matcher(host).matches()) {
      check(HOST, from, key, host, "a host such as reviews, shop.example.com or *.example.com");
    }
  }

  /** {@link #checkHost} for each host of a list. */
  static List<String> checkedHosts(YamlObject from, String key) {
    List<String> hosts = from.texts(key);
    for (int i = 0; i < hosts.size(); i++) {
      checkHost(from, key + "[" + i + "]", hosts.get(i));
    }
    return hosts;
  }

  private static void check(
      Pattern pattern, YamlObject from, String key, String name, String expected) {
    if (!name.isEmpty() && (name.length() > LONGEST || !pattern.matcher(name).matches())) {
      from.report(DiagnosticCode.INVALID_NAME, key, "'" + name + "' (expected: " + expected + ")");
    }
  }
}
