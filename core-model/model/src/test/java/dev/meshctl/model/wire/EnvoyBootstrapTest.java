package dev.meshctl.model.wire;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshctl.model.wire.EnvoyBootstrap.Outcome;
import dev.meshctl.model.xds.ClusterConfig;
import dev.meshctl.model.xds.ListenerConfig;
import dev.meshctl.model.xds.ResourceType;
import dev.meshctl.model.xds.SecretConfig;
import dev.meshctl.model.xds.SecretConfig.Material;
import dev.meshctl.model.xds.SocketEndpoint;
import dev.meshctl.model.xds.StandaloneConfig;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

class EnvoyBootstrapTest {
  private static final String FRONT =
      """
      admin:
        address: {socket_address: {address: 127.0.0.1, port_value: 9901}}
      static_resources:
        listeners:
        - address: {socket_address: {address: 0.0.0.0, port_value: 8080}}
          filter_chains:
          - filters:
            - name: envoy.filters.network.http_connection_manager
              typed_config:
                "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
                stat_prefix: front
                EXTRA
                route_config:
                  virtual_hosts:
                  - name: all
                    domains: ["*"]
                    routes: [{match: {prefix: /}, route: {cluster: up}}]
                http_filters:
                - name: envoy.filters.http.router
                  typed_config:
                    "@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router
        clusters:
        - name: up
          connect_timeout: 0.25s
          load_assignment:
            cluster_name: up
            endpoints:
            - lb_endpoints:
              - endpoint: {address: {socket_address: {address: 10.0.0.1, port_value: 80}}}
      """;

  private static final String TLS =
      """
      static_resources:
        listeners:
        - name: secure
          address: {socket_address: {address: 0.0.0.0, port_value: 443}}
          filter_chains:
          - transport_socket:
              name: envoy.transport_sockets.tls
              typed_config:
                "@type": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext
                common_tls_context:
                  tls_certificates:
                  - certificate_chain: {filename: /pki/cert.pem}
                    private_key: {inline_bytes: S0VZ}
            filters:
            - name: tcp
              typed_config:
                "@type": type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy
                stat_prefix: tcp
                cluster: up
      """;

  private static final DataFiles FILES =
      name -> {
        if (name.equals("/pki/cert.pem")) {
          return "CHAIN";
        }
        throw new IOException(name + ": no such file");
      };

  @Test
  void takes_the_static_resources_of_a_front_proxy() {
    StandaloneConfig config = taken(read(front(""), false));

    assertThat(config.admin()).contains(new SocketEndpoint("127.0.0.1", 9901));
    assertThat(config.statics().of(ResourceType.LISTENER)).containsOnlyKeys("listener-0");
    assertThat(config.statics().of(ResourceType.CLUSTER).get("up"))
        .isInstanceOfSatisfying(
            ClusterConfig.class, cluster -> assertThat(cluster.connectTimeout()).hasMillis(250));
  }

  @Test
  void reads_json_too() {
    String json =
        """
        {"admin": {"address": {"socketAddress": {"address": "::1", "portValue": 1}}},
         "node": {"id": "a", "cluster": "b"}}
        """;

    assertThat(taken(read(json, false)).admin()).contains(new SocketEndpoint("::1", 1));
  }

  @Test
  void names_a_field_that_does_not_exist_with_line_and_path() {
    assertThat(problems(read(front("bogus: 1"), false)))
        .singleElement()
        .asString()
        .startsWith(
            "envoy.yaml:12:11: static_resources.listeners[0].filter_chains[0].filters[0]"
                + ".typed_config.bogus: not supported");
  }

  @Test
  void names_a_field_that_is_not_supported_with_line_and_path() {
    assertThat(problems(read(front("strip_any_host_port: true"), false)))
        .singleElement()
        .asString()
        .startsWith("envoy.yaml:12:11: ")
        .contains("typed_config.strip_any_host_port: not supported");
  }

  @Test
  void names_an_extension_that_is_not_known() {
    String generic =
        TLS.replace("network.tcp_proxy.v3.TcpProxy", "network.generic_proxy.v3.GenericProxy");

    assertThat(problems(read(generic, false)))
        .anySatisfy(problem ->
            assertThat(problem).contains("filters[0].typed_config").contains("GenericProxy"));
  }

  @Test
  void goes_on_without_what_is_not_supported_where_it_is_lenient() {
    Outcome outcome = read(front("strip_any_host_port: true\n          bogus: 1"), true);

    assertThat(taken(outcome).statics().of(ResourceType.LISTENER)).hasSize(1);
    assertThat(((Outcome.Taken) outcome).leftAside())
        .anySatisfy(line -> assertThat(line).contains(".bogus"))
        .anySatisfy(line -> assertThat(line).contains(".strip_any_host_port"));
  }

  @Test
  void keeps_certificates_from_files_and_inline_beside_the_listener() {
    StandaloneConfig config = taken(read(TLS, false));

    ListenerConfig listener =
        config.statics().of(ResourceType.LISTENER).values().stream()
            .map(ListenerConfig.class::cast)
            .findFirst()
            .orElseThrow();
    String name = listener.chains().getFirst().tls().orElseThrow().certificateSecret();
    assertThat(config.statics().of(ResourceType.SECRET).get(name))
        .isEqualTo(new SecretConfig(name, new Material.Certificate("CHAIN", "KEY")));
  }

  @Test
  void names_a_file_that_is_not_there() {
    assertThat(problems(read(TLS.replace("cert.pem", "none.pem"), false)))
        .singleElement()
        .asString()
        .contains("tls_certificates[0].certificate_chain.filename: /pki/none.pem: no such file");
  }

  @Test
  void says_where_the_text_stops_being_yaml() {
    assertThat(problems(read("a: [1", false))).singleElement().asString().contains("envoy.yaml:");
  }

  @Test
  void names_all_problems_at_once() {
    assertThat(problems(read(front("bogus: 1").replace("0.25s", "soon"), false))).isNotEmpty();
    assertThat(problems(read(front("bogus: 1\n          strip_any_host_port: true"), false)))
        .hasSize(2);
  }

  private static String front(String extra) {
    return FRONT.replace("          EXTRA\n", extra.isEmpty() ? "" : "          " + extra + "\n");
  }

  private static Outcome read(String yaml, boolean lenient) {
    return EnvoyBootstrap.read("envoy.yaml", yaml, FILES, lenient);
  }

  private static StandaloneConfig taken(Outcome outcome) {
    assertThat(outcome).isInstanceOf(Outcome.Taken.class);
    return ((Outcome.Taken) outcome).config();
  }

  private static List<String> problems(Outcome outcome) {
    assertThat(outcome).isInstanceOf(Outcome.Refused.class);
    return ((Outcome.Refused) outcome).problems();
  }
}
