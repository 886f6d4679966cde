package dev.meshctl.model.match;

import static dev.meshctl.model.match.Tables.header;
import static dev.meshctl.model.match.Tables.host;
import static dev.meshctl.model.match.Tables.query;
import static dev.meshctl.model.match.Tables.route;
import static dev.meshctl.model.match.Tables.table;
import static org.assertj.core.api.Assertions.assertThat;

import dev.meshctl.model.xds.RouteTableConfig;
import dev.meshctl.model.xds.RouteTableConfig.Route;
import dev.meshctl.model.xds.RouteTableConfig.VirtualHost;
import dev.meshctl.model.xds.route.HeaderMatch;
import dev.meshctl.model.xds.route.PathMatch;
import dev.meshctl.model.xds.route.QueryMatch;
import dev.meshctl.model.xds.route.RouteMatch;
import dev.meshctl.model.xds.route.ValueMatch;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.statistics.Statistics;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CompiledRoutesTest {
  private static final RouteTableConfig HOSTS =
      table(
          host("shop.example.com", route("exact", new PathMatch.Prefix("/"))),
          host("shop.example.com:8080", route("exact port", new PathMatch.Prefix("/"))),
          host("*.example.com", route("suffix", new PathMatch.Prefix("/"))),
          host("*.eu.example.com", route("longer suffix", new PathMatch.Prefix("/"))),
          host("shop.*", route("prefix", new PathMatch.Prefix("/"))),
          host("*", route("any", new PathMatch.Prefix("/"))));

  @ParameterizedTest
  @CsvSource({
    "shop.example.com, exact",
    "SHOP.example.COM, exact",
    "shop.example.com:80, prefix",
    "shop.example.com:8080, exact port",
    "www.example.com, suffix",
    "a.b.example.com:81, any",
    "a.eu.example.com, longer suffix",
    "eu.example.com, suffix",
    "shop.org, prefix",
    "example.com, any",
    ".example.com, any",
    "[::1]:80, any"
  })
  void the_most_specific_host_takes_a_request(String authority, String expected) {
    assertThat(clusterOf(HOSTS, TextRequest.get(authority, "/"))).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource({
    "shop.example.com, exact",
    "SHOP.example.com:80, exact",
    "shop.example.com:8080, exact",
    "shop.example.com:, exact",
    "shop.example.com:x, exact",
    "a.eu.example.com:81, longer suffix",
    "shop.org:1, prefix",
    "[::1], any",
    "[::2]:80, six",
    "[::2], six",
    ":80, any"
  })
  void where_ports_are_ignored_a_host_is_found_without(String authority, String expected) {
    List<VirtualHost> hosts = new ArrayList<>(HOSTS.hosts());
    hosts.add(host("[::2]", route("six", new PathMatch.Prefix("/"))));
    RouteTableConfig table = RouteTableConfig.ofAnyPort("t", hosts);
    assertThat(clusterOf(table, TextRequest.get(authority, "/"))).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource({
    "/exact, exact",
    "/exact/, prefix",
    "/exactly, prefix",
    "/exact?a=b, exact",
    "/exact#part, exact",
    "/api, elements",
    "/api/v1, elements",
    "/apis, prefix",
    "/Case/X, no case",
    "/items/42, regex",
    "/items/x, prefix",
    "*, -"
  })
  void a_path_is_compared_without_query_and_by_its_kind(String path, String expected) {
    RouteTableConfig paths =
        table(
            host(
                "*",
                route("exact", new PathMatch.Exact("/exact")),
                route("elements", new PathMatch.PathSeparatedPrefix("/api")),
                route(
                    "no case",
                    new RouteMatch(new PathMatch.Prefix("/cASE"), true, List.of(), List.of())),
                route("regex", new PathMatch.Regex("/items/[0-9]+")),
                route("prefix", new PathMatch.Prefix("/"))));

    assertThat(clusterOf(paths, TextRequest.get("a", path))).isEqualTo(expected);
  }

  @Test
  void the_first_route_wins_even_over_a_more_specific_one() {
    RouteTableConfig shadowed =
        table(
            host(
                "*",
                route("first", new PathMatch.Prefix("/")),
                route("exact", new PathMatch.Exact("/a"))));

    assertThat(clusterOf(shadowed, TextRequest.get("a", "/a"))).isEqualTo("first");
  }

  @Test
  void a_header_that_is_absent_passes_an_inverted_test_only_where_it_counts_as_empty() {
    TextRequest plain = TextRequest.get("a", "/");
    for (boolean missingIsEmpty : new boolean[] {true, false}) {
      RouteTableConfig inverted =
          table(
              host(
                  "*",
                  route(
                      "without",
                      header(
                          new HeaderMatch(
                              "end-user", new ValueMatch.Exact("jason"), true, missingIsEmpty))),
                  route("with", new PathMatch.Prefix("/"))));

      assertThat(clusterOf(inverted, plain)).isEqualTo(missingIsEmpty ? "without" : "with");
      assertThat(clusterOf(inverted, plain.with("End-User", "ann"))).isEqualTo("without");
      assertThat(clusterOf(inverted, plain.with("End-User", "jason"))).isEqualTo("with");
    }
  }

  @Test
  void a_header_that_is_absent_passes_a_test_for_its_absence() {
    RouteTableConfig inverted =
        table(
            host(
                "*",
                route("without", header(new HeaderMatch("x", new ValueMatch.Present(), true))),
                route("with", new PathMatch.Prefix("/"))));

    assertThat(clusterOf(inverted, TextRequest.get("a", "/"))).isEqualTo("without");
    assertThat(clusterOf(inverted, TextRequest.get("a", "/").with("x", ""))).isEqualTo("with");
  }

  @Test
  void of_several_query_parameters_of_a_name_the_first_counts() {
    RouteTableConfig byQuery =
        table(host("*", route("v2", query(new QueryMatch("v", new ValueMatch.Exact("2"))))));

    assertThat(clusterOf(byQuery, TextRequest.get("a", "/?v=2&v=1"))).isEqualTo("v2");
    assertThat(clusterOf(byQuery, TextRequest.get("a", "/?v=1&v=2"))).isEqualTo("-");
    assertThat(clusterOf(byQuery, TextRequest.get("a", "/#?v=2"))).isEqualTo("-");
  }

  @Test
  void a_connect_request_has_no_path_and_takes_only_a_connect_route() {
    RouteTableConfig connect =
        table(
            host(
                "*",
                route("path", new PathMatch.Prefix("/")),
                route("connect", new PathMatch.Connect())));

    assertThat(clusterOf(connect, TextRequest.of("CONNECT", "", "db:5432", "")))
        .isEqualTo("connect");
  }

  @Test
  void a_request_for_a_host_that_nobody_serves_finds_nothing() {
    assertThat(
            clusterOf(
                table(host("a", route("a", new PathMatch.Prefix("/")))), TextRequest.get("b", "/")))
        .isEqualTo("-");
  }

  @Test
  void ten_thousand_routes_each_find_their_own() {
    List<VirtualHost> hosts = new ArrayList<>();
    for (int h = 0; h < 100; h++) {
      List<Route> routes = new ArrayList<>();
      for (int r = 0; r < 100; r++) {
        PathMatch path =
            r % 2 == 0
                ? new PathMatch.Exact("/service/%d".formatted(r))
                : new PathMatch.Prefix("/service/%d/".formatted(r));
        routes.add(route("c%d-%d".formatted(h, r), path));
      }
      String name = "svc%d.default.svc.cluster.local".formatted(h);
      hosts.add(new VirtualHost(name, List.of(name, name + ":9080"), routes));
    }
    CompiledRoutes compiled = CompiledRoutes.of(new RouteTableConfig("9080", hosts));

    assertThat(compiled.routes()).hasSize(10_000);
    assertThat(compiled.targets()).hasSize(10_000);
    for (int h = 0; h < 100; h++) {
      for (int r = 0; r < 100; r++) {
        String path = "/service/%d%s".formatted(r, r % 2 == 0 ? "" : "/x");
        CompiledRoute found =
            compiled.find(
                TextRequest.get("svc%d.default.svc.cluster.local:9080".formatted(h), path));
        assertThat(found).isNotNull();
        assertThat(found.name()).isEqualTo("c%d-%d".formatted(h, r));
        assertThat(found.index()).isEqualTo(h * 100 + r);
      }
    }
  }

  @Property(seed = "42", tries = 1_000, edgeCases = EdgeCasesMode.NONE)
  void the_compiled_table_finds_what_reading_it_line_by_line_finds(
      @ForAll("tables") RouteTableConfig table, @ForAll("requests") List<TextRequest> requests) {
    CompiledRoutes compiled = CompiledRoutes.of(table);
    NaiveMatcher naive = new NaiveMatcher(table);
    for (TextRequest request : requests) {
      CompiledRoute found = compiled.find(request);

      Optional<Route> expected = naive.find(request);
      assertThat(Optional.ofNullable(found).map(CompiledRoute::config))
          .as(describe(request))
          .isEqualTo(expected);
      Statistics.collect(expected.isPresent());
    }
    Statistics.coverage(coverage -> coverage.check(true).percentage(share -> share > 15));
  }

  @Property(seed = "42", tries = 200, edgeCases = EdgeCasesMode.NONE)
  void a_view_that_moves_its_bytes_at_every_call_is_read_right(
      @ForAll("tables") RouteTableConfig table, @ForAll("requests") List<TextRequest> requests) {
    CompiledRoutes compiled = CompiledRoutes.of(table);
    for (TextRequest request : requests) {
      assertThat(compiled.find(new MovingRequest(request))).isSameAs(compiled.find(request));
    }
  }

  @Provide
  Arbitrary<RouteTableConfig> tables() {
    return Tables.tables();
  }

  @Provide
  Arbitrary<List<TextRequest>> requests() {
    return Tables.requests().list().ofSize(20);
  }

  private static String describe(TextRequest request) {
    return "%s %s %s x=%s y=%s"
        .formatted(
            request.method(),
            request.authority(),
            request.path(),
            request.header("x"),
            request.header("y"))
        .toLowerCase(Locale.ROOT);
  }

  private static String clusterOf(RouteTableConfig table, RequestView request) {
    CompiledRoute route = CompiledRoutes.of(table).find(request);
    return route == null ? "-" : route.name();
  }
}
