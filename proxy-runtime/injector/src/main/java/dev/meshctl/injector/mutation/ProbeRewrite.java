package dev.meshctl.injector.mutation;

import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Probes and hooks of a pod's containers turned to the sidecar, which asks in the kubelet's place:
 * a kubelet has no certificate of the mesh. What runs a program in the container stays as it is,
 * and so does what asks another host.
 *
 * <p>The sidecar is told {@code {path, port, type: http|https|tcp|grpc, target, headers, service,
 * timeoutSeconds}}.
 */
final class ProbeRewrite {
  private static final String HEALTH = "/app-health/";
  private static final String LIFECYCLE = "/app-lifecycle/";

  private final int port;
  private final ArrayNode probes = Trees.list();

  ProbeRewrite(int port) {
    this.port = port;
  }

  /** What the sidecar is to be told. */
  ArrayNode probes() {
    return probes;
  }

  void container(ObjectNode container) {
    String name = Trees.text(container, "name");
    probe(container, "startupProbe", HEALTH + name + "/startupz");
    probe(container, "livenessProbe", HEALTH + name + "/livez");
    probe(container, "readinessProbe", HEALTH + name + "/readyz");
    if (container.get("lifecycle") instanceof ObjectNode lifecycle) {
      handler(lifecycle, "postStart", container, LIFECYCLE + name + "/poststartz");
      handler(lifecycle, "preStop", container, LIFECYCLE + name + "/prestopz");
    }
  }

  private void probe(ObjectNode container, String field, String path) {
    if (container.get(field) instanceof ObjectNode probe
        && rewritten(probe, container, path) instanceof ObjectNode told) {
      told.put("timeoutSeconds", probe.path("timeoutSeconds").asInt(1));
      probes.add(told);
    }
  }

  private void handler(ObjectNode lifecycle, String field, ObjectNode container, String path) {
    if (lifecycle.get(field) instanceof ObjectNode handler
        && rewritten(handler, container, path) instanceof ObjectNode told) {
      told.put("timeoutSeconds", 30);
      probes.add(told);
    }
  }

  /** What the sidecar is to do instead; a missing node where it cannot. */
  private JsonNode rewritten(ObjectNode probe, ObjectNode container, String path) {
    for (String kind : List.of("httpGet", "tcpSocket", "grpc")) {
      if (probe.get(kind) instanceof ObjectNode action) {
        int asked = port(action.path("port"), container);
        boolean elsewhere = !Trees.text(action, "host").isEmpty();
        if (asked == 0 || asked == port || elsewhere) {
          return Trees.object().missingNode();
        }
        ObjectNode told = told(kind, action, path, asked);
        // An httpGet's own fields stay where they are.
        ObjectNode get = kind.equals("httpGet") ? action.deepCopy() : Trees.object();
        get.retain("path", "port").put("path", path).put("port", port);
        replace(probe, kind, get);
        return told;
      }
    }
    return Trees.object().missingNode();
  }

  private static ObjectNode told(String kind, ObjectNode action, String path, int asked) {
    ObjectNode told = Trees.object("path", path, "port", asked);
    switch (kind) {
      case "httpGet" -> {
        boolean tls = Trees.text(action, "scheme").equalsIgnoreCase("HTTPS");
        String target = Trees.text(action, "path");
        told.put("type", tls ? "https" : "http").put("target", target.isEmpty() ? "/" : target);
        if (action.path("httpHeaders").isArray()) {
          told.set("headers", action.get("httpHeaders").deepCopy());
        }
      }
      case "tcpSocket" -> told.put("type", "tcp");
      default -> told.put("type", "grpc").put("service", Trees.text(action, "service"));
    }
    return told;
  }

  /** In the place of the action before, so that a reader finds it there. */
  private static void replace(ObjectNode probe, String kind, ObjectNode httpGet) {
    ObjectNode before = probe.deepCopy();
    probe.removeAll();
    before
        .properties()
        .forEach(field -> {
          boolean action = field.getKey().equals(kind);
          probe.set(action ? "httpGet" : field.getKey(), action ? httpGet : field.getValue());
        });
  }

  /** By number, or by the name of one of the container's ports; 0 where there is none. */
  private static int port(JsonNode written, ObjectNode container) {
    if (written.isInt()) {
      return written.intValue();
    }
    for (JsonNode declared : container.path("ports")) {
      if (declared.path("name").equals(written)) {
        return declared.path("containerPort").asInt(0);
      }
    }
    return 0;
  }
}
