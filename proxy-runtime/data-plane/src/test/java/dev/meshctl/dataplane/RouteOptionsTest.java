package dev.meshctl.dataplane;

import static dev.meshctl.dataplane.testing.Snapshots.ANY_PORT;
import static dev.meshctl.dataplane.testing.Snapshots.cluster;
import static dev.meshctl.dataplane.testing.Snapshots.http;
import static dev.meshctl.dataplane.testing.Snapshots.listener;
import static dev.meshctl.dataplane.testing.Snapshots.plain;
import static dev.meshctl.dataplane.testing.Snapshots.route;
import static dev.meshctl.dataplane.testing.Snapshots.settings;
import static org.assertj.core.api.Assertions.assertThat;

import dev.meshctl.dataplane.testing.Backend;
import dev.meshctl.dataplane.testing.Snapshots;
import dev.meshctl.model.xds.ListenerConfig.Direction;
import dev.meshctl.model.xds.RouteTableConfig;
import dev.meshctl.model.xds.RouteTableConfig.FilterOverrides;
import dev.meshctl.model.xds.RouteTableConfig.RequireTls;
import dev.meshctl.model.xds.RouteTableConfig.Route;
import dev.meshctl.model.xds.RouteTableConfig.RouteAction;
import dev.meshctl.model.xds.RouteTableConfig.RouteAction.Forward;
import dev.meshctl.model.xds.RouteTableConfig.VirtualHost;
import dev.meshctl.model.xds.route.Header;
import dev.meshctl.model.xds.route.HeaderChanges;
import dev.meshctl.model.xds.route.HeaderMatch;
import dev.meshctl.model.xds.route.Headers;
import dev.meshctl.model.xds.route.HostFrom;
import dev.meshctl.model.xds.route.PathMatch;
import dev.meshctl.model.xds.route.PathRewrite;
import dev.meshctl.model.xds.route.RouteMatch;
import dev.meshctl.model.xds.route.Timeouts;
import dev.meshctl.model.xds.route.ValueMatch;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The rarer words of routes, over real sockets. */
class RouteOptionsTest {
  private static final Forward TO_B = Forward.to("b");

  private final Backend backend = new Backend("b");
  private final Backend other = new Backend("other");
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private DataPlane plane;

  @BeforeEach
  void start() {
    plane = DataPlane.start(settings("client", 1), Optional.empty());
  }

  @AfterEach
  void stop() {
    client.close();
    plane.close();
    backend.close();
    other.close();
  }

  private void configure(Route... routes) {
    configure(Snapshots.routes("out", routes));
  }

  private void configure(RouteTableConfig table) {
    assertThat(
            plane.accept(
                Snapshots.of(
                    listener("out", Direction.OUTBOUND, ANY_PORT, plain(http("out"))),
                    table,
                    cluster("b", backend.address()),
                    cluster("other", other.address()))))
        .isEmpty();
  }

  private InetSocketAddress at() {
    return Objects.requireNonNull(plane.listenAddresses().get("out"));
  }

  private HttpResponse<String> get(String path, String... headers) throws Exception {
    HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http:/" + at() + path));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  private static Route matching(RouteMatch match, RouteAction action) {
    return new Route("", match, action, Headers.NONE);
  }

  private static RouteMatch header(ValueMatch value, boolean missingIsEmpty) {
    return new RouteMatch(
        new PathMatch.Prefix("/"),
        false,
        List.of(new HeaderMatch("x-user", value, false, missingIsEmpty)),
        List.of());
  }

  private static Forward rewriting(
      Optional<PathRewrite> path, Optional<HostFrom> host, boolean append) {
    return new Forward(
        TO_B.clusters(),
        TO_B.timeout(),
        TO_B.retry(),
        path,
        "",
        List.of(),
        Optional.empty(),
        host,
        append,
        List.of(),
        Timeouts.NONE);
  }

  private static Headers request(HeaderChanges changes) {
    return new Headers(changes, HeaderChanges.NONE);
  }

  private static Headers set(String name, String value) {
    HeaderChanges changes =
        new HeaderChanges(List.of(new Header(name, value)), List.of(), List.of());
    return new Headers(changes, changes);
  }

