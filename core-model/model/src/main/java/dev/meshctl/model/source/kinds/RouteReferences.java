package dev.meshctl.model.source.kinds;

import static dev.meshctl.model.source.kinds.Shared.MAX_PORT;

import dev.meshctl.model.resource.BackendRef;
import dev.meshctl.model.resource.Metadata;
import dev.meshctl.model.resource.ObjectRef;
import dev.meshctl.model.resource.ParentRef;
import dev.meshctl.model.source.yaml.YamlObject;
import java.util.List;
import java.util.Map;

/** References of Gateway API routes to their parents and backends. */
final class RouteReferences {
  private static final String GATEWAY_GROUP = "gateway.networking.k8s.io";
  private static final int MOST = Integer.MAX_VALUE;

  private RouteReferences() {}

  static List<ParentRef> parents(YamlObject spec, Metadata route) {
    return spec.objects("parentRefs").stream().map(parent -> parent(parent, route)).toList();
  }

  private static ParentRef parent(YamlObject parent, Metadata route) {
    ParentRef.Kind kind =
        parent
            .word(
                "kind",
                Map.of("Gateway", ParentRef.Kind.GATEWAY, "Service", ParentRef.Kind.SERVICE))
            .orElse(ParentRef.Kind.GATEWAY);
    String group = kind == ParentRef.Kind.GATEWAY ? GATEWAY_GROUP : "";
    parent.word("group", groups(group));
    return new ParentRef(
        kind,
        parent.text("namespace").orElse(route.namespace()),
        parent.requiredText("name"),
        parent.text("sectionName").orElse(""),
        parent.number("port", 1, MAX_PORT).orElse(0));
  }

  static List<BackendRef> backends(YamlObject rule, Metadata route) {
    return rule.objects("backendRefs").stream()
        .map(backend -> backend(backend.notApplied("filters"), route))
        .toList();
  }

  /** A Service; its port is required. Weight 1 where none is written. */
  static BackendRef backend(YamlObject backend, Metadata route) {
    backend.word("kind", Map.of("Service", "Service"));
    backend.word("group", groups(""));
    return new BackendRef(
        backend.text("namespace").orElse(route.namespace()),
        backend.requiredText("name"),
        backend.requiredNumber("port", 1, MAX_PORT),
        backend.number("weight", Integer.MIN_VALUE, MOST).orElse(1));
  }

  /** Any object, of {@code usualKind} where no kind is written. */
  static ObjectRef object(YamlObject ref, String usualKind, Metadata referrer) {
    return new ObjectRef(
        ref.text("group").filter(group -> !group.equals("core")).orElse(""),
        ref.text("kind").orElse(usualKind),
        ref.text("namespace").orElse(referrer.namespace()),
        ref.requiredText("name"));
  }

  private static Map<String, String> groups(String allowed) {
    return allowed.isEmpty() ? Map.of("", "", "core", "") : Map.of(allowed, allowed);
  }
}
