package dev.meshctl.integration.differential;

import dev.meshctl.model.xds.RouteTableConfig;
import dev.meshctl.model.xds.RouteTableConfig.Route;
import dev.meshctl.model.xds.RouteTableConfig.VirtualHost;
import dev.meshctl.model.xds.route.HeaderMatch;
import dev.meshctl.model.xds.route.PathMatch;
import dev.meshctl.model.xds.route.QueryMatch;
import dev.meshctl.model.xds.route.ValueMatch;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.function.Function;

/** Requests made from the routes of a table: what should match, and what nearly does. */
final class AsksOf {
  private static final int NEAR_MISSES = 4;

  private final SplittableRandom dice;
  private final List<Ask> asks = new ArrayList<>();

  private AsksOf(SplittableRandom dice) {
    this.dice = dice;
  }

  static List<Ask> table(RouteTableConfig table, SplittableRandom dice) {
    AsksOf made = new AsksOf(dice);
    for (VirtualHost host : table.hosts()) {
      for (Route route : host.routes()) {
        made.addFor(host, route);
      }
    }
    made.asks.add(new Ask("GET", "/", "nowhere.example", List.of()));
    return made.asks;
  }

  private void addFor(VirtualHost host, Route route) {
    Ask hit = hit(host, route);
    asks.add(hit);
    for (int i = 0; i < NEAR_MISSES; i++) {
      Ask near = nearly(hit, route);
      asks.add(dice.nextInt(3) == 0 ? nearly(near, route) : near);
    }
  }

  private Ask hit(VirtualHost host, Route route) {
    String path = path(route.match().path());
    List<String> query = new ArrayList<>();
    for (QueryMatch one : route.match().query()) {
      query.add(one.name() + "=" + value(one.value()));
    }
    String target = query.isEmpty() ? path : path + "?" + String.join("&", query);
    Ask ask = new Ask("GET", target, authority(host), List.of());
    for (HeaderMatch header : route.match().headers()) {
      if (!header.invert()) {
        ask = with(ask, header.name(), value(header.value()));
      }
    }
    return route.match().grpc()
        ? ask.withMethod("POST").with("content-type", "application/grpc")
        : ask;
  }

  private static Ask with(Ask ask, String name, String value) {
    return switch (name) {
      case ":method" -> value.matches("[A-Z]+") ? ask.withMethod(value) : ask;
      case ":authority" -> ask.withHost(value);
      case ":path" -> ask.withTarget(value);
      case ":scheme" -> ask;
      default -> once(ask, name, value);
    };
  }

  private String authority(VirtualHost host) {
    String name = named(host);
    return name.indexOf(':') < 0 ? name + oneOf("", "", ":8081", ":80") : name;
  }

  private String named(VirtualHost host) {
    String domain = host.domains().get(dice.nextInt(host.domains().size()));
    if (domain.equals("*")) {
      return "any.example";
    }
    if (domain.startsWith("*")) {
      return "x" + domain.substring(1);
    }
    return domain.endsWith("*") ? domain.substring(0, domain.length() - 1) + "y" : domain;
  }

  private String path(PathMatch match) {
    return switch (match) {
      case PathMatch.Exact(var path) -> path;
      case PathMatch.Prefix(var prefix) -> prefix + oneOf("", "", "more", "/more/of/it");
      case PathMatch.PathSeparatedPrefix(var prefix) -> prefix + oneOf("", "/", "/more");
      case PathMatch.Regex(var pattern) -> {
        String sample = RegexSample.of(pattern, dice);
        yield sample.startsWith("/") ? sample : "/" + sample;
      }
      case PathMatch.Connect connect -> "/connect";
    };
  }

