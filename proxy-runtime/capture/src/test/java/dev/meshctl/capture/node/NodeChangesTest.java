package dev.meshctl.capture.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshctl.capture.node.mode.IptablesText;
import dev.meshctl.capture.node.mode.IptablesText.Present;
import dev.meshctl.capture.node.mode.NftText;
import dev.meshctl.capture.node.rules.RuleSet;
import dev.meshctl.capture.node.rules.ServiceChains;
import dev.meshctl.model.testkit.MeshText;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class NodeChangesTest {
  private static final String SERVICE =
      """
      apiVersion: v1
      kind: Service
      metadata: {name: %1$s, namespace: shop}
      spec: {clusterIP: 10.96.0.%2$d, ports: [{name: http, port: 80}]}
      ---
      apiVersion: discovery.k8s.io/v1
      kind: EndpointSlice
      metadata: {name: %1$s-1, namespace: shop, labels: {kubernetes.io/service-name: %1$s}}
      addressType: IPv4
      ports: [{name: http, port: 8080}]
      endpoints: [%3$s]
      ---
      """;

  private static RuleSet rules(String... services) {
    NodeView node = new NodeView("node1", "", List.of("172.30.0.1"), List.of(), List.of());
    return ServiceChains.toEndpoints(
        NodePlan.of(MeshText.valid(String.join("", services)), node, IpFamily.V4));
  }

  private static String service(String name, int number, String... endpoints) {
    String list =
        String.join(
            ", ", List.of(endpoints).stream().map(each -> "{addresses: [" + each + "]}").toList());
    return SERVICE.formatted(name, number, list);
  }

  /** What {@code iptables-save} says after {@code restored}. */
  private static Present after(String restored) {
    return Present.of(
        restored
            .replace("-I ", "-A ")
            .lines()
            .filter(line -> !line.startsWith("-X"))
            .reduce("", (all, line) -> all + line + "\n"));
  }

  @Test
  void where_nothing_changed_nothing_is_written() {
    RuleSet rules = rules(service("cart", 1, "10.244.1.2"));

    assertThat(IptablesText.change(Optional.of(rules), rules, after(IptablesText.all(rules))))
        .isEmpty();
    assertThat(NftText.change(rules, rules)).isEmpty();
  }

  @Test
  void an_endpoint_that_goes_takes_its_chain_and_touches_its_service_alone() {
    RuleSet before =
        rules(service("cart", 1, "10.244.1.2", "10.244.1.3"), service("till", 2, "10.244.1.4"));
    RuleSet now = rules(service("cart", 1, "10.244.1.2"), service("till", 2, "10.244.1.4"));

    String change = IptablesText.change(Optional.of(before), now, after(IptablesText.all(before)));

    assertThat(change).doesNotContain("till").doesNotContain("*filter").doesNotContain("-I ");
    assertThat(change.lines().filter(line -> line.startsWith(":"))).hasSize(2);
    assertThat(change.lines().filter(line -> line.startsWith("-X MESH-SEP-"))).hasSize(1);
    assertThat(NftText.change(before, now).lines())
        .filteredOn(line -> !line.contains(" MESH-SVC-") && !line.contains(" MESH-SEP-"))
        .isEmpty();
  }

  @Test
  void a_service_that_comes_is_one_element_and_its_chains() {
    RuleSet before = rules(service("cart", 1, "10.244.1.2"));
    RuleSet now = rules(service("cart", 1, "10.244.1.2"), service("till", 2, "10.244.1.4"));

    String change = NftText.change(before, now);

    assertThat(change)
        .contains("add element ip meshctl-node MESH-SERVICES { 10.96.0.2 . tcp . 80 ")
        .contains("add element ip meshctl-node MESH-CLUSTER-IPS { 10.96.0.2 }")
        .doesNotContain("delete")
        .doesNotContain("flush");
  }

  @Test
  void a_service_that_loses_its_last_endpoint_is_refused_in_the_same_step() {
    RuleSet before = rules(service("cart", 1, "10.244.1.2"));
    RuleSet now = rules(service("cart", 1));

    assertThat(NftText.change(before, now))
        .contains("delete element ip meshctl-node MESH-SERVICES { 10.96.0.1 . tcp . 80 }")
        .contains("add element ip meshctl-node MESH-UNSERVED { 10.96.0.1 . tcp . 80 ");
    assertThat(IptablesText.change(Optional.of(before), now, after(IptablesText.all(before))))
        .contains("-A MESH-UNSERVED -d 10.96.0.1/32 -p tcp -m tcp --dport 80")
        .contains("-j REJECT");
  }

  @Test
  void somebody_elses_rules_are_not_ours_to_remove() {
    Present present =
        Present.of(
            """
            *nat
            :PREROUTING ACCEPT [0:0]
            :KUBE-SERVICES - [0:0]
            :MESH-SERVICES - [0:0]
            -A PREROUTING -j KUBE-SERVICES
            -A PREROUTING -m comment --comment "-j MESH-lookalike" -j KUBE-SERVICES
            -A PREROUTING -j MESH-SERVICES
            -A MESH-SERVICES -j RETURN
            COMMIT
            """);

    assertThat(IptablesText.removal(present))
        .isEqualTo(
            """
            *nat
            :MESH-SERVICES - [0:0]
            -D PREROUTING -j MESH-SERVICES
            -X MESH-SERVICES
            COMMIT
            """);
  }
}
