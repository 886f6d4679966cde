package dev.meshctl.integration.node;

import dev.meshctl.app.node.NodeAgent;
import dev.meshctl.capture.node.explain.NodeMode;
import dev.meshctl.capture.node.mode.NodeProxySnapshot.Ports;
import dev.meshctl.model.testkit.MeshText;
import dev.meshctl.model.validation.ValidatedMesh;
import java.util.concurrent.TimeUnit;

/**
 * {@code NodeScale MODE COUNT}: in a namespace, puts so many Services of two endpoints in force,
 * then takes one endpoint away, then all; prints the milliseconds of each.
 */
final class NodeScale {
  private static final String NODE =
      """
      apiVersion: v1
      kind: Node
      metadata: {name: node1}
      spec: {podCIDRs: [10.244.0.0/16]}
      status: {addresses: [{type: InternalIP, address: 172.30.0.1}]}
      """;

  private NodeScale() {}

  public static void main(String[] args) throws Exception {
    int count = Integer.parseInt(args[1]);
    ValidatedMesh whole = mesh(count, -1);
    ValidatedMesh changed = mesh(count, count / 2);
    try (NodeAgent agent = NodeAgent.start("node1", NodeMode.valueOf(args[0]), Ports.USUAL)) {
      long start = System.nanoTime();
      agent.accept(whole);
      long applied = System.nanoTime();
      agent.accept(changed);
      long after = System.nanoTime();
      agent.remove();
      System.out.println(
          millis(applied - start)
              + " "
              + millis(after - applied)
              + " "
              + millis(System.nanoTime() - after));
    }
    System.exit(0);
  }

  private static long millis(long nanos) {
    return TimeUnit.NANOSECONDS.toMillis(nanos);
  }

  private static ValidatedMesh mesh(int count, int shorter) {
    StringBuilder yaml = new StringBuilder(NODE);
    for (int i = 0; i < count; i++) {
      String at = (i / 250) + "." + (1 + i % 250);
      yaml.append(
          """
          ---
          apiVersion: v1
          kind: Service
          metadata: {name: s%1$d, namespace: many}
          spec: {clusterIP: 10.96.%2$s, type: NodePort, ports: [{name: http, port: 80, nodePort: %3$d}]}
          ---
          apiVersion: discovery.k8s.io/v1
          kind: EndpointSlice
          metadata: {name: s%1$d-1, namespace: many, labels: {kubernetes.io/service-name: s%1$d}}
          addressType: IPv4
          ports: [{name: http, port: 8080}]
          endpoints: [{addresses: [10.244.%2$s], nodeName: node1}%4$s]
          """
              .formatted(
                  i,
                  at,
                  30000 + i,
                  i == shorter ? "" : ", {addresses: [10.245." + at + "], nodeName: node2}"));
    }
    return MeshText.valid(yaml.toString());
  }
}
