package dev.meshctl.dataplane;

import static dev.meshctl.dataplane.testing.Snapshots.ANY_PORT;
import static dev.meshctl.dataplane.testing.Snapshots.assignment;
import static dev.meshctl.dataplane.testing.Snapshots.cluster;
import static dev.meshctl.dataplane.testing.Snapshots.http;
import static dev.meshctl.dataplane.testing.Snapshots.listener;
import static dev.meshctl.dataplane.testing.Snapshots.meshTls;
import static dev.meshctl.dataplane.testing.Snapshots.plain;
import static dev.meshctl.dataplane.testing.Snapshots.route;
import static dev.meshctl.dataplane.testing.Snapshots.routes;
import static dev.meshctl.dataplane.testing.Snapshots.settings;
import static dev.meshctl.dataplane.testing.Snapshots.strictTls;
import static dev.meshctl.dataplane.testing.Snapshots.tcp;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.meshctl.dataplane.observe.LoopCounters.Counter;
import dev.meshctl.dataplane.testing.Backend;
import dev.meshctl.dataplane.testing.Snapshots;
import dev.meshctl.dataplane.testing.TestAuthority;
import dev.meshctl.model.xds.AccessControl;
import dev.meshctl.model.xds.AccessRules;
import dev.meshctl.model.xds.AccessRules.Action;
import dev.meshctl.model.xds.AccessRules.Condition;
import dev.meshctl.model.xds.AccessRules.Policy;
import dev.meshctl.model.xds.ClusterConfig.UpstreamProtocol;
import dev.meshctl.model.xds.DownstreamTls;
import dev.meshctl.model.xds.FilterChain;
import dev.meshctl.model.xds.FilterChain.ChainMatch;
import dev.meshctl.model.xds.ListenerConfig.Direction;
import dev.meshctl.model.xds.NetworkFilter.HttpConnection;
import dev.meshctl.model.xds.NetworkFilter.HttpFilter;
import dev.meshctl.model.xds.RouteTableConfig.FilterOverrides;
import dev.meshctl.model.xds.RouteTableConfig.Route;
import dev.meshctl.model.xds.RouteTableConfig.RouteAction.Forward;
import dev.meshctl.model.xds.SocketEndpoint;
import dev.meshctl.model.xds.WeightedCluster;
import dev.meshctl.model.xds.route.HeaderMatch;
import dev.meshctl.model.xds.route.Headers;
import dev.meshctl.model.xds.route.PathMatch;
import dev.meshctl.model.xds.route.RouteMatch;
import dev.meshctl.model.xds.route.ValueMatch;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Who may do what, over real sockets. */
class AccessTest {
  private static final String FILTER = "envoy.filters.http.rbac";
  private static final Condition ANY = new Condition.Always();

  private final TestAuthority authority = new TestAuthority();
  private final List<AutoCloseable> opened = new ArrayList<>();
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final Backend backend = open(new Backend("b"));

