package dev.meshctl.controlplane.query;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.meshctl.bundle.BundleFile;
import dev.meshctl.bundle.BundleStore;
import dev.meshctl.bundle.BundleWriter;
import dev.meshctl.bundle.Manifest;
import dev.meshctl.bundle.SigningKey;
import dev.meshctl.controlplane.patch.BundleShelf;
import dev.meshctl.controlplane.patch.Patches;
import dev.meshctl.controlplane.patch.RuntimeDesk;
import dev.meshctl.identity.CertificateAuthority;
import dev.meshctl.identity.CurrentIdentity;
import dev.meshctl.identity.SpiffeId;
import dev.meshctl.identity.TokenIssuer;
import dev.meshctl.identity.TokenVerifier;
import dev.meshctl.model.patch.Gate;
import dev.meshctl.model.patch.PatchPlan;
import dev.meshctl.model.patch.PatchPlan.Undo;
import dev.meshctl.model.query.MeshClient;
import dev.meshctl.model.query.MeshEndpoint;
import dev.meshctl.model.query.MeshQueryException;
import dev.meshctl.model.query.PatchRequest;
import dev.meshctl.model.query.RuntimeView;
import dev.meshctl.model.xds.RuntimeOrder.Limits;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runtimes over the query API, with the client that the CLI uses. */
class RuntimePathsTest {
  private static final SigningKey KEY = SigningKey.generate();

  @TempDir Path folder = Path.of("");

  /** No mesh. */
  private static final class Nobody implements Patches.World {
    @Override
    public boolean connected(String proxyId) {
      return false;
    }

    @Override
    public List<String> refusing(java.util.Collection<String> among) {
      return List.of();
    }

    @Override
    public Gate.Measured measured(java.util.Collection<String> proxies, Duration window) {
      return new Gate.Measured(0, 0, 0);
    }

    @Override
    public void ordersChanged() {}
  }

  private RuntimeDesk desk() throws Exception {
    InstantSource clock = InstantSource.system();
    Path trust = Files.createDirectories(folder.resolve("trust"));
    Files.writeString(trust.resolve("mesh.pub"), KEY.trusted().pem());
    return new RuntimeDesk(
        Patches.open(folder.resolve("patches.json"), new Nobody(), clock, length -> {}),
        new BundleShelf(
            new BundleStore(folder.resolve("bundles"), clock),
            BundleShelf.Trust.folder(trust),
            clock),
        id -> null,
        clock);
  }

  private byte[] bundle() throws Exception {
    Path contents = Files.createDirectories(folder.resolve("contents/lib"));
    byte[] noise = new byte[2_500_000];
    new java.util.Random(7).nextBytes(noise);
    Files.write(contents.resolve("a.jar"), noise);
    Path file = folder.resolve("a.meshbundle");
    BundleWriter.write(
        folder.resolve("contents"),
        new BundleWriter.Description(
            "1.1", "", new Manifest.Requirements(25, "", "linux", "amd64"), 1, List.of()),
        KEY,
        file,
        path -> {});
    return Files.readAllBytes(file);
  }

  @Test
  void a_bundle_is_pushed_in_pieces_seen_and_asked_for() throws Exception {
    InstantSource clock = InstantSource.system();
    CertificateAuthority authority =
        CertificateAuthority.open(
            new CertificateAuthority.Settings(
                "cluster.local", folder.resolve("state"), Duration.ofHours(1)),
            clock,
            new SecureRandom());
    CurrentIdentity identity = new CurrentIdentity();
    identity.publish(
        authority.serverIdentity(
            new SpiffeId("cluster.local", "istio-system", "istiod"),
            List.of(),
            List.of("127.0.0.1")));
    TokenIssuer issuer = TokenIssuer.create(clock);
    issuer.writePublicKey(folder.resolve("key.jwk"));
    Files.writeString(folder.resolve("roots.pem"), authority.trustBundlePem());
    TokenIssuer.writeToken(folder.resolve("token"), issuer.operatorToken(Duration.ofMinutes(5)));
    byte[] bytes = bundle();
    String digest =
        BundleFile.verify(folder.resolve("a.meshbundle"), List.of(KEY.trusted())).digest();

    try (QueryServer server =
            QueryServer.start(
                new java.net.InetSocketAddress("127.0.0.1", 0),
                identity,
                new TokenVerifier(folder.resolve("key.jwk"), clock),
                new NothingKnown(),
                length -> {},
                Optional.of(desk()));
        MeshClient client =
            MeshClient.of(
                new MeshEndpoint(
                    "https://127.0.0.1:" + server.address().getPort(),
                    folder.resolve("roots.pem").toString(),
                    folder.resolve("token").toString()))) {
      long sent = 0;
      while (sent < bytes.length) {
        int until = (int) Math.min(sent + MeshClient.MOST_BUNDLE_BYTES, bytes.length);
        sent =
            client.sendBundle(
                digest, sent, Arrays.copyOfRange(bytes, (int) sent, until), until == bytes.length);
        assertThat(client.bundleReceived(digest)).isEqualTo(sent);
      }

      assertThat(client.runtimes().bundles())
          .extracting(RuntimeView.Bundle::digest)
          .containsExactly(digest);
      assertThatThrownBy(() -> client.patch(request("1.1")))
          .isInstanceOf(MeshQueryException.Failed.class)
          .hasMessageContaining("no connected proxy that can replace its runtime");
      assertThatThrownBy(() -> client.askPatch("p", "rollback"))
          .hasMessageContaining("there is no patch p");
      assertThatThrownBy(() -> client.bundleReceived("../../token"))
          .hasMessageContaining("expected: 64 hexadecimal digits");
      assertThatThrownBy(() -> client.sendBundle("ab".repeat(32), 0, bytes, true))
          .hasMessageContaining("body: more than");
    }
  }

  private static PatchRequest request(String to) {
    return new PatchRequest(
        to,
        "",
        Map.of(),
        List.of(),
        "100%",
        Gate.DEFAULT,
        Duration.ZERO,
        Limits.DEFAULT,
        Undo.ALL,
        PatchPlan.Pace.PER_NODE,
        false);
  }

  /** A mesh of which nothing is asked here. */
  private static final class NothingKnown implements Answers {
    @Override
    public dev.meshctl.model.query.MeshStatus status() {
      throw new UnsupportedOperationException();
    }

    @Override
    public dev.meshctl.model.query.GraphView graph(
        Duration window, List<dev.meshctl.model.telemetry.EdgeSample> others) {
      throw new UnsupportedOperationException();
    }

    @Override
    public List<dev.meshctl.model.telemetry.EdgeSample> edges(Duration window) {
      throw new UnsupportedOperationException();
    }

    @Override
    public dev.meshctl.model.query.CertificatesView certificates() {
      throw new UnsupportedOperationException();
    }

    @Override
    public List<dev.meshctl.model.query.ProxyView> proxies() {
      return List.of();
    }

    @Override
    public Optional<List<dev.meshctl.model.query.ResourceStatus>> resources(String proxyId) {
      return Optional.empty();
    }

    @Override
    public Optional<String> proxyConfig(String proxyId, dev.meshctl.model.xds.ResourceType type) {
      return Optional.empty();
    }
  }
}
