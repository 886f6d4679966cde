package dev.meshctl.model.source.kinds;

import static dev.meshctl.model.source.kinds.Shared.MAX_PORT;

import dev.meshctl.model.resource.IpBlock;
import dev.meshctl.model.source.yaml.YamlObject;
import dev.meshctl.model.validation.DiagnosticCode;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** What values the fields and keys of an AuthorizationPolicy take, as Istio checks them. */
final class AccessValues {
  private static final Pattern PORT = Pattern.compile("[1-9]\\d{0,4}");
  private static final Pattern HEADER =
      Pattern.compile("request\\.headers\\[:?[A-Za-z0-9!#$%&'*+.^_`|~-]+]");

  /** Keys of the API that nobody asks here. */
  private static final Pattern KEY_NOT_APPLIED =
      Pattern.compile(
          "request\\.auth\\.(principal|audiences|presenter)"
              + "|(request\\.auth\\.claims|experimental\\.envoy\\.filters\\.[A-Za-z0-9._-]+)\\[.+]");

  private static final Set<String> ADDRESSES =
      Set.of("ipBlocks", "remoteIpBlocks", "source.ip", "remote.ip", "destination.ip");
  private static final Set<String> PORTS = Set.of("ports", "destination.port");
  private static final Set<String> TEXT_KEYS =
      Set.of("source.principal", "source.namespace", "connection.sni");

  private AccessValues() {}

  /** What {@code key} of a condition means here. */
  enum Key {
    APPLIED,
    NOT_APPLIED,
    UNKNOWN
  }

  static Key key(String key) {
    if (ADDRESSES.contains(key)
        || PORTS.contains(key)
        || TEXT_KEYS.contains(key)
        || HEADER.matcher(key).matches()) {
      return Key.APPLIED;
    }
    return KEY_NOT_APPLIED.matcher(key).matches() ? Key.NOT_APPLIED : Key.UNKNOWN;
  }

  /**
   * Reports each malformed value.
   *
   * @param list field of {@code from} where the values stand
   * @param meaning name of the field or key whose values they are
   */
  static void check(YamlObject from, String list, List<String> values, String meaning) {
    for (int i = 0; i < values.size(); i++) {
      String value = values.get(i);
      String at = list + "[" + i + "]";
      problem(meaning, value)
          .ifPresent(expected ->
              from.report(
                  DiagnosticCode.INVALID_CONDITION,
                  at,
                  "'" + value + "' (expected: " + expected + ")"));
    }
  }

  private static Optional<String> problem(String meaning, String value) {
    if (value.isEmpty()) {
      return Optional.of("not empty");
    }
    if (PORTS.contains(meaning)) {
      return PORT.matcher(value).matches() && Integer.parseInt(value) <= MAX_PORT
          ? Optional.empty()
          : Optional.of("a port from 1 to " + MAX_PORT);
    }
    if (ADDRESSES.contains(meaning)) {
      return IpBlock.parse(value).isPresent()
          ? Optional.empty()
          : Optional.of("an address such as 10.1.2.3, or a range such as 10.0.0.0/8");
    }
    return meaning.equals("paths") ? template(value) : Optional.empty();
  }

  /** Braces are for {@code {*}} and, once, {@code {**}} only, as elements of their own. */
  private static Optional<String> template(String path) {
    boolean many = false;
    for (String element : path.split("/", -1)) {
      boolean stands = element.equals("{*}") || element.equals("{**}");
      if (stands ? many : element.indexOf('{') >= 0 || element.indexOf('}') >= 0) {
        return Optional.of("{*} or {**} as a whole element, with none behind {**}");
      }
      many |= element.equals("{**}");
    }
    return Optional.empty();
  }
}
