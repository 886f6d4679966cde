package dev.meshctl.model.xds.translation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshctl.model.source.FolderSource;
import dev.meshctl.model.testkit.TestIdentity;
import dev.meshctl.model.testkit.TranslationScenario;
import dev.meshctl.model.validation.Diagnostic;
import dev.meshctl.model.validation.MeshValidator;
import dev.meshctl.model.validation.ValidatedMesh;
import dev.meshctl.model.xds.MeshInventory;
import dev.meshctl.model.xds.ProxyNode;
import dev.meshctl.model.xds.ResourceType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who is told which private key, and where its text shows. */
class EdgeSecretsTest {
  private static final String SHOP = "kubernetes://istio-system/shop";

  @TempDir Path folder;
  private String keyPem = "";

  private ValidatedMesh mesh() throws Exception {
    TestIdentity identity = TestIdentity.create(folder);
    keyPem = identity.keyPem();
    Path config = Files.createDirectory(folder.resolve("config"));
    Files.writeString(
        config.resolve("mesh.yaml"),
        """
        apiVersion: v1
        kind: Secret
        metadata:
          name: shop
          namespace: istio-system
          annotations:
            kubectl.kubernetes.io/last-applied-configuration: |
        %2$s
        stringData:
          tls.crt: |
        %1$s
          tls.key: |
        %3$s
        ---
        apiVersion: v1
        kind: Secret
        metadata: {name: nobody-names-it, namespace: istio-system}
        stringData:
          tls.crt: |
        %1$s
          tls.key: |
        %3$s
        ---
        apiVersion: networking.istio.io/v1
        kind: Gateway
        metadata: {name: shop, namespace: shop}
        spec:
          selector: {istio: edge}
          servers:
          - port: {number: 443, name: https, protocol: HTTPS}
            hosts: [localhost]
            tls: {mode: SIMPLE, credentialName: shop}
        ---
        apiVersion: v1
        kind: ServiceAccount
        metadata: {name: cart, namespace: istio-system}
        ---
        apiVersion: v1
        kind: ServiceAccount
        metadata: {name: batch, namespace: istio-system}
        ---
        apiVersion: v1
        kind: Pod
        metadata: {name: batch, namespace: istio-system, labels: {app: batch}}
        spec: {serviceAccountName: batch, containers: [{name: batch, image: batch}]}
        ---
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: cart, namespace: istio-system}
        spec:
          selector: {matchLabels: {app: cart}}
          template:
            metadata: {labels: {app: cart}}
            spec: {serviceAccountName: cart, containers: [{name: cart, image: cart}]}
        """
            .formatted(
                identity.certificatePem().indent(4),
                identity.keyPem().indent(6),
                identity.keyPem().indent(4)));
    return TranslationScenario.mesh(config);
  }

  private static Set<String> told(
      ValidatedMesh mesh, String namespace, String account, Map<String, String> labels) {
    ProxyNode node =
        new ProxyNode(
            "router~edge-0",
            ProxyNode.Role.GATEWAY,
            namespace,
            "edge",
            "edge-0",
            account,
            labels,
            new ProxyNode.Capture.Edge("127.64.0.10"));
    return MeshTranslation.of(mesh, MeshInventory.EMPTY)
        .snapshotFor(node)
        .of(ResourceType.SECRET)
        .keySet();
  }

  @Test
  void a_gateway_is_told_what_its_servers_name_and_nobody_else_is() throws Exception {
    ValidatedMesh mesh = mesh();
    Map<String, String> edge = Map.of("istio", "edge");

    assertThat(told(mesh, "istio-system", "edge", edge)).containsExactly(SHOP);
    assertThat(told(mesh, "istio-system", "edge", Map.of("istio", "another"))).isEmpty();
    assertThat(told(mesh, "shop", "edge", edge)).isEmpty();
  }

  @Test
  void a_workload_that_says_it_is_a_gateway_is_told_no_key() throws Exception {
    ValidatedMesh mesh = mesh();
    Map<String, String> edge = Map.of("istio", "edge");

    assertThat(told(mesh, "istio-system", "cart", edge)).isEmpty();
    assertThat(told(mesh, "istio-system", "batch", edge)).isEmpty();
  }

  @Test
  void no_text_of_a_mesh_tells_a_key() throws Exception {
    ValidatedMesh mesh = mesh();
    String key = keyPem.lines().skip(1).findFirst().orElseThrow();

    assertThat(mesh.toString()).contains("[private key]").doesNotContain(key);
    assertThat(
            MeshTranslation.of(mesh, MeshInventory.EMPTY)
                .snapshotFor(
                    new ProxyNode(
                        "router~edge-0",
                        ProxyNode.Role.GATEWAY,
                        "istio-system",
                        "edge",
                        "edge-0",
                        "edge",
                        Map.of("istio", "edge"),
                        new ProxyNode.Capture.Edge("127.64.0.10")))
                .toString())
        .contains(SHOP)
        .doesNotContain(key);
  }

  @Test
  void findings_about_a_secret_do_not_quote_it() throws Exception {
    Path file = folder.resolve("broken.yaml");
    Files.writeString(
        file,
        """
        apiVersion: v1
        kind: Secret
        metadata: {name: shop, namespace: shop}
        stringData: {tls.key: 8675309, tls.crt: [8675309]}
        data: {ca.crt: "8675309!!"}
        """);
    var documents = FolderSource.read(file).documents();
    List<Diagnostic> found =
        MeshValidator.validate(
                "cluster.local", "istio-system", documents.resources(), documents.diagnostics())
            .diagnostics();

    assertThat(found).hasSizeGreaterThanOrEqualTo(2);
    assertThat(found).noneMatch(finding -> finding.toString().contains("8675309"));
  }
}
