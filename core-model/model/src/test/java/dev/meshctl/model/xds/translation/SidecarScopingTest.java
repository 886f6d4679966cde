package dev.meshctl.model.xds.translation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshctl.model.testkit.MeshText;
import dev.meshctl.model.validation.ValidatedMesh;
import dev.meshctl.model.xds.MeshInventory;
import dev.meshctl.model.xds.ProxyNode;
import dev.meshctl.model.xds.ResourceType;
import dev.meshctl.model.xds.XdsResource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A Sidecar keeps from a proxy what it does not ask for; what is in it is in the golden files. */
class SidecarScopingTest {
  private static final int SERVICES = 40;

  /** {@code narrow} lets in two services, {@code wide} lets in all. */
  private static String mesh(String redirectOfLast, String more) {
    StringBuilder yaml = new StringBuilder();
    for (int i = 0; i < SERVICES; i++) {
      yaml.append(
          """
          apiVersion: v1
          kind: Service
          metadata: {name: s%1$d, namespace: shop}
          spec: {selector: {app: s%1$d}, ports: [{name: http, port: %2$d}]}
          ---
          apiVersion: networking.istio.io/v1
          kind: VirtualService
          metadata: {name: s%1$d, namespace: shop}
          spec: {hosts: [s%1$d], http: [{redirect: {uri: %3$s}}]}
          ---
          """
              .formatted(i, 9000 + i, i == SERVICES - 1 ? redirectOfLast : "/same"));
    }
    return yaml
        + """
        apiVersion: networking.istio.io/v1
        kind: Sidecar
        metadata: {name: narrow, namespace: front}
        spec:
          workloadSelector: {labels: {scope: narrow}}
          egress: [{hosts: ["shop/s1.shop.svc.cluster.local", "shop/s2.shop.svc.cluster.local"]}]
        """
        + more;
  }

  private static ValidatedMesh read(String yaml) {
    return MeshText.valid(yaml);
  }

  private static final MeshInventory INVENTORY = inventory();

  private static MeshInventory inventory() {
    Map<String, Integer> numbers = new HashMap<>();
    for (int i = 0; i < SERVICES; i++) {
      numbers.put("shop/s" + i, i + 1);
    }
    return new MeshInventory(List.of(), numbers, "10.64.16.");
  }

  private static ProxyNode proxy(String name, String scope) {
    return new ProxyNode(
        "sidecar~" + name,
        ProxyNode.Role.SIDECAR,
        "front",
        name,
        name + "-0",
        "default",
        Map.of("app", name, "scope", scope),
        new ProxyNode.Capture.Transparent("10.64.1.1"));
  }

  private static List<String> differing(
      MeshTranslation before, MeshTranslation after, ProxyNode node, ResourceType type) {
    Map<String, XdsResource> was = before.snapshotFor(node).of(type);
    Map<String, XdsResource> now = after.snapshotFor(node).of(type);
    List<String> names = new ArrayList<>();
    now.forEach((name, resource) -> {
      if (was.get(name) != resource) {
        names.add(name);
      }
    });
    return names;
  }

  @Test
  void a_proxy_is_told_of_what_its_sidecar_lets_in_and_of_nothing_else() {
    MeshTranslation translation = MeshTranslation.of(read(mesh("/same", "")), INVENTORY);

    assertThat(translation.snapshotFor(proxy("a", "narrow")).of(ResourceType.ROUTE))
        .containsOnlyKeys("9001", "9002");
    assertThat(translation.snapshotFor(proxy("b", "wide")).of(ResourceType.ROUTE))
        .hasSize(SERVICES);
  }

  @Test
  void a_route_that_is_not_let_in_concerns_nobody_of_the_scope() {
    MeshTranslation before = MeshTranslation.of(read(mesh("/same", "")), INVENTORY);
    before.snapshotFor(proxy("a", "narrow"));
    before.snapshotFor(proxy("b", "wide"));
    MeshTranslation after = before.next(read(mesh("/other", "")), INVENTORY);

    for (ResourceType type : ResourceType.values()) {
      assertThat(differing(before, after, proxy("a", "narrow"), type)).as(type.name()).isEmpty();
    }
    assertThat(differing(before, after, proxy("b", "wide"), ResourceType.ROUTE))
        .containsExactly(Integer.toString(9000 + SERVICES - 1));
  }

  @Test
  void a_service_that_is_not_let_in_may_come_without_a_word() {
    String another =
        """
        ---
        apiVersion: v1
        kind: Service
        metadata: {name: another, namespace: shop}
        spec: {selector: {app: another}, ports: [{name: http, port: 7000}]}
        """;
    MeshTranslation before = MeshTranslation.of(read(mesh("/same", "")), INVENTORY);
    before.snapshotFor(proxy("a", "narrow"));
    MeshTranslation after = before.next(read(mesh("/same", another)), INVENTORY);

    for (ResourceType type : ResourceType.values()) {
      assertThat(differing(before, after, proxy("a", "narrow"), type)).as(type.name()).isEmpty();
    }
  }

  @Test
  void proxies_of_one_sidecar_share_one_layer() {
    MeshTranslation translation = MeshTranslation.of(read(mesh("/same", "")), INVENTORY);

    assertThat(translation.layersFor(proxy("a", "narrow")).shared())
        .isSameAs(translation.layersFor(proxy("c", "narrow")).shared())
        .isNotSameAs(translation.layersFor(proxy("b", "wide")).shared());
  }
}
