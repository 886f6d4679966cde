package dev.meshctl.dataplane;

import static dev.meshctl.dataplane.testing.Snapshots.ANY_PORT;
import static dev.meshctl.dataplane.testing.Snapshots.cluster;
import static dev.meshctl.dataplane.testing.Snapshots.http;
import static dev.meshctl.dataplane.testing.Snapshots.listener;
import static dev.meshctl.dataplane.testing.Snapshots.plain;
import static dev.meshctl.dataplane.testing.Snapshots.route;
import static dev.meshctl.dataplane.testing.Snapshots.routes;
import static dev.meshctl.dataplane.testing.Snapshots.settings;
import static org.assertj.core.api.Assertions.assertThat;

import dev.meshctl.dataplane.testing.Backend;
import dev.meshctl.dataplane.testing.Snapshots;
import dev.meshctl.model.xds.AccessControl;
import dev.meshctl.model.xds.AccessRules;
import dev.meshctl.model.xds.AccessRules.Action;
import dev.meshctl.model.xds.AccessRules.Condition;
import dev.meshctl.model.xds.AccessRules.Policy;
import dev.meshctl.model.xds.AccessRules.Which;
import dev.meshctl.model.xds.FilterChain.Cidr;
import dev.meshctl.model.xds.HttpOptions;
import dev.meshctl.model.xds.HttpOptions.ClientAddress;
import dev.meshctl.model.xds.HttpOptions.Server;
import dev.meshctl.model.xds.HttpOptions.ServerHeader;
import dev.meshctl.model.xds.ListenerConfig.Direction;
import dev.meshctl.model.xds.NetworkFilter.HttpFilter;
import dev.meshctl.model.xds.RouteTableConfig.RouteAction;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Who the client is taken for, and what the proxy leaves on messages that pass. */
class ForwardedClientTest {
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final Backend backend = new Backend("b");
  private final DataPlane plane = DataPlane.start(settings("client", 1), Optional.empty());

  @AfterEach
  void close() {
    plane.close();
    backend.close();
    client.close();
  }

  private void configure(HttpOptions options, List<HttpFilter> filters) {
    assertThat(
            plane.accept(
                Snapshots.of(
                    listener(
                        "in",
                        Direction.INBOUND,
                        ANY_PORT,
                        plain(http("r").withOptions(options).withFilters(filters))),
                    routes("r", route(RouteAction.Forward.to("b"))),
                    cluster("b", backend.address()))))
        .isEmpty();
  }

  private HttpResponse<String> get(String path, String... headers) throws Exception {
    InetSocketAddress at = Objects.requireNonNull(plane.listenAddresses().get("in"));
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + at.getPort() + path));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  private static HttpOptions client(boolean direct, int hops, boolean skip) {
    return HttpOptions.DEFAULT.withClient(new ClientAddress(direct, hops, skip));
  }

  @ParameterizedTest
  @CsvSource({
    "true, false, '1.2.3.4,127.0.0.1', http",
    "true, true, 1.2.3.4, http",
    "false, false, 1.2.3.4, https",
  })
  void the_address_is_appended_where_clients_come_by_themselves(
      boolean direct, boolean skip, String forwarded, String protocol) throws Exception {
    configure(client(direct, 0, skip), List.of());

    String seen =
        get("/headers", "x-forwarded-for", "1.2.3.4", "x-forwarded-proto", "https").body();

    assertThat(seen)
        .contains("x-forwarded-for: " + forwarded + "\n")
        .contains("x-forwarded-proto: " + protocol + "\n");
  }

  @Test
  void behind_a_trusted_proxy_its_word_on_the_protocol_counts() throws Exception {
    configure(client(true, 1, false), List.of());

    assertThat(get("/headers", "x-forwarded-proto", "https").body())
        .contains("x-forwarded-proto: https\n")
        .contains("x-forwarded-for: 127.0.0.1\n");
  }

  private static HttpFilter onlyFrom(String address) {
    return new HttpFilter.Access(
        "envoy.filters.http.rbac",
        AccessControl.enforcing(
            new AccessRules(
                Action.ALLOW,
                Map.of(
                    "p",
                    new Policy(
                        List.of(new Condition.Always()),
                        List.of(new Condition.SourceIp(Which.REMOTE, new Cidr(address, 32))))))));
  }

  @ParameterizedTest
  @CsvSource({
    // An edge believes nobody, whatever the client writes.
    "true, 0, 127.0.0.1, '10.0.0.1', 200",
    "true, 0, 10.0.0.1, '10.0.0.1', 403",
    // Behind one balancer its last word counts, and nothing that stands before it.
    "true, 1, 10.0.0.1, '10.0.0.9,10.0.0.1', 200",
    "true, 1, 10.0.0.9, '10.0.0.9,10.0.0.1', 403",
    "true, 2, 10.0.0.9, '10.0.0.9,10.0.0.1', 200",
    // Within the mesh the proxy before us is trusted.
    "false, 0, 10.0.0.1, '10.0.0.9,10.0.0.1', 200",
    "false, 1, 10.0.0.9, '10.0.0.9,10.0.0.1', 200",
    // Fewer than are trusted: the connection itself.
    "false, 5, 127.0.0.1, '10.0.0.9,10.0.0.1', 200",
  })
  void access_is_asked_of_the_client_that_trusted_hops_tell(
      boolean direct, int hops, String allowed, String forwarded, int status) throws Exception {
    configure(client(direct, hops, false), List.of(onlyFrom(allowed)));

    assertThat(get("/", "x-forwarded-for", forwarded).statusCode()).isEqualTo(status);
  }

  @ParameterizedTest
  @CsvSource({"OVERWRITE, shop", "APPEND_IF_ABSENT, shop", "PASS_THROUGH, ''"})
  void the_server_header_is_changed_as_the_setting_says(ServerHeader change, String expected)
      throws Exception {
    configure(HttpOptions.DEFAULT.withServer(new Server(change, "shop")), List.of());

    assertThat(get("/").headers().firstValue("server").orElse("")).isEqualTo(expected);
  }

  @Test
  void via_is_appended_to_requests_and_answers() throws Exception {
    configure(HttpOptions.DEFAULT.withVia("1.1 shop"), List.of());

    HttpResponse<String> answer = get("/headers", "via", "1.0 before");

    assertThat(answer.body()).contains("via: 1.0 before, 1.1 shop\n");
    assertThat(answer.headers().firstValue("via")).contains("1.1 shop");
  }
}
