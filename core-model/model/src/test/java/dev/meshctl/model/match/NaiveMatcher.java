package dev.meshctl.model.match;

import dev.meshctl.model.xds.RouteTableConfig;
import dev.meshctl.model.xds.RouteTableConfig.Route;
import dev.meshctl.model.xds.RouteTableConfig.VirtualHost;
import dev.meshctl.model.xds.route.HeaderMatch;
import dev.meshctl.model.xds.route.PathMatch;
import dev.meshctl.model.xds.route.QueryMatch;
import dev.meshctl.model.xds.route.ValueMatch;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Predicate;

/** The rules of matching, written down in the plainest way: every host, every route, in turn. */
final class NaiveMatcher {
  private final RouteTableConfig table;

  NaiveMatcher(RouteTableConfig table) {
    this.table = table;
  }

  Optional<Route> find(TextRequest request) {
    String authority = request.authority().toString().toLowerCase(Locale.ROOT);
    // Of [::1]:80, and not of [::1].
    return host(table.ignorePort() ? authority.replaceFirst(":[^\\]:]*$", "") : authority)
        .flatMap(host -> host.routes().stream().filter(r -> takes(r, request)).findFirst());
  }

  private Optional<VirtualHost> host(String authority) {
    return byDomain(authority::equals)
        .or(() -> longest(d -> isSuffix(d, authority)))
        .or(() -> longest(d -> isPrefix(d, authority)))
        .or(() -> byDomain("*"::equals));
  }

  private static boolean isSuffix(String domain, String authority) {
    return domain.length() > 1
        && domain.startsWith("*")
        && authority.endsWith(domain.substring(1))
        && authority.length() > domain.length() - 1;
  }

  private static boolean isPrefix(String domain, String authority) {
    return domain.length() > 1
        && domain.endsWith("*")
        && authority.startsWith(domain.substring(0, domain.length() - 1))
        && authority.length() > domain.length() - 1;
  }

  private Optional<VirtualHost> byDomain(Predicate<String> test) {
    return table.hosts().stream().filter(h -> h.domains().stream().anyMatch(test)).findFirst();
  }

  private Optional<VirtualHost> longest(Predicate<String> test) {
    return table.hosts().stream()
        .flatMap(h -> h.domains().stream())
        .filter(test)
        .max(Comparator.comparingInt(String::length))
        .flatMap(domain -> byDomain(domain::equals));
  }

  private static boolean takes(Route route, TextRequest request) {
    return path(route, request)
        && route.match().headers().stream().allMatch(h -> header(h, request))
        && route.match().query().stream().allMatch(q -> query(q, request));
  }

  private static boolean path(Route route, TextRequest request) {
    String path = request.path().toString().split("[?#]", 2)[0];
    String method = request.method().toString();
    boolean fold = route.match().ignoreCase();
    String given = fold ? path.toLowerCase(Locale.ROOT) : path;
    return switch (route.match().path()) {
      case PathMatch.Connect connect -> method.equals("CONNECT");
      case PathMatch.Regex regex -> !path.isEmpty() && path.matches(regex.pattern());
      case PathMatch.Exact exact -> !path.isEmpty() && given.equals(folded(exact.path(), fold));
      case PathMatch.Prefix prefix ->
          !path.isEmpty() && given.startsWith(folded(prefix.prefix(), fold));
      case PathMatch.PathSeparatedPrefix prefix -> {
        String bare = folded(prefix.prefix(), fold).replaceFirst("/$", "");
        yield !path.isEmpty() && (given.equals(bare) || given.startsWith(bare + "/"));
      }
    };
  }

  private static String folded(String text, boolean fold) {
    return fold ? text.toLowerCase(Locale.ROOT) : text;
  }

  private static boolean header(HeaderMatch match, TextRequest request) {
    Bytes value = request.header(match.name());
    if (value == null && !match.missingIsEmpty()) {
      return match.value() instanceof ValueMatch.Present && match.invert();
    }
    return value(match.value(), value == null ? "" : value.toString()) != match.invert();
  }

  private static boolean query(QueryMatch match, TextRequest request) {
    String[] parts = request.path().toString().split("#", 2)[0].split("\\?", 2);
    if (parts.length < 2) {
      return false;
    }
    for (String pair : List.of(parts[1].split("&", -1))) {
      String[] sides = pair.split("=", 2);
      if (sides[0].equals(match.name())) {
        return value(match.value(), sides.length < 2 ? "" : sides[1]);
      }
    }
    return false;
  }

  private static boolean value(ValueMatch match, String value) {
    return switch (match) {
      case ValueMatch.Exact exact -> value.equals(exact.value());
      case ValueMatch.Prefix prefix -> value.startsWith(prefix.value());
      case ValueMatch.Suffix suffix -> value.endsWith(suffix.value());
      case ValueMatch.Contains contains -> value.contains(contains.value());
      case ValueMatch.Regex regex -> value.matches(regex.pattern());
      case ValueMatch.Present present -> true;
      case ValueMatch.IgnoringCase(ValueMatch.Regex regex) -> value(regex, value);
      case ValueMatch.IgnoringCase(ValueMatch.Exact(var text)) -> value.equalsIgnoreCase(text);
      case ValueMatch.IgnoringCase(ValueMatch.Contains(var text)) ->
          value.toLowerCase(Locale.ROOT).contains(text.toLowerCase(Locale.ROOT));
      case ValueMatch.IgnoringCase(var of) ->
          throw new IllegalArgumentException("not in these tables: " + of);
      case ValueMatch.Range(long first, long end) ->
          value.matches("-?[0-9]{1,18}")
              && Long.parseLong(value) >= first
              && Long.parseLong(value) < end;
    };
  }
}