  private String value(ValueMatch match) {
    return switch (match) {
      case ValueMatch.Exact(var text) -> text;
      case ValueMatch.Prefix(var text) -> text + oneOf("", "x");
      case ValueMatch.Suffix(var text) -> oneOf("", "x") + text;
      case ValueMatch.Contains(var text) -> oneOf("", "x") + text + oneOf("", "y");
      case ValueMatch.Regex(var pattern) -> RegexSample.of(pattern, dice);
      case ValueMatch.Present present -> "1";
      case ValueMatch.IgnoringCase(var of) ->
          dice.nextBoolean() ? value(of).toUpperCase(Locale.ROOT) : value(of);
      case ValueMatch.Range(var first, var end) ->
          String.valueOf(dice.nextBoolean() ? first : end - 1);
    };
  }

  private Ask nearly(Ask ask, Route route) {
    List<Function<Ask, Ask>> ways = new ArrayList<>();
    ways.add(a -> a.withTarget(nearlyPath(a.target())));
    ways.add(a -> a.withTarget(nearlyPath(a.target())));
    ways.add(a -> a.withHost(nearlyHost(a.host())));
    ways.add(a -> a.withMethod(oneOf("POST", "PUT", "HEAD", "DELETE", "OPTIONS", "PATCH")));
    ways.add(a -> once(a, oneOf("x-a", "x-b", "x-user", "x-c"), oneOf("1", "", "a,b")));
    ways.add(a -> once(a, "origin", oneOf("1", "a", "b")));
    ways.add(a -> once(a, EchoUpstreams.STATUS, oneOf("404", "500", "204", "301")));
    for (HeaderMatch header : route.match().headers()) {
      if (!header.name().startsWith(":")) {
        ways.add(a -> a.without(header.name()));
        ways.add(a -> once(a, header.name(), nearlyValue(value(header.value()))));
      } else if (header.name().equals(":method")) {
        ways.add(a -> a.withMethod(oneOf("GET", "POST")));
      }
    }
    for (QueryMatch query : route.match().query()) {
      ways.add(a -> a.withTarget(a.target().replace(query.name() + "=", query.name() + "x=")));
      ways.add(a -> a.withTarget(a.target() + "&" + query.name() + "=other"));
      ways.add(a -> a.withTarget(a.target().replaceFirst("\\?", "?" + query.name() + "=first&")));
    }
    return ways.get(dice.nextInt(ways.size())).apply(ask);
  }

  /** Not several of a name: Envoy tests each for itself, and we what they are together. */
  private static Ask once(Ask ask, String name, String value) {
    return ask.without(name).with(name, value);
  }

  private String nearlyPath(String target) {
    int mark = target.indexOf('?');
    String path = mark < 0 ? target : target.substring(0, mark);
    String query = mark < 0 ? "" : target.substring(mark);
    return switch (dice.nextInt(9)) {
      case 0 -> path + "/" + query;
      case 1 -> path + "x" + query;
      case 2 -> path.length() > 1 ? path.substring(0, path.length() - 1) + query : target;
      case 3 -> path.toUpperCase(Locale.ROOT) + query;
      case 4 -> path + "/sub/" + query;
      case 5 -> target + (query.isEmpty() ? "?" : "&") + "more=1";
      case 6 -> "/" + path + query;
      case 7 -> path + oneOf("%2F", "%20", ";v=1", "/../up", "/./", ".", "//x", "#part") + query;
      default -> path;
    };
  }

  private String nearlyHost(String host) {
    return switch (dice.nextInt(6)) {
      case 0 -> host + ":8080";
      case 1 -> host.toUpperCase(Locale.ROOT);
      case 2 -> "x." + host;
      case 3 -> host + "x";
      case 4 -> host + ".";
      default -> host.length() > 1 ? host.substring(1) : host;
    };
  }

  private String nearlyValue(String value) {
    return switch (dice.nextInt(5)) {
      case 0 -> value + "x";
      case 1 -> "x" + value;
      case 2 -> value.toUpperCase(Locale.ROOT);
      case 3 -> value + "," + value;
      default -> "";
    };
  }

  private String oneOf(String... all) {
    return all[dice.nextInt(all.length)];
  }
}
