package dev.meshctl.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.meshctl.app.config.ProxyBootstrap;
import dev.meshctl.model.xds.ProxyNode;
import dev.meshctl.model.xds.ProxyNode.Capture;
import dev.meshctl.model.xds.ProxyNode.Role;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Where nothing is captured; {@code NodeAgentIT} has a pod that is. */
class CaptureProofTest {
  private static final Map<String, String> BY_NODE = Map.of("MESHCTL_CAPTURED_BY", "NODE_AGENT");

  @Test
  void a_connection_to_a_port_where_nobody_listens_is_refused_unless_it_is_led_elsewhere()
      throws IOException {
    assertThat(CaptureProof.isCaptured(InetAddress.getLoopbackAddress(), freePort())).isFalse();
  }

  @Test
  void a_pod_that_was_to_be_captured_by_its_node_and_is_not_does_not_serve() throws IOException {
    ProxyBootstrap sidecar = bootstrap(new Capture.Transparent("127.0.0.1", ""));

    assertThatThrownBy(() -> CaptureProof.demand(sidecar, Optional.empty(), BY_NODE))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("this pod is not captured")
        .hasMessageContaining("DaemonSet meshctl-node-agent");
    CaptureProof.demand(sidecar, Optional.empty(), Map.of());
    CaptureProof.demand(bootstrap(new Capture.Edge("127.0.0.1")), Optional.empty(), BY_NODE);
  }

  private static int freePort() throws IOException {
    try (ServerSocket free = new ServerSocket(0)) {
      return free.getLocalPort();
    }
  }

  private static ProxyBootstrap bootstrap(Capture capture) {
    return new ProxyBootstrap(
        new ProxyNode(
            "sidecar~127.0.0.1~web.shop~shop.svc.cluster.local",
            Role.SIDECAR,
            "shop",
            "web",
            "web",
            "web",
            Map.of(),
            capture),
        "cluster.local",
        "127.0.0.1:1",
        "",
        "",
        "",
        "",
        "",
        "",
        1);
  }
}
