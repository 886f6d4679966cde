package dev.meshctl.capture.node.flows;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshctl.capture.node.IpFamily;
import dev.meshctl.capture.node.NodePlan;
import dev.meshctl.capture.node.NodeView;
import dev.meshctl.model.testkit.MeshText;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import org.junit.jupiter.api.Test;

class StaleFlowsTest {
  private static final NodePlan PLAN =
      NodePlan.of(
          MeshText.valid(
              """
              apiVersion: v1
              kind: Service
              metadata: {name: dns, namespace: shop}
              spec:
                type: NodePort
                clusterIP: 10.96.0.53
                ports: [{name: dns, port: 53, protocol: UDP, nodePort: 30053}]
              ---
              apiVersion: discovery.k8s.io/v1
              kind: EndpointSlice
              metadata: {name: dns-1, namespace: shop, labels: {kubernetes.io/service-name: dns}}
              addressType: IPv4
              ports: [{name: dns, port: 5353, protocol: UDP}]
              endpoints: [{addresses: [10.244.1.2]}]
              """),
          new NodeView("node1", "", List.of("172.30.0.1"), List.of(), List.of()),
          IpFamily.V4);

  private static Flow flow(String destination, int port, String server, int serverPort) {
    return new Flow(
        InetAddress.ofLiteral("10.244.1.9"),
        40000,
        InetAddress.ofLiteral(destination),
        port,
        InetAddress.ofLiteral(server),
        serverPort);
  }

  @Test
  void who_is_answered_by_an_endpoint_that_went_is_stale() {
    Flow gone = flow("10.96.0.53", 53, "10.244.1.7", 5353);
    Flow byNodePort = flow("172.30.0.1", 30053, "10.244.1.7", 5353);
    Flow otherPort = flow("10.96.0.53", 53, "10.244.1.2", 53);

    assertThat(StaleFlows.of(PLAN, List.of(gone, byNodePort, otherPort)))
        .containsExactly(gone, byNodePort, otherPort);
  }

  @Test
  void who_came_while_the_service_had_nobody_is_stale() {
    Flow passed = flow("10.96.0.53", 53, "10.96.0.53", 53);

    assertThat(StaleFlows.of(PLAN, List.of(passed))).containsExactly(passed);
  }

  @Test
  void who_is_answered_by_an_endpoint_and_who_meant_no_service_are_left_alone() {
    Flow served = flow("10.96.0.53", 53, "10.244.1.2", 5353);
    Flow elsewhere = flow("10.96.0.54", 53, "10.244.1.7", 5353);
    Flow nodesOwn = flow("172.30.0.1", 53, "172.30.0.1", 53);

    assertThat(StaleFlows.of(PLAN, List.of(served, elsewhere, nodesOwn))).isEmpty();
  }

  @Test
  void what_the_kernel_lists_is_read_with_the_answers_side() {
    Flow flow = flow("10.96.0.53", 53, "10.244.1.7", 5353);
    // A deletion has the tuple that a listing has, too: twice it, the second turned into the
    // answer.
    byte[] asked = ConntrackMessages.delete(flow, 1);
    byte[] reply =
        ConntrackMessages.delete(
            new Flow(flow.server(), 5353, flow.source(), 40000, flow.server(), 5353), 1);
    int tuple = asked.length - 20;
    ByteBuffer listed = ByteBuffer.allocate(20 + 2 * tuple).order(ByteOrder.nativeOrder());
    listed.put(asked).put(reply, 20, tuple);
    listed.putInt(0, listed.capacity());
    listed.putShort(20 + tuple + 2, (short) (0x8000 | 2));

    assertThat(ConntrackMessages.read(listed.array(), listed.capacity()).flows())
        .containsExactly(flow);
  }

  @Test
  void a_datagram_cut_short_or_of_noise_gives_nothing_and_no_error() {
    byte[] whole = ConntrackMessages.delete(flow("10.96.0.53", 53, "10.244.1.7", 5353), 1);
    for (int length = 0; length <= whole.length; length++) {
      assertThat(ConntrackMessages.read(whole, length).flows()).isEmpty();
    }
    byte[] noise = whole.clone();
    for (int i = 16; i < noise.length; i++) {
      noise[i] ^= (byte) 0x5a;
      assertThat(ConntrackMessages.read(noise, noise.length).flows()).isEmpty();
    }
  }
}
