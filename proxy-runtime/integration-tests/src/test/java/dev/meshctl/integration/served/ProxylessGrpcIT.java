package dev.meshctl.integration.served;

import static dev.meshctl.integration.served.ProxylessMesh.assertShareOfFirst;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.meshctl.model.query.ProxyView;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * gRPC's own xDS client in Java resolves {@code xds:///} names against our control plane, without a
 * proxy, and balances as the mesh says.
 */
class ProxylessGrpcIT {
  private static final Duration SOON = Duration.ofSeconds(30);
  private static final String NAME = "client";
  private static final int CALLS = 400;

  @TempDir static Path folder;

  @Test
  void it_follows_a_split_its_change_and_an_endpoint_that_goes() throws Exception {
    try (ProxylessMesh mesh = new ProxylessMesh();
        GrpcXdsProcess client =
            new GrpcXdsProcess(
                mesh.bootstrap(folder, NAME), folder.resolve("client.log"), ProxylessMesh.TARGET)) {
      mesh.publish(80, 3);
      Map<String, Integer> first = client.seen(CALLS);
      assertShareOfFirst(0.8, first);
      assertThat(first.keySet()).contains("v1-a", "v1-b");
      assertThat(mesh.view(NAME).types()).allSatisfy(type -> assertThat(type.error()).isEmpty());

      mesh.publish(30, 3);
      await().atMost(SOON).untilAsserted(() -> assertShareOfFirst(0.3, client.seen(CALLS)));

      mesh.publish(30, 2);
      await()
          .atMost(SOON)
          .untilAsserted(
              () -> assertThat(client.seen(CALLS).keySet()).containsExactly("v1-a", "v2-a"));
      assertThat(mesh.view(NAME).state()).isNotEqualTo(ProxyView.State.REJECTED);
    }
  }
}