  @Test
  void headers_match_as_numbers_without_case_and_when_missing() throws Exception {
    configure(
        matching(header(new ValueMatch.Range(10, 20), false), Forward.to("other")),
        matching(
            header(new ValueMatch.IgnoringCase(new ValueMatch.Exact("Ann")), false),
            Forward.to("other")),
        matching(header(new ValueMatch.Exact(""), true), Forward.to("other")),
        route(TO_B));
    assertThat(get("/", "x-user", "19").body()).isEqualTo("other");
    assertThat(get("/", "x-user", "20").body()).isEqualTo("b");
    assertThat(get("/", "x-user", "aNN").body()).isEqualTo("other");
    assertThat(get("/").body()).isEqualTo("other");
    assertThat(get("/", "x-user", "bob").body()).isEqualTo("b");
  }

  @Test
  void a_route_may_take_grpc_only_and_a_part_of_the_requests_only() throws Exception {
    RouteMatch grpc =
        new RouteMatch(
            new PathMatch.Prefix("/"), false, List.of(), List.of(), true, Optional.empty());
    RouteMatch quarter =
        new RouteMatch(
            new PathMatch.Prefix("/part"), false, List.of(), List.of(), false, Optional.of(25.0));
    configure(
        matching(grpc, Forward.to("other")), matching(quarter, Forward.to("other")), route(TO_B));
    assertThat(get("/", "content-type", "application/grpc").body()).isEqualTo("other");
    assertThat(get("/", "content-type", "application/grpc-web").body()).isEqualTo("b");
    int taken = 0;
    for (int i = 0; i < 400; i++) {
      taken += get("/part").body().equals("other") ? 1 : 0;
    }
    // 5 standard deviations about 100.
    assertThat(taken).isBetween(100 - 44, 100 + 44);
  }

  @Test
  void paths_and_hosts_are_rewritten_by_regex_and_header() throws Exception {
    PathRewrite swap = new PathRewrite.Regex("^/user/([^/]+)/(.*)$", "/headers/\\2/\\1");
    configure(
        matching(
            new RouteMatch(new PathMatch.Prefix("/user"), false, List.of(), List.of()),
            rewriting(Optional.of(swap), Optional.of(new HostFrom.HeaderValue("x-host")), true)),
        matching(
            new RouteMatch(new PathMatch.Prefix("/"), false, List.of(), List.of()),
            rewriting(
                Optional.empty(),
                Optional.of(new HostFrom.PathRegex("^/headers/(.*)$", "\\1.example")),
                false)));
    assertThat(get("/user/ann/books?q=1", "x-host", "inner.example").body())
        .contains("host: inner.example\n")
        .contains("x-forwarded-host: 127.0.0.1:" + at().getPort() + "\n");
    assertThat(get("/headers/shop?q").body()).contains("host: shop.example\n");
    assertThat(backend.seen()).containsExactly("GET /headers/books/ann?q=1", "GET /headers/shop?q");
  }

  @Test
  void redirects_rewrite_by_regex_and_strip_the_query() throws Exception {
    configure(
        route(
            "/old",
            new RouteAction.Redirect(
                "https",
                "new.example",
                8443,
                Optional.of(new PathRewrite.Regex("^/old/(.*)", "/new/\\1")),
                308,
                true)),
        route(
            "/q",
            new RouteAction.Redirect(
                "", "a", 0, Optional.of(new PathRewrite.Full("/x?y=1")), 302)));
    HttpResponse<String> redirect = get("/old/a?b=c");
    assertThat(redirect.statusCode()).isEqualTo(308);
    assertThat(redirect.headers().firstValue("location"))
        .contains("https://new.example:8443/new/a");
    assertThat(get("/q?z=2").headers().firstValue("location")).contains("http://a/x?y=1");
  }

  @Test
  void headers_are_added_as_each_append_action_says() throws Exception {
    HeaderChanges changes =
        new HeaderChanges(
            List.of(new Header("x-set", "new"), new Header("x-nothing", "", false, true)),
            List.of(new Header("x-add", "2"), new Header("x-void", "")),
            List.of(new Header("x-there", "no"), new Header("x-new", "yes")),
            List.of(new Header("x-there", "changed"), new Header("x-missing", "no")),
            List.of("x-gone"));
    configure(new Route("", RouteMatch.ANY, TO_B, request(changes)));
    String seen =
        get("/headers", "x-set", "old", "x-add", "1", "x-there", "old", "x-gone", "1").body();
    assertThat(seen)
        .contains("x-set: new\n", "x-add: 1\n", "x-add: 2\n", "x-new: yes\n")
        .contains("x-there: changed\n", "x-nothing: \n")
        .doesNotContain("x-void", "x-missing", "x-gone", "old");
  }

