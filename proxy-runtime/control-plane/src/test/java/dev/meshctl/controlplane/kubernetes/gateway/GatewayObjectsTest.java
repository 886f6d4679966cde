package dev.meshctl.controlplane.kubernetes.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshctl.cluster.ClusterObject;
import dev.meshctl.model.resource.KubernetesGateway;
import dev.meshctl.model.source.ParsedDocuments;
import dev.meshctl.model.source.YamlReader;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.dataformat.yaml.YAMLMapper;

class GatewayObjectsTest {
  private static final YAMLMapper YAML = new YAMLMapper();

  @Test
  void what_serves_a_gateway_listens_where_it_does_and_belongs_to_it() {
    List<ClusterObject> objects =
        of(
            """
            apiVersion: gateway.networking.k8s.io/v1
            kind: Gateway
            metadata: {name: edge, namespace: shop}
            spec:
              gatewayClassName: meshctl
              infrastructure:
                labels: {team: web, gateway.networking.k8s.io/gateway-name: another}
                annotations: {example.com/cost: "7"}
              listeners:
              - {name: plain, port: 80, protocol: HTTP}
              - {name: one, port: 443, protocol: HTTPS, hostname: a.example.com}
              - {name: two, port: 443, protocol: HTTPS, hostname: b.example.com}
              - {name: dns, port: 53, protocol: UDP}
            """);

    String metadata =
        """
        metadata:
          name: edge-meshctl
          namespace: shop
          labels:
            app.kubernetes.io/part-of: meshctl
            gateway.networking.k8s.io/gateway-name: edge
            install.meshctl.dev/shared: "true"
            team: web
          annotations: {example.com/cost: "7"}
          ownerReferences:
          - apiVersion: gateway.networking.k8s.io/v1
            kind: Gateway
            name: edge
            uid: u-1
            controller: true
        """;
    assertThat(objects).hasSize(3);
    is(objects.get(0), "apiVersion: v1\nkind: ServiceAccount\n" + metadata);
    is(
        objects.get(1),
        "apiVersion: v1\nkind: Service\n"
            + metadata
            + """
            spec:
              type: LoadBalancer
              selector: {gateway.networking.k8s.io/gateway-name: edge}
              ports:
              - {name: http-80, port: 80, targetPort: 80, protocol: TCP, appProtocol: http}
              - {name: https-443, port: 443, targetPort: 443, protocol: TCP, appProtocol: https}
            """);
    is(
        objects.get(2),
        "apiVersion: apps/v1\nkind: Deployment\n"
            + metadata
            + """
            spec:
              selector:
                matchLabels: {gateway.networking.k8s.io/gateway-name: edge}
              strategy:
                type: RollingUpdate
                rollingUpdate: {maxSurge: 1, maxUnavailable: 0}
              template:
                metadata:
                  labels:
                    gateway.networking.k8s.io/gateway-name: edge
                    team: web
                    sidecar.istio.io/inject: "true"
                    istio.io/rev: default
                  annotations:
                    example.com/cost: "7"
                    inject.istio.io/templates: gateway
                spec:
                  serviceAccountName: edge-meshctl
                  terminationGracePeriodSeconds: 30
                  securityContext:
                    sysctls:
                    - {name: net.ipv4.ip_unprivileged_port_start, value: "0"}
                  containers:
                  - name: istio-proxy
                    image: auto
                    ports:
                    - {containerPort: 80, protocol: TCP}
                    - {containerPort: 443, protocol: TCP}
            """);
  }

  @Test
  void the_service_is_of_the_type_that_the_gateway_asks_for() {
    assertThat(type("ClusterIP")).isEqualTo("ClusterIP");
    assertThat(type("NodePort")).isEqualTo("NodePort");
    assertThat(type("ExternalName")).as("no type that could serve").isEqualTo("LoadBalancer");
  }

  private static String type(String said) {
    return of(gateway("edge", "annotations: {networking.istio.io/service-type: " + said + "}"))
        .get(1)
        .tree()
        .at("/spec/type")
        .asString();
  }

  @Test
  void names_are_those_that_a_service_may_have_and_differ_where_the_gateways_do() {
    assertThat(name("shop.example")).isEqualTo("shop-example-meshctl");
    assertThat(name("7eleven")).isEqualTo("gateway-7eleven-meshctl");
    String one = "a".repeat(70);
    assertThat(name(one)).hasSize(63).startsWith("aaaa").isNotEqualTo(name(one + "a"));
    assertThat(
            of(gateway(one, ""))
                .get(2)
                .tree()
                .at("/spec/selector/matchLabels")
                .path(KubernetesGateway.NAME_LABEL)
                .asString())
        .as("a label's value is as short")
        .hasSize(63)
        .isEqualTo(read(gateway(one, "")).nameLabel());
  }

  private static String name(String gateway) {
    return of(gateway(gateway, "")).get(1).name();
  }

  private static String gateway(String name, String metadata) {
    return """
    apiVersion: gateway.networking.k8s.io/v1
    kind: Gateway
    metadata:
      name: %s
      namespace: shop
      %s
    spec:
      gatewayClassName: meshctl
      listeners: [{name: http, port: 80, protocol: HTTP}]
    """
        .formatted(name, metadata);
  }

  private static List<ClusterObject> of(String gateway) {
    return new GatewayObjects(read(gateway), "u-1", "default").all();
  }

  private static KubernetesGateway read(String gateway) {
    ParsedDocuments read = YamlReader.read("g", gateway);
    assertThat(read.diagnostics()).isEmpty();
    return (KubernetesGateway) read.resources().getFirst().resource();
  }

  private static void is(ClusterObject object, String yaml) {
    assertThat(object.tree()).isEqualTo(YAML.readTree(yaml));
  }
}