  private <T extends AutoCloseable> T open(T resource) {
    opened.addFirst(resource);
    return resource;
  }

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable each : opened) {
      each.close();
    }
    client.close();
  }

  private static AccessControl rules(Action action, Condition permission, Condition principal) {
    return AccessControl.enforcing(
        new AccessRules(action, Map.of("p", new Policy(List.of(permission), List.of(principal)))));
  }

  private static Condition path(String prefix) {
    return new Condition.UrlPath(new ValueMatch.Prefix(prefix));
  }

  private static Condition client(String account) {
    return new Condition.Authenticated(
        Optional.of(new ValueMatch.Exact(TestAuthority.uri(account))));
  }

  private static HttpConnection guarded(HttpConnection http, AccessControl... controls) {
    List<HttpFilter> filters = new ArrayList<>();
    for (AccessControl control : controls) {
      filters.add(new HttpFilter.Access(FILTER, control));
    }
    return new HttpConnection(
        http.statPrefix(),
        http.codec(),
        http.routes(),
        filters,
        http.streamIdleTimeout(),
        http.requestTimeout(),
        http.idleTimeout(),
        !http.accessLog().isEmpty(),
        http.forwardClientCert());
  }

  private static InetSocketAddress at(DataPlane plane, String listener) {
    return Objects.requireNonNull(plane.listenAddresses().get(listener));
  }

  private static SocketEndpoint address(DataPlane plane, String listener) {
    return new SocketEndpoint("127.0.0.1", at(plane, listener).getPort());
  }

  private DataPlane plain(AccessControl... controls) {
    DataPlane plane = open(DataPlane.start(settings("server", 1), Optional.empty()));
    put(plane, controls);
    return plane;
  }

  private void put(DataPlane plane, AccessControl... controls) {
    Route open =
        new Route(
            "open",
            new RouteMatch(new PathMatch.Prefix("/open"), false, List.of(), List.of()),
            Forward.to("b"),
            Headers.NONE,
            new FilterOverrides(Map.of(FILTER, AccessControl.NONE)));
    assertThat(
            plane.accept(
                Snapshots.of(
                    listener(
                        "in",
                        Direction.INBOUND,
                        ANY_PORT,
                        Snapshots.plain(guarded(http("in"), controls))),
                    routes("in", open, route("/", Forward.to("b"))),
                    cluster("b", backend.address()))))
        .isEmpty();
  }

  private HttpResponse<String> get(DataPlane plane, String listener, String path) throws Exception {
    return client.send(
        HttpRequest.newBuilder(URI.create("http:/" + at(plane, listener) + path)).build(),
        HttpResponse.BodyHandlers.ofString());
  }

  private static long count(DataPlane plane, Counter counter) {
    return plane.counter(counter);
  }

  @Test
  void a_request_that_a_policy_denies_is_403() throws Exception {
    DataPlane plane = plain(rules(Action.DENY, path("/secret"), ANY));
    assertThat(get(plane, "in", "/public").statusCode()).isEqualTo(200);
    HttpResponse<String> denied = get(plane, "in", "/secret/1");
    assertThat(denied.statusCode()).isEqualTo(403);
    assertThat(denied.body()).isEqualTo("RBAC: access denied");
    assertThat(backend.seen()).containsExactly("GET /public");
  }

  @Test
  void what_no_policy_allows_is_403_even_where_no_route_is() throws Exception {
    DataPlane plane =
        plain(
            rules(
                Action.ALLOW,
                new Condition.Header(new HeaderMatch("x-key", new ValueMatch.Exact("1"), false)),
                ANY));
    assertThat(get(plane, "in", "/x").statusCode()).isEqualTo(403);
    HttpResponse<String> allowed =
        client.send(
            HttpRequest.newBuilder(URI.create("http:/" + at(plane, "in") + "/x"))
                .header("x-key", "1")
                .build(),
            HttpResponse.BodyHandlers.ofString());
    assertThat(allowed.statusCode()).isEqualTo(200);
  }

  @Test
  void a_route_may_stand_in_for_the_rules_of_the_listener() throws Exception {
    DataPlane plane = plain(rules(Action.DENY, ANY, ANY));
    assertThat(get(plane, "in", "/x").statusCode()).isEqualTo(403);
    assertThat(get(plane, "in", "/open/x").statusCode()).isEqualTo(200);
  }

  @Test
  void each_of_several_filters_must_allow() throws Exception {
    DataPlane plane =
        plain(rules(Action.DENY, path("/a/b"), ANY), rules(Action.ALLOW, path("/a"), ANY));
    assertThat(get(plane, "in", "/a/c").statusCode()).isEqualTo(200);
    assertThat(get(plane, "in", "/a/b").statusCode()).isEqualTo(403);
    assertThat(get(plane, "in", "/c").statusCode()).isEqualTo(403);
  }

  @Test
  void shadow_rules_are_counted_and_refuse_nothing() throws Exception {
    AccessRules denyAll =
        new AccessRules(Action.DENY, Map.of("p", new Policy(List.of(ANY), List.of(ANY))));
    DataPlane plane = plain(new AccessControl(Optional.empty(), Optional.of(denyAll)));
    assertThat(get(plane, "in", "/x").statusCode()).isEqualTo(200);
    assertThat(count(plane, Counter.RBAC_SHADOW_DENIED)).isEqualTo(1);
    assertThat(count(plane, Counter.RBAC_DENIED)).isZero();
  }

  @Test
  void new_rules_hold_for_connections_that_are_open() throws Exception {
    DataPlane plane = plain();
    assertThat(get(plane, "in", "/x").statusCode()).isEqualTo(200);
    put(plane, rules(Action.DENY, ANY, ANY));
    assertThat(get(plane, "in", "/x").statusCode()).isEqualTo(403);
  }

  @Test
  void a_grpc_client_is_told_permission_denied() throws Exception {
    DataPlane plane = plain(rules(Action.DENY, ANY, ANY));
    HttpResponse<String> denied =
        client.send(
            HttpRequest.newBuilder(URI.create("http:/" + at(plane, "in") + "/a.B/C"))
                .header("content-type", "application/grpc")
                .build(),
            HttpResponse.BodyHandlers.ofString());
    assertThat(denied.statusCode()).isEqualTo(200);
    assertThat(denied.headers().firstValue("grpc-status")).contains("7");
  }

  @Test
  void rules_that_cannot_be_compiled_are_refused_by_name() {
    DataPlane plane = open(DataPlane.start(settings("server", 1), Optional.empty()));
    AccessControl broken =
        rules(Action.DENY, new Condition.UrlPath(new ValueMatch.Regex("(")), ANY);
    var rejections =
        plane.accept(
            Snapshots.of(
                listener(
                    "in",
                    Direction.INBOUND,
                    ANY_PORT,
                    Snapshots.plain(guarded(http("in"), broken))),
                routes("in", route(Forward.to("b"))),
                cluster("b", backend.address())));
    assertThat(rejections).singleElement().asString().contains("RE2");
  }

  private DataPlane inbound(FilterChain chain) {
    DataPlane plane =
        open(DataPlane.start(settings("server", 1), Optional.of(authority.issue("server"))));
    assertThat(
            plane.accept(
                Snapshots.of(
                    listener("in", Direction.INBOUND, ANY_PORT, chain),
                    routes("in", route(Forward.to("b"))),
                    cluster("b", backend.address()))))
        .isEmpty();
    return plane;
  }

  private DataPlane outbound(String account, SocketEndpoint to) {
    DataPlane plane =
        open(DataPlane.start(settings(account, 1), Optional.of(authority.issue(account))));
    assertThat(
            plane.accept(
                Snapshots.of(
                    listener("out", Direction.OUTBOUND, ANY_PORT, Snapshots.plain(http("out"))),
                    listener(
                        "tcp",
                        Direction.OUTBOUND,
                        ANY_PORT,
                        Snapshots.plain(tcp(WeightedCluster.only("s")))),
                    routes("out", route(Forward.to("s"))),
                    cluster(
                        "s",
                        meshTls(TestAuthority.uri("server")),
                        UpstreamProtocol.HTTP1,
                        assignment("s", true, to)))))
        .isEmpty();
    return plane;
  }

  @Test
  void peers_are_told_apart_by_the_identity_they_proved() throws Exception {
    DownstreamTls tls = strictTls();
    HttpConnection http = guarded(http("in"), rules(Action.ALLOW, ANY, client("web")));
    DataPlane in =
        inbound(new FilterChain("tls", ChainMatch.ANY, Optional.of(tls), List.of(), http));
    DataPlane web = outbound("web", address(in, "in"));
    DataPlane other = outbound("other", address(in, "in"));
    assertThat(get(web, "out", "/x").statusCode()).isEqualTo(200);
    assertThat(get(other, "out", "/x").statusCode()).isEqualTo(403);
  }

  private static String overTcp(InetSocketAddress to) throws IOException {
    try (Socket socket = new Socket(to.getAddress(), to.getPort())) {
      socket.setSoTimeout(10_000);
      socket
          .getOutputStream()
          .write(
              "GET /x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
                  .getBytes(StandardCharsets.US_ASCII));
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
    } catch (java.net.SocketException e) {
      return "";
    }
  }

  @Test
  void a_connection_that_is_denied_is_closed_before_a_byte_is_proxied() throws Exception {
    DataPlane in =
        inbound(
            new FilterChain(
                "tls",
                ChainMatch.ANY,
                Optional.of(strictTls()),
                List.of(rules(Action.ALLOW, ANY, client("web"))),
                tcp(WeightedCluster.only("b"))));
    DataPlane web = outbound("web", address(in, "in"));
    DataPlane other = outbound("other", address(in, "in"));
    assertThat(overTcp(at(web, "tcp"))).startsWith("HTTP/1.1 200");
    assertThat(overTcp(at(other, "tcp"))).isEmpty();
    assertThat(backend.requests()).isEqualTo(1);
    assertThat(count(in, Counter.NETWORK_RBAC_DENIED)).isEqualTo(1);
  }

  @Test
  void connections_that_new_rules_deny_are_closed() throws Exception {
    DataPlane plane = open(DataPlane.start(settings("server", 1), Optional.empty()));
    FilterChain free = Snapshots.plain(tcp(WeightedCluster.only("b")));
    FilterChain barred =
        new FilterChain(
            free.name(),
            free.match(),
            free.tls(),
            List.of(rules(Action.DENY, ANY, ANY)),
            free.filter());
    var b = cluster("b", backend.address());
    assertThat(plane.accept(Snapshots.of(listener("in", Direction.INBOUND, ANY_PORT, free), b)))
        .isEmpty();
    InetSocketAddress to = at(plane, "in");
    try (Socket socket = new Socket(to.getAddress(), to.getPort())) {
      socket.setSoTimeout(10_000);
      await().until(() -> count(plane, Counter.DOWNSTREAM_CX_ACTIVE) == 1);
      assertThat(plane.accept(Snapshots.of(listener("in", Direction.INBOUND, ANY_PORT, barred), b)))
          .isEmpty();
      assertThat(read(socket)).isEqualTo(-1);
    }
  }

  private static int read(Socket socket) throws IOException {
    try {
      return socket.getInputStream().read();
    } catch (java.net.SocketException e) {
      return -1;
    }
  }
}
