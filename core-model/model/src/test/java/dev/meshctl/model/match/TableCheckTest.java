package dev.meshctl.model.match;

import static dev.meshctl.model.match.Tables.header;
import static dev.meshctl.model.match.Tables.host;
import static dev.meshctl.model.match.Tables.route;
import static dev.meshctl.model.match.Tables.table;
import static org.assertj.core.api.Assertions.assertThat;

import dev.meshctl.model.xds.Retry;
import dev.meshctl.model.xds.RouteTableConfig;
import dev.meshctl.model.xds.RouteTableConfig.Route;
import dev.meshctl.model.xds.RouteTableConfig.RouteAction;
import dev.meshctl.model.xds.RouteTableConfig.VirtualHost;
import dev.meshctl.model.xds.WeightedCluster;
import dev.meshctl.model.xds.route.Fault;
import dev.meshctl.model.xds.route.Header;
import dev.meshctl.model.xds.route.HeaderChanges;
import dev.meshctl.model.xds.route.HeaderMatch;
import dev.meshctl.model.xds.route.Headers;
import dev.meshctl.model.xds.route.Mirror;
import dev.meshctl.model.xds.route.PathMatch;
import dev.meshctl.model.xds.route.PathRewrite;
import dev.meshctl.model.xds.route.RouteMatch;
import dev.meshctl.model.xds.route.ValueMatch;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class TableCheckTest {
  @ParameterizedTest(name = "{1}")
  @MethodSource("brokenTables")
  void a_broken_table_is_refused_by_name_place_and_expectation(
      RouteTableConfig table, String expected) {
    assertThat(CompiledRoutes.compile(table))
        .isInstanceOfSatisfying(
            CompiledRoutes.Compilation.Invalid.class,
            invalid -> assertThat(invalid.errors()).containsExactly(expected));
  }

  static Stream<Arguments> brokenTables() {
    Route good = route("c", new PathMatch.Prefix("/"));
    return Stream.of(
        Arguments.of(
            table(host("a", good), new VirtualHost("b", List.of("A"), List.of())),
            "virtual host b: domain: A (expected: once in the table)"),
        Arguments.of(
            table(new VirtualHost("b", List.of(), List.of())),
            "virtual host b: domains: none (expected: at least one)"),
        Arguments.of(
            table(
                new VirtualHost("b", List.of("x"), List.of()),
                new VirtualHost("b", List.of("y"), List.of())),
            "virtual host b: name: b (expected: unique in the table)"),
        Arguments.of(
            table(host("a*b", good)),
            "virtual host a*b: domain: a*b (expected: a name, *.suffix, prefix.* or *)"),
        Arguments.of(
            table(host("*a*", good)),
            "virtual host *a*: domain: *a* (expected: a name, *.suffix, prefix.* or *)"),
        broken(
            route("r", new PathMatch.Regex("(")),
            "path regex: ( (expected: RE2 syntax: missing closing ))"),
        broken(
            route("r", new PathMatch.Regex("(a)\\1")),
            "path regex: (a)\\1 (expected: RE2 syntax: invalid escape sequence)"),
        broken(
            route("r", header(new HeaderMatch("x", new ValueMatch.Regex("["), false))),
            "header x regex: [ (expected: RE2 syntax: missing closing ])"),
        broken(
            route("r", new PathMatch.PathSeparatedPrefix("a")),
            "path prefix: a (expected: starts with /)"),
        broken(
            forward(List.of(new WeightedCluster("c", 0, Headers.NONE))),
            "sum of weights: 0 (expected: 1 to 4294967295)"),
        broken(forward(List.of()), "sum of weights: 0 (expected: 1 to 4294967295)"),
        broken(
            new RouteAction.Redirect("", "", 0, Optional.empty(), 200),
            "redirect status: 200 (expected: 301, 302, 303, 307 or 308)"),
        broken(
            new RouteAction.Redirect("", "", 70_000, Optional.empty(), 301),
            "redirect port: 70000 (expected: 0 to 65535)"),
        broken(new RouteAction.DirectResponse(99, ""), "status: 99 (expected: 200 to 599)"),
        broken(
            forward(new Fault(101, Duration.ZERO, 0, 0, -1)),
            "fault delay percentage: 101.0 (expected: 0 to 100)"),
        broken(
            forward(new Fault(0, Duration.ZERO, 10, 99, -1)),
            "fault abort status: 99 (expected: 200 to 599)"),
        broken(
            forward(new Fault(0, Duration.ZERO, 10, 0, 17)),
            "fault abort gRPC status: 17 (expected: 0 to 16)"),
        broken(
            withHeader(":path", "x"),
            "request headers: :path (expected: a header name, not a pseudo header and not host)"),
        broken(
            withHeader("Host", "x"),
            "request headers: Host (expected: a header name, not a pseudo header and not host)"),
        broken(withHeader("x", "a\r\nb"), "request headers x: control character (expected: none)"),
        broken(
            withFormat("x", "%NOTHING_LIKE_THAT%"),
            "request headers x: operator %NOTHING_LIKE_THAT% (expected: one that is supported here,"
                + " such as %DOWNSTREAM_REMOTE_ADDRESS% or %REQ(NAME)%)"),
        broken(
            withFormat("x", "50%"),
            "request headers x: 50% (expected: %OPERATOR%, %OPERATOR(ARGUMENT)%, or %% for a"
                + " percent sign)"));
  }

  private static Arguments broken(Route route, String error) {
    Route named = new Route("r", route.match(), route.action(), route.headers());
    return Arguments.of(table(host("a", named)), "virtual host a, route r: " + error);
  }

  private static Arguments broken(RouteAction action, String error) {
    return broken(new Route("r", RouteMatch.ANY, action, Headers.NONE), error);
  }

  private static RouteAction forward(List<WeightedCluster> clusters) {
    return new RouteAction.Forward(
        clusters,
        Duration.ZERO,
        Optional.empty(),
        Optional.empty(),
        "",
        List.of(),
        Optional.empty());
  }

  private static RouteAction forward(Fault fault) {
    return new RouteAction.Forward(
        List.of(WeightedCluster.only("c")),
        Duration.ZERO,
        Optional.empty(),
        Optional.empty(),
        "",
        List.of(),
        Optional.of(fault));
  }

  private static Route withHeader(String name, String value) {
    return new Route(
        "r",
        RouteMatch.ANY,
        RouteAction.Forward.to("c"),
        new Headers(
            new HeaderChanges(List.of(new Header(name, value)), List.of(), List.of()),
            HeaderChanges.NONE));
  }

  private static Route withFormat(String name, String value) {
    return new Route(
        "r",
        RouteMatch.ANY,
        RouteAction.Forward.to("c"),
        new Headers(
            new HeaderChanges(List.of(new Header(name, value, true, false)), List.of(), List.of()),
            HeaderChanges.NONE));
  }

  @Test
  void every_error_of_a_table_is_told_at_once() {
    RouteTableConfig table =
        table(
            host(
                "a",
                new Route(
                    "",
                    RouteMatch.ANY,
                    new RouteAction.Forward(
                        List.of(WeightedCluster.only("")),
                        Duration.ofSeconds(-1),
                        Optional.of(new Retry(List.of(), -1, Duration.ZERO)),
                        Optional.of(new PathRewrite.Full("/\n")),
                        "",
                        List.of(new Mirror("m", Double.NaN)),
                        Optional.empty()),
                    Headers.NONE)));

    assertThat(new TableCheck(table).errors())
        .hasSize(5)
        .allMatch(error -> error.startsWith("virtual host a, route #0: "));
  }
}
