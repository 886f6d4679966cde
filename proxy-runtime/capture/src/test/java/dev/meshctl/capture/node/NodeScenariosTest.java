package dev.meshctl.capture.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshctl.capture.node.mode.IptablesText;
import dev.meshctl.capture.node.mode.IpvsTables;
import dev.meshctl.capture.node.mode.IpvsText;
import dev.meshctl.capture.node.mode.NftText;
import dev.meshctl.capture.node.mode.NodeProxySnapshot;
import dev.meshctl.capture.node.mode.NodeProxySnapshot.Ports;
import dev.meshctl.capture.node.rules.RuleSet;
import dev.meshctl.capture.node.rules.ServiceChains;
import dev.meshctl.model.source.YamlReader;
import dev.meshctl.model.testkit.MeshText;
import dev.meshctl.model.testkit.RecordText;
import dev.meshctl.model.testkit.Scenario;
import dev.meshctl.model.validation.ValidatedMesh;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Each folder of {@code scenarios/node}: Services, their endpoints, and what node1 does. */
class NodeScenariosTest {
  private static final String NODE = "node1";

  static List<Scenario> scenarios() {
    return Scenario.of("node");
  }

  @ParameterizedTest
  @MethodSource("scenarios")
  void each_way_of_a_node_is_rendered_from_the_same_plan(Scenario scenario) throws IOException {
    StringBuilder yaml = new StringBuilder();
    for (Path file : scenario.files("in-")) {
      yaml.append(Files.readString(file)).append("\n---\n");
    }
    ValidatedMesh mesh = MeshText.valid(YamlReader.read("in-mesh.yaml", yaml.toString()));
    NodeView node = NodeView.of(mesh, NODE);
    assertThat(node.addresses()).as("a Node called %s", NODE).isNotEmpty();

    StringBuilder iptables = new StringBuilder();
    StringBuilder nft = new StringBuilder();
    StringBuilder ipvs = new StringBuilder();
    StringBuilder userspace = new StringBuilder();
    List<NodePlan> plans = new ArrayList<>();
    for (IpFamily family : IpFamily.values()) {
      NodePlan plan = NodePlan.of(mesh, node, family);
      if (plan.ports().isEmpty()) {
        continue;
      }
      plans.add(plan);
      RuleSet rules = ServiceChains.toEndpoints(plan);
      iptables.append(family == IpFamily.V4 ? "" : "# ip6tables\n").append(IptablesText.all(rules));
      nft.append(NftText.all(rules));
      ipvs.append(IpvsText.all(IpvsTables.of(plan)));
      userspace.append(IptablesText.all(ServiceChains.toProxy(plan, Ports.USUAL.of(family))));
    }

    // The proxy behind the redirects.
    NodeProxySnapshot.of(plans, Ports.USUAL)
        .resources()
        .values()
        .forEach(resources -> userspace.append(RecordText.of(resources.values())));

    scenario.assertOutput("iptables", iptables.toString());
    scenario.assertOutput("nft", nft.toString());
    scenario.assertOutput("ipvs", ipvs.toString());
    scenario.assertOutput("userspace", userspace.toString());
    scenario.assertNothingIsUnused();
  }
}
