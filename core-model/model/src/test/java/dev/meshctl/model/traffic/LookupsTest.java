package dev.meshctl.model.traffic;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshctl.model.resource.DestinationRule;
import dev.meshctl.model.resource.HttpRoute;
import dev.meshctl.model.resource.IstioGateway;
import dev.meshctl.model.resource.KubernetesGateway;
import dev.meshctl.model.resource.MeshResource;
import dev.meshctl.model.resource.PeerAuthentication.Mode;
import dev.meshctl.model.resource.VirtualService;
import dev.meshctl.model.source.Located;
import dev.meshctl.model.source.ParsedDocuments;
import dev.meshctl.model.source.YamlReader;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LookupsTest {
  private static final String SERVICES =
      """
      apiVersion: v1
      kind: Service
      metadata: {name: cart, namespace: shop}
      spec: {selector: {app: cart}, ports: [{name: http, port: 80, targetPort: web}]}
      ---
      apiVersion: v1
      kind: Service
      metadata: {name: basket, namespace: front}
      spec: {type: ExternalName, externalName: basket2.front.svc.cluster.local.}
      ---
      apiVersion: v1
      kind: Service
      metadata: {name: basket2, namespace: front}
      spec: {type: ExternalName, externalName: cart.shop.svc.cluster.local}
      ---
      apiVersion: v1
      kind: Service
      metadata: {name: outside, namespace: front}
      spec: {type: ExternalName, externalName: bank.example.org}
      ---
      apiVersion: networking.istio.io/v1
      kind: ServiceEntry
      metadata: {name: wide, namespace: shop}
      spec: {hosts: ["*.example.com", "*.a.example.com", b.example.com], ports: [{number: 443, name: tls}]}
      """;

  @Test
  void a_host_is_found_by_short_and_full_name_and_by_the_most_specific_wildcard() {
    ServiceRegistry services = ServiceRegistry.of(read(SERVICES));

    assertThat(services.find("cart", "shop")).isPresent();
    assertThat(services.find("cart", "front")).isEmpty();
    assertThat(services.find("CART.shop.svc.cluster.local")).isPresent();
    assertThat(services.find("x.a.example.com").orElseThrow().hostname())
        .isEqualTo("*.a.example.com");
    assertThat(services.find("b.example.com").orElseThrow().hostname()).isEqualTo("b.example.com");
    assertThat(services.find("example.com")).isEmpty();
  }

  @Test
  void an_alias_is_followed_to_whoever_answers() {
    ServiceRegistry services = ServiceRegistry.of(read(SERVICES));

    assertThat(services.behind(services.service("front", "basket").orElseThrow()).hostname())
        .isEqualTo("cart.shop.svc.cluster.local");
    assertThat(services.behind(services.service("front", "outside").orElseThrow()).backing())
        .isEqualTo(new MeshService.Backing.Alias("bank.example.org"));
  }

  @Test
  void a_destination_rule_of_the_client_wins_over_that_of_the_service_and_the_root() {
    String rules =
        """
        ---
        apiVersion: networking.istio.io/v1
        kind: DestinationRule
        metadata: {name: root, namespace: istio-system}
        spec: {host: "*.cluster.local"}
        ---
        apiVersion: networking.istio.io/v1
        kind: DestinationRule
        metadata: {name: own, namespace: shop}
        spec: {host: cart, exportTo: [".", front]}
        ---
        apiVersion: networking.istio.io/v1
        kind: DestinationRule
        metadata: {name: client, namespace: front}
        spec: {host: cart.shop.svc.cluster.local}
        """;
    List<MeshResource> all = read(SERVICES + rules);
    MeshService cart = ServiceRegistry.of(all).service("shop", "cart").orElseThrow();
    DestinationRules lookup = DestinationRules.of(all, "istio-system");

    assertThat(lookup.forHost(cart, "front")).map(LookupsTest::name).hasValue("client");
    assertThat(lookup.forHost(cart, "shop")).map(LookupsTest::name).hasValue("own");
    assertThat(lookup.forHost(cart, "elsewhere"))
        .as("not exported there")
        .map(LookupsTest::name)
        .hasValue("root");
  }

  @Test
  void a_subset_overrides_its_rule_setting_by_setting() {
    List<MeshResource> all =
        read(
            """
            apiVersion: networking.istio.io/v1
            kind: DestinationRule
            metadata: {name: cart, namespace: shop}
            spec:
              host: cart
              trafficPolicy: {tls: {mode: DISABLE}, loadBalancer: {simple: RANDOM}}
              subsets: [{name: v1, trafficPolicy: {tls: {mode: ISTIO_MUTUAL}}}]
            """);
    DestinationRule rule = (DestinationRule) all.getFirst();

    DestinationRule.TrafficPolicy policy =
        DestinationRules.effectivePolicy(rule, "v1", 80).orElseThrow();

    assertThat(policy.tls()).hasValue(DestinationRule.TlsMode.ISTIO_MUTUAL);
    assertThat(policy.loadBalancer()).hasValue(DestinationRule.LoadBalancer.RANDOM);
    assertThat(DestinationRules.effectivePolicy(rule, "", 80).orElseThrow().tls())
        .hasValue(DestinationRule.TlsMode.DISABLE);
  }

  @Test
  void a_server_takes_the_hosts_and_namespaces_that_it_allows() {
    List<MeshResource> all =
        read(
            """
            apiVersion: networking.istio.io/v1
            kind: Gateway
            metadata: {name: edge, namespace: infra}
            spec:
              servers:
                - port: {number: 80, name: http, protocol: HTTP}
                  hosts: ["shop/*.example.com", "*/open.example.org"]
            ---
            apiVersion: networking.istio.io/v1
            kind: VirtualService
            metadata: {name: a, namespace: shop}
            spec: {hosts: [a.example.com, b.example.net], gateways: [infra/edge], http: [{redirect: {uri: /}}]}
            ---
            apiVersion: networking.istio.io/v1
            kind: VirtualService
            metadata: {name: b, namespace: other}
            spec: {hosts: [b.example.com], gateways: [infra/edge], http: [{redirect: {uri: /}}]}
            ---
            apiVersion: networking.istio.io/v1
            kind: VirtualService
            metadata: {name: c, namespace: other}
            spec: {hosts: ["*"], gateways: [infra/edge, mesh], http: [{redirect: {uri: /}}]}
            """);
    IstioGateway gateway = (IstioGateway) all.getFirst();

    List<GatewayBindings.Bound<VirtualService>> bound =
        GatewayBindings.of(all).virtualServices(gateway, gateway.servers().getFirst());

    assertThat(bound)
        .extracting(b -> name(b.route()) + b.hosts())
        .as("by name: they are as old")
        .containsExactly("a[a.example.com]", "c[open.example.org]");
    assertThat(MeshRoutes.of(all).virtualServices("any"))
        .extracting(LookupsTest::name)
        .containsExactly("c");
  }

  @Test
  void a_listener_takes_routes_of_its_namespace_section_and_hosts() {
    List<MeshResource> all =
        read(
            """
            apiVersion: gateway.networking.k8s.io/v1
            kind: Gateway
            metadata: {name: edge, namespace: shop}
            spec:
              gatewayClassName: meshctl
              listeners: [{name: one, port: 80, protocol: HTTP, hostname: "*.example.com"}, {name: two, port: 81, protocol: HTTP}]
            ---
            apiVersion: gateway.networking.k8s.io/v1
            kind: HTTPRoute
            metadata: {name: all, namespace: shop}
            spec: {parentRefs: [{name: edge}], rules: []}
            ---
            apiVersion: gateway.networking.k8s.io/v1
            kind: HTTPRoute
            metadata: {name: second, namespace: shop}
            spec: {parentRefs: [{name: edge, sectionName: two}], hostnames: [a.example.org], rules: []}
            ---
            apiVersion: gateway.networking.k8s.io/v1
            kind: HTTPRoute
            metadata: {name: foreign, namespace: other}
            spec: {parentRefs: [{name: edge, namespace: shop}], rules: []}
            """);
    KubernetesGateway gateway = (KubernetesGateway) all.getFirst();
    GatewayBindings bindings = GatewayBindings.of(all);

    assertThat(bindings.routes(HttpRoute.class, gateway, gateway.listeners().get(0)))
        .extracting(b -> name(b.route()) + b.hosts())
        .containsExactly("all[*.example.com]");
    assertThat(bindings.routes(HttpRoute.class, gateway, gateway.listeners().get(1)))
        .extracting(b -> name(b.route()) + b.hosts())
        .containsExactly("all[*]", "second[a.example.org]");
  }

  @Test
  void routes_of_the_clients_namespace_stand_in_for_those_of_the_service() {
    String route =
        """
        ---
        apiVersion: gateway.networking.k8s.io/v1
        kind: HTTPRoute
        metadata: {name: %s, namespace: %s}
        spec: {parentRefs: [{group: "", kind: Service, name: cart, namespace: shop}], rules: []}
        """;
    List<MeshResource> all =
        read(SERVICES + route.formatted("producer", "shop") + route.formatted("consumer", "front"));
    MeshService cart = ServiceRegistry.of(all).service("shop", "cart").orElseThrow();
    MeshRoutes routes = MeshRoutes.of(all);

    assertThat(routes.httpRoutes(cart, "front"))
        .extracting(LookupsTest::name)
        .containsExactly("consumer");
    List<HttpRoute> elsewhere = routes.httpRoutes(cart, "elsewhere");
    assertThat(elsewhere).extracting(LookupsTest::name).containsExactly("producer");
  }

  @Test
  void the_narrowest_peer_authentication_decides_port_by_port() {
    List<MeshResource> all =
        read(
            """
            apiVersion: security.istio.io/v1
            kind: PeerAuthentication
            metadata: {name: mesh, namespace: istio-system}
            spec: {mtls: {mode: STRICT}}
            ---
            apiVersion: security.istio.io/v1
            kind: PeerAuthentication
            metadata: {name: shop, namespace: shop}
            spec: {mtls: {mode: PERMISSIVE}}
            ---
            apiVersion: security.istio.io/v1
            kind: PeerAuthentication
            metadata: {name: cart, namespace: shop}
            spec: {selector: {matchLabels: {app: cart}}, portLevelMtls: {9000: {mode: DISABLE}}}
            """);
    PeerModes modes = PeerModes.of(all, "istio-system");

    assertThat(modes.mode("shop", Map.of("app", "cart"), 9000)).isEqualTo(Mode.DISABLE);
    assertThat(modes.mode("shop", Map.of("app", "cart"), 80)).isEqualTo(Mode.PERMISSIVE);
    assertThat(modes.mode("other", Map.of(), 80)).isEqualTo(Mode.STRICT);
    assertThat(PeerModes.of(List.of(), "istio-system").mode("other", Map.of(), 80))
        .isEqualTo(Mode.PERMISSIVE);
  }

  private static String name(MeshResource resource) {
    return resource.metadata().name();
  }

  private static List<MeshResource> read(String text) {
    ParsedDocuments parsed = YamlReader.read("in.yaml", text);
    assertThat(parsed.diagnostics()).isEmpty();
    return parsed.resources().stream().<MeshResource>map(Located::resource).toList();
  }
}
