package dev.meshctl.app;

import dev.meshctl.app.node.NodeAgent;
import dev.meshctl.capture.node.mode.NodeProxySnapshot.Ports;
import dev.meshctl.controlplane.intake.MeshConfiguration;
import dev.meshctl.controlplane.intake.MeshIntake;
import dev.meshctl.controlplane.intake.YamlConfigReader;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;

/**
 * {@code NodeMain --folder DIR --node NAME --mode MODE}: carries the Services of a folder on this
 * node, and follows its changes. Needs the privilege to change the rules of its network namespace.
 */
public final class NodeMain {
  private static final System.Logger LOG = System.getLogger(NodeMain.class.getName());
  private static final String TRUST_DOMAIN = "cluster.local";
  private static final String ROOT_NAMESPACE = "istio-system";

  /** Endpoints come and go in bursts; each is one change of the kernel's rules. */
  private static final MeshIntake.Debounce DEBOUNCE =
      new MeshIntake.Debounce(Duration.ofMillis(50), Duration.ofSeconds(1));

  private NodeMain() {}

  public static void main(String[] words) {
    Process.run("node", words, NodeArguments::parse, NodeMain::start);
  }

  private static AutoCloseable start(NodeArguments arguments) throws IOException {
    NodeAgent agent = NodeAgent.start(arguments.node(), arguments.mode(), Ports.USUAL);
    if (arguments.remove()) {
      agent.remove();
      agent.close();
      System.exit(0);
    }
    MeshIntake intake =
        MeshIntake.start(
            arguments.folder(),
            arguments.folder().resolve("inventory.json"),
            new YamlConfigReader(TRUST_DOMAIN, ROOT_NAMESPACE, InstantSource.system()),
            DEBOUNCE,
            configuration -> accept(agent, configuration));
    return () -> {
      intake.close();
      agent.close();
    };
  }

  private static void accept(NodeAgent agent, MeshConfiguration configuration) {
    try {
      agent.accept(configuration.mesh());
    } catch (IOException refused) {
      LOG.log(System.Logger.Level.ERROR, "what was in force stays so: " + refused.getMessage());
    }
  }
}
