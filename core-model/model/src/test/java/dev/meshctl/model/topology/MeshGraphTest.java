package dev.meshctl.model.topology;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.meshctl.model.query.GraphView;
import dev.meshctl.model.query.GraphView.Edge;
import dev.meshctl.model.query.GraphView.Node;
import dev.meshctl.model.query.GraphView.NodeKind;
import dev.meshctl.model.resource.AppProtocol;
import dev.meshctl.model.resource.HeaderEdits;
import dev.meshctl.model.resource.ParentRef;
import dev.meshctl.model.resource.ServiceEntry;
import dev.meshctl.model.resource.VirtualService;
import dev.meshctl.model.telemetry.EdgeKey;
import dev.meshctl.model.telemetry.EdgeKey.Protocol;
import dev.meshctl.model.telemetry.EdgeSample;
import dev.meshctl.model.telemetry.LatencyHistogram;
import dev.meshctl.model.testkit.BookshopScene;
import dev.meshctl.model.testkit.MeshScene;
import dev.meshctl.model.testkit.TranslationScenario;
import dev.meshctl.model.xds.LoadAssignment.WorkloadRef;
import dev.meshctl.model.xds.MeshInventory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MeshGraphTest {
  private static final Duration WINDOW = Duration.ofSeconds(10);

  @Test
  void a_quiet_mesh_shows_what_is_configured_and_nothing_more() {
    GraphView view = BookshopScene.quiet();
    assertThat(view.edges())
        .allSatisfy(edge -> {
          assertThat(edge.expected()).isTrue();
          assertThat(edge.observed()).isFalse();
          assertThat(edge.observedPercent()).isEqualTo(-1);
        });
    assertThat(view.edges().stream().map(MeshGraphTest::ends))
        .containsExactlyInAnyOrder(
            "gateway:bookshop/bookshop > service:bookshop/storefront",
            "gateway:bookshop/partners > service:bookshop/reviews-v2",
            "gateway:bookshop/partners > service:bookshop/reviews-v3",
            "service:bookshop/storefront > workload:bookshop/storefront",
            "service:bookshop/catalog > workload:bookshop/catalog",
            "service:bookshop/recommendations > service:bookshop/catalog",
            "service:bookshop/reviews > workload:bookshop/reviews-v1",
            "service:bookshop/reviews > workload:bookshop/reviews-v3",
            "service:bookshop/reviews-v2 > workload:bookshop/reviews-v2",
            "service:bookshop/reviews-v3 > workload:bookshop/reviews-v3",
            "service:bookshop/ratings > workload:bookshop/ratings",
            "service:bookshop/stock > workload:bookshop/stock");
  }

  @Test
  void a_split_shows_the_desired_share_beside_the_measured_one() {
    GraphView view = BookshopScene.busy(90, 10);
    Edge one = edge(view, "service:bookshop/reviews", "workload:bookshop/reviews-v1");
    Edge three = edge(view, "service:bookshop/reviews", "workload:bookshop/reviews-v3");
    assertThat(one.weightPercent()).isEqualTo(90);
    assertThat(three.weightPercent()).isEqualTo(10);
    assertThat(one.observedPercent()).isCloseTo(90.7, within(0.1));
    assertThat(one.observedPercent() + three.observedPercent()).isCloseTo(100, within(1e-9));
  }

  @Test
  void a_gateways_split_over_services_is_measured_at_that_gateway_alone() {
    GraphView view = BookshopScene.busy();
    Edge two = edge(view, "gateway:bookshop/partners", "service:bookshop/reviews-v2");
    assertThat(two.weightPercent()).isEqualTo(80);
    assertThat(two.observedPercent()).isCloseTo(79, within(1e-9));
    assertThat(
            edge(view, "gateway:bookshop/bookshop", "service:bookshop/storefront").weightPercent())
        .isEqualTo(-1);
  }

  @Test
  void a_version_with_weight_zero_stays_in_the_picture() {
    GraphView view = BookshopScene.busy(100, 0);
    Edge three = edge(view, "service:bookshop/reviews", "workload:bookshop/reviews-v3");
    assertThat(three.weightPercent()).isZero();
    assertThat(three.observed()).isFalse();
    assertThat(three.observedPercent()).isZero();
  }

  @Test
  void a_sample_without_requests_is_not_traffic() {
    GraphView view =
        BookshopScene.graph(90, 10)
            .view(0, WINDOW, List.of(call("storefront", "reviews", "reviews-v1", 0, 0)));
    assertThat(view.edges()).noneMatch(Edge::observed);
  }

  @Test
  void traffic_to_a_version_that_no_route_names_is_seen_and_marked() {
    GraphView view =
        BookshopScene.graph(90, 10)
            .view(0, WINDOW, List.of(call("storefront", "reviews", "reviews-v2", 50, 0)));
    Edge stray = edge(view, "service:bookshop/reviews", "workload:bookshop/reviews-v2");
    assertThat(stray.expected()).isFalse();
    assertThat(stray.observed()).isTrue();
    assertThat(stray.observedPercent()).isEqualTo(100);
    assertThat(
            edge(view, "service:bookshop/reviews", "workload:bookshop/reviews-v1")
                .observedPercent())
        .isZero();
  }

  @Test
  void a_call_to_a_host_that_nobody_declared_goes_outside_unexpected() {
    EdgeSample sample =
        new EdgeSample(
            new EdgeKey(
                BookshopScene.workload("storefront", "storefront", "v1"),
                "api.example.com",
                WorkloadRef.UNKNOWN,
                Protocol.HTTP1,
                false,
                ""),
            List.of(new EdgeSample.ResponseCount(200, -1, "", 5)),
            0,
            0,
            LatencyHistogram.Counts.EMPTY);
    GraphView view = BookshopScene.graph(90, 10).view(0, WINDOW, List.of(sample));
    Edge out = edge(view, "workload:bookshop/storefront", "external:api.example.com");
    assertThat(out.expected()).isFalse();
    assertThat(out.mtls()).isZero();
    assertThat(node(view, "external:api.example.com").kind()).isEqualTo(NodeKind.EXTERNAL);
  }

  @Test
  void an_error_before_any_endpoint_was_chosen_ends_at_the_service() {
    EdgeSample refused =
        new EdgeSample(
            new EdgeKey(
                BookshopScene.workload("storefront", "storefront", "v1"),
                "reviews.bookshop.svc.cluster.local",
                WorkloadRef.UNKNOWN,
                Protocol.HTTP1,
                false,
                ""),
            List.of(new EdgeSample.ResponseCount(503, -1, "UH", 7)),
            0,
            0,
            LatencyHistogram.Counts.EMPTY);
    GraphView view = BookshopScene.graph(90, 10).view(0, WINDOW, List.of(refused));
    assertThat(edge(view, "workload:bookshop/storefront", "service:bookshop/reviews").errors())
        .isEqualTo(7);
    assertThat(view.edges().stream().filter(Edge::observed)).hasSize(1);
    assertThat(node(view, "service:bookshop/reviews").received().errors()).isEqualTo(7);
  }

  @Test
  void an_alias_leads_to_the_service_that_answers() {
    GraphView view = BookshopScene.busy();
    assertThat(
            edge(view, "workload:bookshop/storefront", "service:bookshop/recommendations")
                .requests())
        .isEqualTo(60);
    assertThat(
            edge(view, "service:bookshop/recommendations", "service:bookshop/catalog").requests())
        .isEqualTo(60);
    assertThat(edge(view, "service:bookshop/catalog", "workload:bookshop/catalog").requests())
        .isEqualTo(1240);
  }

  @Test
  void an_alias_of_a_host_outside_leads_outside() {
    MeshScene scene = new MeshScene("shop").externalName("cdn", "cdn.example.com", 80);
    GraphView view = MeshGraph.of(scene.mesh(), scene.inventory()).view(0, WINDOW, List.of());
    assertThat(edge(view, "service:shop/cdn", "external:cdn.example.com").expected()).isTrue();
  }

  @Test
  void aliases_in_a_circle_end() {
    MeshScene scene =
        new MeshScene("bookshop")
            .externalName("a", "b.bookshop.svc.cluster.local", 80)
            .externalName("b", "a.bookshop.svc.cluster.local", 80);
    GraphView view =
        MeshGraph.of(scene.mesh(), scene.inventory())
            .view(0, WINDOW, List.of(call("x", "a", "", 1, 0)));
    assertThat(edge(view, "service:bookshop/b", "service:bookshop/a").requests()).isEqualTo(1);
  }

  @Test
  void a_service_route_of_the_gateway_api_leads_from_service_to_services() {
    Map<String, Integer> backends = new LinkedHashMap<>();
    backends.put("reviews-v2", 3);
    backends.put("reviews-v3", 1);
    MeshScene scene =
        new MeshScene("bookshop")
            .service("reviews", Map.of("app", "reviews"), 9080, AppProtocol.HTTP)
            .service(
                "reviews-v2", Map.of("app", "reviews", "version", "v2"), 9080, AppProtocol.HTTP)
            .service(
                "reviews-v3", Map.of("app", "reviews", "version", "v3"), 9080, AppProtocol.HTTP)
            .workload("reviews", "v2", 1, 1)
            .workload("reviews", "v3", 1, 1)
            .httpRoute("reviews", ParentRef.Kind.SERVICE, "reviews", backends);
    EdgeSample sample = call("storefront", "reviews-v2", "reviews-v2", 10, 0);
    EdgeSample named =
        new EdgeSample(
            new EdgeKey(
                sample.key().source(),
                sample.key().destinationService(),
                sample.key().destination(),
                Protocol.HTTP1,
                true,
                "reviews-rule"),
            sample.responses(),
            0,
            0,
            sample.latency());
    GraphView view = MeshGraph.of(scene.mesh(), scene.inventory()).view(0, WINDOW, List.of(named));
    Edge two = edge(view, "service:bookshop/reviews", "service:bookshop/reviews-v2");
    assertThat(two.weightPercent()).isEqualTo(75);
    assertThat(two.requests()).isEqualTo(10);
    assertThat(two.observedPercent()).isEqualTo(100);
    assertThat(edge(view, "workload:bookshop/storefront", "service:bookshop/reviews").requests())
        .isEqualTo(10);
  }

  @Test
  void callers_that_a_route_names_are_expected() {
    VirtualService.HttpMatch onlyShop =
        new VirtualService.HttpMatch(
            "",
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Map.of(),
            Map.of(),
            Map.of(),
            false,
            0,
            Map.of("app", "storefront"),
            "",
            List.of());
    VirtualService.HttpRule plain =
        MeshScene.rule("special", List.of(MeshScene.destination("stock", "", 0)));
    VirtualService.HttpRule special =
        new VirtualService.HttpRule(
            plain.name(), List.of(onlyShop), plain.action(), HeaderEdits.NONE);
    MeshScene scene =
        BookshopScene.scene(90, 10)
            .virtualService("stock", List.of("stock"), List.of(), List.of(special));
    GraphView view = MeshGraph.of(scene.mesh(), scene.inventory()).view(0, WINDOW, List.of());
    assertThat(edge(view, "workload:bookshop/storefront", "service:bookshop/stock").expected())
        .isTrue();
  }

  @Test
  void declared_outsiders_stand_outside() {
    MeshScene scene = new MeshScene("shop");
    scene.add(
        new ServiceEntry(
            scene.metadata("payments", Map.of()),
            List.of("pay.example.com"),
            List.of(new ServiceEntry.Port("https", 443, 0, AppProtocol.TLS)),
            ServiceEntry.Resolution.DNS,
            ServiceEntry.Location.MESH_EXTERNAL,
            List.of(),
            List.of()));
    GraphView view = MeshGraph.of(scene.mesh(), scene.inventory()).view(0, WINDOW, List.of());
    assertThat(node(view, "external:pay.example.com").kind()).isEqualTo(NodeKind.EXTERNAL);
  }

  @Test
  void missing_replicas_are_counted_against_what_the_deployment_wants() {
    MeshScene scene =
        new MeshScene("shop")
            .service("cart", Map.of("app", "cart"), 80, AppProtocol.HTTP)
            .workload("cart", "v1", 3, 1);
    Node cart =
        node(
            MeshGraph.of(scene.mesh(), scene.inventory()).view(0, WINDOW, List.of()),
            "workload:shop/cart-v1");
    assertThat(cart.ready()).isEqualTo(1);
    assertThat(cart.replicas()).isEqualTo(3);
    Node none =
        node(
            MeshGraph.of(scene.mesh(), MeshInventory.EMPTY).view(0, WINDOW, List.of()),
            "service:shop/cart");
    assertThat(none.ready()).isZero();
    assertThat(none.replicas()).isEqualTo(3);
  }

  @Test
  void pods_and_machines_are_replicas_of_their_workloads(@TempDir Path folder) throws IOException {
    Files.writeString(
        folder.resolve("mesh.yaml"),
        """
        apiVersion: v1
        kind: Service
        metadata: {name: cart, namespace: shop}
        spec: {selector: {app: cart}, ports: [{name: http, port: 80}]}
        ---
        apiVersion: apps/v1
        kind: StatefulSet
        metadata: {name: cart, namespace: shop}
        spec:
          replicas: 3
          selector: {matchLabels: {app: cart}}
          template: {metadata: {labels: {app: cart}}, spec: {containers: [{name: a, image: a}]}}
        ---
        apiVersion: v1
        kind: Pod
        metadata:
          name: cart-0
          namespace: shop
          labels: {app: cart}
          ownerReferences: [{apiVersion: apps/v1, kind: StatefulSet, name: cart, controller: true}]
        spec: {containers: [{name: a, image: a}]}
        status: {podIP: 10.1.0.1, conditions: [{type: Ready, status: "True"}]}
        ---
        apiVersion: networking.istio.io/v1
        kind: WorkloadEntry
        metadata: {name: machine, namespace: shop}
        spec: {address: 198.51.100.1, labels: {app: cart}}
        ---
        # Selects nobody; its slice names the Pod.
        apiVersion: v1
        kind: Service
        metadata: {name: by-hand, namespace: shop}
        spec: {ports: [{name: http, port: 80}]}
        ---
        apiVersion: discovery.k8s.io/v1
        kind: EndpointSlice
        metadata: {name: by-hand-1, namespace: shop, labels: {kubernetes.io/service-name: by-hand}}
        addressType: IPv4
        ports: [{name: http, port: 80}]
        endpoints: [{addresses: [10.1.0.1], targetRef: {kind: Pod, name: cart-0}}]
        """);
    GraphView view =
        MeshGraph.of(TranslationScenario.mesh(folder), MeshInventory.EMPTY)
            .view(0, WINDOW, List.of());

    assertThat(node(view, "workload:shop/cart").ready()).isEqualTo(1);
    assertThat(node(view, "workload:shop/cart").replicas()).isEqualTo(3);
    assertThat(node(view, "service:shop/cart").ready()).isEqualTo(2);
    assertThat(view.edges().stream().map(MeshGraphTest::ends))
        .containsExactlyInAnyOrder(
            "service:shop/cart > workload:shop/cart",
            "service:shop/cart > workload:shop/machine",
            "service:shop/by-hand > workload:shop/cart");
  }

  @Test
  void a_subset_of_two_workloads_shares_its_weight_by_their_replicas() {
    MeshScene scene =
        new MeshScene("shop")
            .service("cart", Map.of("app", "cart"), 80, AppProtocol.HTTP)
            .workload("cart-blue", Map.of("app", "cart", "version", "v1"), 3, 3)
            .workload("cart-red", Map.of("app", "cart", "version", "v1"), 1, 1)
            .workload("cart", "v2", 1, 1)
            .versions("cart", "v1", "v2")
            .split("cart", new LinkedHashMap<>(Map.of("v1", 80, "v2", 20)));
    GraphView view = MeshGraph.of(scene.mesh(), scene.inventory()).view(0, WINDOW, List.of());
    assertThat(edge(view, "service:shop/cart", "workload:shop/cart-blue").weightPercent())
        .isEqualTo(60);
    assertThat(edge(view, "service:shop/cart", "workload:shop/cart-red").weightPercent())
        .isEqualTo(20);
  }

  @Test
  void a_gateway_that_a_workload_carries_is_one_node_of_its_name() {
    MeshScene scene =
        BookshopScene.scene(90, 10)
            .workload("edge", Map.of("istio", "ingressgateway", "app", "edge"), 2, 2);
    GraphView view =
        MeshGraph.of(scene.mesh(), scene.inventory())
            .view(0, WINDOW, List.of(call("edge", "storefront", "storefront", 5, 0)));
    assertThat(node(view, "gateway:bookshop/edge").ready()).isEqualTo(2);
    assertThat(view.nodes()).noneMatch(node -> node.id().equals("workload:bookshop/edge"));
    assertThat(edge(view, "gateway:bookshop/edge", "service:bookshop/storefront").requests())
        .isEqualTo(5);
  }

  @Test
  void gateways_on_one_proxy_are_told_apart_by_where_their_routes_lead() {
    GraphView view =
        BookshopScene.graph(90, 10)
            .view(
                0,
                WINDOW,
                List.of(
                    call("istio-ingressgateway", "storefront", "storefront", 5, 0),
                    call("istio-ingressgateway", "reviews-v2", "reviews-v2", 3, 0)));
    assertThat(edge(view, "gateway:bookshop/bookshop", "service:bookshop/storefront").requests())
        .isEqualTo(5);
    assertThat(edge(view, "gateway:bookshop/partners", "service:bookshop/reviews-v2").requests())
        .isEqualTo(3);
  }

  @Test
  void requests_that_another_rule_sent_do_not_count_in_the_split() {
    EdgeSample special = routed(call("storefront", "reviews", "reviews-v3", 90, 0), "beta");
    EdgeSample split = routed(call("storefront", "reviews", "reviews-v1", 10, 0), "versions.any");
    GraphView view = BookshopScene.graph(90, 10).view(0, WINDOW, List.of(special, split));
    Edge three = edge(view, "service:bookshop/reviews", "workload:bookshop/reviews-v3");
    assertThat(three.requests()).isEqualTo(90);
    assertThat(three.observedPercent()).isZero();
  }

  private static EdgeSample routed(EdgeSample sample, String route) {
    EdgeKey key = sample.key();
    return new EdgeSample(
        new EdgeKey(
            key.source(),
            key.destinationService(),
            key.destination(),
            key.protocol(),
            key.mtls(),
            route),
        sample.responses(),
        0,
        0,
        sample.latency());
  }

  @Test
  void requests_and_connections_between_two_nodes_are_two_edges() {
    EdgeSample tcp =
        BookshopScene.sample(
            BookshopScene.workload("storefront", "storefront", "v1"),
            "catalog",
            BookshopScene.workload("catalog", "catalog", "v1"),
            Protocol.TCP,
            3,
            0,
            100);
    GraphView view =
        BookshopScene.graph(90, 10)
            .view(0, WINDOW, List.of(tcp, call("storefront", "catalog", "catalog", 5, 0)));
    assertThat(
            view.edges().stream()
                .filter(edge ->
                    ends(edge).equals("workload:bookshop/storefront > service:bookshop/catalog"))
                .map(Edge::protocol))
        .containsExactly("http", "tcp");
  }

  @Test
  void an_empty_window_is_refused() {
    assertThatThrownBy(() -> BookshopScene.graph(90, 10).view(0, Duration.ZERO, List.of()))
        .hasMessage("window: PT0S (expected: longer than zero)");
  }

  static EdgeSample call(
      String source, String service, String destination, long requests, long errors) {
    WorkloadRef to =
        destination.isEmpty()
            ? WorkloadRef.UNKNOWN
            : BookshopScene.workload(destination, service, "");
    return BookshopScene.sample(
        BookshopScene.workload(source, source, ""),
        service,
        to,
        Protocol.HTTP1,
        requests,
        errors,
        1000);
  }

  static String ends(Edge edge) {
    return edge.source() + " > " + edge.destination();
  }

  static Edge edge(GraphView view, String source, String destination) {
    return view.edges().stream()
        .filter(edge -> ends(edge).equals(source + " > " + destination))
        .findFirst()
        .orElseThrow(() ->
            new AssertionError(
                source
                    + " > "
                    + destination
                    + " not in "
                    + view.edges().stream().map(MeshGraphTest::ends).toList()));
  }

  static Node node(GraphView view, String id) {
    return view.nodes().stream().filter(node -> node.id().equals(id)).findFirst().orElseThrow();
  }
}
