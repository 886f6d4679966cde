package dev.meshctl.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshctl.cli.CommandLineFixture.Said;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GatewayStatusTest {
  private static final String MESH =
      """
      apiVersion: gateway.networking.k8s.io/v1
      kind: GatewayClass
      metadata: {name: meshctl}
      spec: {controllerName: meshctl.dev/gateway-controller}
      ---
      apiVersion: v1
      kind: Service
      metadata: {name: cart, namespace: shop}
      spec: {selector: {app: cart}, ports: [{name: http, port: 80}]}
      ---
      apiVersion: gateway.networking.k8s.io/v1
      kind: Gateway
      metadata: {name: edge, namespace: shop}
      spec:
        gatewayClassName: meshctl
        listeners:
        - {name: http, port: 80, protocol: HTTP}
      %s
      ---
      apiVersion: gateway.networking.k8s.io/v1
      kind: HTTPRoute
      metadata: {name: cart, namespace: shop}
      spec:
        parentRefs: [{name: edge}]
        rules: [{backendRefs: [{name: %s, port: 80}]}]
      """;

  @TempDir private Path state;
  @TempDir private Path folder;
  private CommandLineFixture cli;

  @BeforeEach
  void open() {
    cli = CommandLineFixture.in(state);
  }

  private Said run(String listener, String backend, String... more) throws Exception {
    Files.writeString(folder.resolve("mesh.yaml"), MESH.formatted(listener, backend));
    String[] words = new String[4 + more.length];
    words[0] = "gateway";
    words[1] = "status";
    words[2] = "-f";
    words[3] = folder.toString();
    System.arraycopy(more, 0, words, 4, more.length);
    return cli.run(words);
  }

  @Test
  void what_is_not_in_force_is_told_with_its_reason_and_fails() throws Exception {
    Said said =
        run(
            "  - {name: https, port: 443, protocol: HTTPS, tls: {certificateRefs: [{name: shop}]}}",
            "carts");

    assertThat(said.golden()).isEqualTo(CommandLineFixture.golden("gateway-status"));
  }

  @Test
  void where_all_is_in_force_the_exit_code_says_so() throws Exception {
    assertThat(run("", "cart").exitCode()).isZero();
  }

  @Test
  void in_yaml_the_objects_have_their_status_as_the_api_writes_it() throws Exception {
    Said said = run("", "cart", "-o", "yaml");

    assertThat(said.out())
        .contains("kind: HTTPRoute")
        .contains("controllerName: meshctl.dev/gateway-controller")
        .contains("status: \"True\"")
        .contains("attachedRoutes: 1");
  }
}
