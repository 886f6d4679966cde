package dev.meshctl.integration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.meshctl.model.testkit.TestIdentity;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A Secret beside the YAML of a mesh: from the folder over SDS to the gateway's handshake. */
class EdgeTlsIT {
  private static final Duration SOON = Duration.ofSeconds(60);

  @TempDir Path scratch;

  @Test
  void a_certificate_is_served_renewed_under_requests_and_its_key_lies_nowhere() throws Exception {
    TestIdentity first = identity("first");
    TestIdentity second = identity("second");
    SSLContext trusting = SecureShop.trusting(first, second);
    try (BookshopMesh mesh = BookshopMesh.up(scratch)) {
      String address = URI.create(mesh.gateway()).getHost();
      SecureShop.write(mesh, first);
      SecureShop.open(mesh);
      await()
          .atMost(SOON)
          .ignoreExceptions()
          .until(() -> SecureShop.get(trusting, address).equals(SecureShop.certificate(first)));

      SecureShop.write(mesh, second);
      // Not ignoring exceptions: no handshake and no request may fail meanwhile.
      await()
          .atMost(SOON)
          .until(() -> SecureShop.get(trusting, address).equals(SecureShop.certificate(second)));

      assertThat(mesh.status().path("gatewayUrls").toString())
          .contains("https://" + address + ":" + SecureShop.PORT);
      assertThat(keysIn(mesh.cli().state(), first, second)).isEmpty();
    }
  }

  private TestIdentity identity(String name) throws Exception {
    return TestIdentity.create(Files.createDirectory(scratch.resolve(name)));
  }

  /** Files of the mesh's own (not the folder of its user) that tell a key. */
  private static List<Path> keysIn(Path state, TestIdentity... identities) throws IOException {
    List<Path> telling = new ArrayList<>();
    try (Stream<Path> files = Files.walk(state)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        String text = Files.readString(file, StandardCharsets.ISO_8859_1);
        for (TestIdentity identity : identities) {
          if (text.contains(identity.keyPem().lines().skip(1).findFirst().orElseThrow())) {
            telling.add(file);
          }
        }
      }
    }
    return telling;
  }
}