  @Test
  void header_values_tell_of_the_exchange() throws Exception {
    HeaderChanges toUpstream =
        new HeaderChanges(
            List.of(
                new Header(
                    "x-told",
                    "%DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT% %PROTOCOL% %REQ(x-no?x-who):3%"
                        + " 100%%",
                    true,
                    false),
                new Header("x-unknown", "%REQ(x-no)%", true, false)),
            List.of(),
            List.of());
    HeaderChanges toClient =
        new HeaderChanges(
            List.of(new Header("x-via", "%UPSTREAM_CLUSTER%/%RESP(x-backend)%", true, false)),
            List.of(),
            List.of());
    configure(new Route("", RouteMatch.ANY, TO_B, new Headers(toUpstream, toClient)));
    HttpResponse<String> response = get("/headers", "x-who", "annabel");
    assertThat(response.body())
        .contains("x-told: 127.0.0.1 HTTP/1.1 ann 100%\n")
        .doesNotContain("x-unknown");
    assertThat(response.headers().firstValue("x-via")).contains("b/b");
  }

  @Test
  void an_operator_that_is_not_known_refuses_the_table_by_name() {
    Headers unknown =
        request(
            new HeaderChanges(
                List.of(new Header("x", "%STREAM_ID%", true, false)), List.of(), List.of()));
    assertThat(
            plane.accept(
                Snapshots.of(
                    Snapshots.routes("out", new Route("", RouteMatch.ANY, TO_B, unknown)),
                    cluster("b", backend.address()))))
        .singleElement()
        .asString()
        .contains("%STREAM_ID%");
  }

  private RouteTableConfig levels(boolean mostSpecificWins) {
    Route route = new Route("", RouteMatch.ANY, TO_B, set("x-level", "route"));
    return new RouteTableConfig(
        "out",
        List.of(
            new VirtualHost(
                "all",
                List.of("*"),
                List.of(route),
                set("x-level", "host"),
                Optional.empty(),
                FilterOverrides.NONE)),
        set("x-level", "table"),
        mostSpecificWins,
        FilterOverrides.NONE,
        false);
  }

  @Test
  void the_table_has_the_last_word_on_headers_unless_the_most_specific_wins() throws Exception {
    configure(levels(false));
    HttpResponse<String> response = get("/headers");
    assertThat(response.body()).contains("x-level: table\n");
    assertThat(response.headers().allValues("x-level")).containsExactly("table");
    configure(levels(true));
    assertThat(get("/headers").body()).contains("x-level: route\n");
  }

  @Test
  void local_answers_carry_the_routes_response_headers() throws Exception {
    configure(
        new Route("", RouteMatch.ANY, new RouteAction.DirectResponse(200, "hi"), set("x-a", "1")));
    assertThat(get("/").headers().firstValue("x-a")).contains("1");
  }

  private RouteTableConfig requiring(RequireTls required, Route... routes) {
    return new RouteTableConfig(
        "out",
        List.of(
            new VirtualHost(
                "all",
                List.of("*"),
                Arrays.asList(routes),
                Headers.NONE,
                Optional.of(required),
                FilterOverrides.NONE)));
  }

  @Test
  void a_host_that_demands_tls_redirects_what_came_without() throws Exception {
    configure(requiring(RequireTls.ALL, route(TO_B)));
    HttpResponse<String> redirect = get("/a?b", "x-envoy-internal", "true");
    assertThat(redirect.statusCode()).isEqualTo(301);
    assertThat(redirect.headers().firstValue("location"))
        .hasValueSatisfying(to -> assertThat(to).startsWith("https://127.0.0.1").endsWith("/a?b"));
    assertThat(get("/a", "x-forwarded-proto", "https").statusCode()).isEqualTo(200);
    configure(requiring(RequireTls.EXTERNAL_ONLY, route(TO_B)));
    assertThat(get("/a", "x-envoy-internal", "true").statusCode()).isEqualTo(200);
    assertThat(get("/a").statusCode()).isEqualTo(301);
  }
}
