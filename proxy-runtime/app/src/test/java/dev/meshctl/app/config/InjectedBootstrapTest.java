package dev.meshctl.app.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshctl.injector.mutation.Injection;
import dev.meshctl.injector.mutation.InjectionSettings;
import dev.meshctl.injector.mutation.Injector;
import dev.meshctl.injector.mutation.NamespaceLabels;
import dev.meshctl.model.xds.ProxyNode;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** What the injector writes is what a proxy reads. */
class InjectedBootstrapTest {
  private static final String POD =
      """
      {"apiVersion": "v1", "kind": "Pod",
       "metadata": {"name": "web-0", "labels": {"app": "web"},
        "ownerReferences": [{"kind": "StatefulSet", "name": "web", "controller": true}]},
       "spec": {"containers": [{"name": "web", "image": "web",
        "readinessProbe": {"httpGet": {"port": 8080, "path": "/ready",
         "httpHeaders": [{"name": "Host", "value": "web.example"}]}}}]}}
      """;

  @Test
  void a_pods_proxy_knows_its_pod_and_its_probes() throws Exception {
    InjectionSettings settings = InjectionSettings.of("image", "control-plane:15012");
    Injection injection =
        Injector.inject(
            (ObjectNode) new JsonMapper().readTree(POD),
            NamespaceLabels.asking("shop", settings),
            settings);
    assertThat(injection).isInstanceOf(Injection.Injected.class);
    JsonNode proxy =
        ((Injection.Injected) injection).object().path("spec").path("initContainers").path(1);
    JsonNode variable = proxy.path("env").path(proxy.path("env").size() - 1);
    assertThat(proxy.path("args").path(2).stringValue())
        .isEqualTo("env:" + variable.path("name").stringValue());
    String json = variable.path("value").stringValue();
    for (Map.Entry<String, String> known :
        Map.of(
                "POD_NAME", "web-0",
                "POD_NAMESPACE", "shop",
                "POD_IP", "fd00::7",
                "POD_IPS", "fd00::7,10.0.0.7",
                "SERVICE_ACCOUNT", "web")
            .entrySet()) {
      json = json.replace("$(" + known.getKey() + ")", known.getValue());
    }

    ProxyBootstrap bootstrap = BootstrapReader.read("env", json);

    assertThat(bootstrap.node().id())
        .isEqualTo("sidecar~fd00::7~web-0.shop~shop.svc.cluster.local");
    assertThat(bootstrap.node().workload()).isEqualTo("web");
    assertThat(bootstrap.node().capture())
        .isEqualTo(new ProxyNode.Capture.Transparent("fd00::7", "10.0.0.7"));
    assertThat(bootstrap.healthAddress()).isEqualTo("fd00::7:15021");
    assertThat(bootstrap.drainSeconds()).isEqualTo(5);
    assertThat(bootstrap.probes())
        .containsExactly(
            new ProxyBootstrap.Probe(
                "/app-health/web/readyz",
                "http",
                8080,
                "/ready",
                List.of(new ProxyBootstrap.Header("Host", "web.example")),
                "",
                1));
  }
}
