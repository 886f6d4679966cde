package dev.meshctl.model.explain;

import dev.meshctl.model.xds.AccessRules;
import dev.meshctl.model.xds.AccessRules.Condition;
import dev.meshctl.model.xds.route.ValueMatch;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Conditions of access rules, as people say them. */
public final class AccessWords {
  private static final String OF_NAMESPACE = "spiffe://[^/]+/ns/";

  private AccessWords() {}

  /** What a policy asks for; empty where it asks for nothing. */
  public static String words(AccessRules.Policy policy) {
    return Stream.of(anyOf(policy.principals()), anyOf(policy.permissions()))
        .filter(words -> !words.isEmpty())
        .collect(Collectors.joining(", "));
  }

  /** One of several; empty where one of them is anything. */
  public static String anyOf(List<Condition> conditions) {
    return conditions.stream().anyMatch(Condition.Always.class::isInstance)
        ? ""
        : conditions.stream()
            .map(each -> words(each, conditions.size() > 1))
            .distinct()
            .collect(Collectors.joining(" or "));
  }

  private static String words(Condition condition, boolean within) {
    return switch (condition) {
      case Condition.Always() -> "anything";
      case Condition.All(var of) -> {
        String all =
            of.stream().map(each -> words(each, true)).collect(Collectors.joining(" and "));
        yield within && of.size() > 1 ? "(" + all + ")" : all;
      }
      case Condition.AnyOf(var of) -> {
        String any = of.stream().map(each -> words(each, true)).collect(Collectors.joining(" or "));
        yield within && of.size() > 1 ? "(" + any + ")" : any;
      }
      case Condition.Not(var of) -> "not " + words(of, true);
      case Condition.Header(var match) ->
          (match.invert() ? "not " : "") + name(match.name()) + " " + value(match.value());
      case Condition.UrlPath(var match) -> "path " + value(match);
      case Condition.DestinationIp(var range) ->
          "to " + range.address() + "/" + range.prefixLength();
      case Condition.DestinationPort(int first, int end) ->
          "port " + (end == first + 1 ? first : first + " to " + (end - 1));
      case Condition.ServerName(var match) -> "server name " + value(match);
      case Condition.Authenticated(var name) ->
          name.map(AccessWords::client).orElse("a client that proves who it is");
      case Condition.SourceIp(var which, var range) ->
          "from " + range.address() + "/" + range.prefixLength();
    };
  }

  private static String client(ValueMatch name) {
    if (name instanceof ValueMatch.Regex(var pattern) && pattern.startsWith(OF_NAMESPACE)) {
      String namespace = pattern.substring(OF_NAMESPACE.length()).replace("/.*", "");
      return "a client of namespace "
          + namespace.replace("\\Q", "").replace("\\E", "").replace("[^/]*", "*");
    }
    return name instanceof ValueMatch.Prefix(var prefix) && prefix.equals("spiffe://")
        ? "a client that proves who it is"
        : "client " + value(name);
  }

  private static String name(String header) {
    return switch (header) {
      case ":method" -> "method";
      case ":authority" -> "host";
      default -> "header " + header;
    };
  }

  private static String value(ValueMatch value) {
    return switch (value) {
      case ValueMatch.Exact(var text) -> text;
      case ValueMatch.Prefix(var text) -> text + "*";
      case ValueMatch.Suffix(var text) -> "*" + text;
      case ValueMatch.Contains(var text) -> "*" + text + "*";
      case ValueMatch.Regex(var pattern) ->
          pattern.equals(".+") ? "present" : "a match of " + pattern;
      case ValueMatch.Present() -> "present";
      case ValueMatch.IgnoringCase(var of) -> value(of);
      case ValueMatch.Range(var first, var end) -> "from " + first + " to below " + end;
    };
  }
}
