package dev.meshctl.model.source.kinds;

import static dev.meshctl.model.source.kinds.Shared.MAX_PORT;

import dev.meshctl.model.resource.BackendRef;
import dev.meshctl.model.resource.HeaderEdits;
import dev.meshctl.model.resource.Metadata;
import dev.meshctl.model.resource.ObjectRef;
import dev.meshctl.model.resource.ParentRef;
import dev.meshctl.model.source.yaml.YamlObject;
import java.util.List;

/** References of Gateway API objects to others. */
final class RouteReferences {
  private static final String GATEWAY_GROUP = "gateway.networking.k8s.io";
  private static final String SERVICE = "Service";
  private static final int MOST = Integer.MAX_VALUE;

  private RouteReferences() {}

  static List<ParentRef> parents(YamlObject spec, Metadata route) {
    return spec.objects("parentRefs").stream().map(parent -> parent(parent, route)).toList();
  }

  /** Of a route of connections: Services are no parents of those here. */
  static List<ParentRef> gateways(YamlObject spec, Metadata route) {
    return spec.objects("parentRefs").stream()
        .map(written -> {
          ParentRef parent = parent(written, route);
          if (parent.kind() != ParentRef.Kind.SERVICE) {
            return parent;
          }
          written.valueNotApplied("kind", "Service is not applied to connections");
          return new ParentRef(
              ParentRef.Kind.OTHER,
              parent.namespace(),
              parent.name(),
              parent.sectionName(),
              parent.port());
        })
        .toList();
  }

  private static ParentRef parent(YamlObject parent, Metadata route) {
    String kind = parent.text("kind").orElse("Gateway");
    String group =
        parent.text("group").filter(g -> !g.equals("core")).orElse(usualGroup(parent, kind));
    ParentRef.Kind known = ParentRef.Kind.OTHER;
    if (kind.equals("Gateway") && group.equals(GATEWAY_GROUP)) {
      known = ParentRef.Kind.GATEWAY;
    } else if (kind.equals(SERVICE) && group.isEmpty()) {
      known = ParentRef.Kind.SERVICE;
    } else {
      String full = group.isEmpty() ? kind : group + " " + kind;
      parent.valueNotApplied("kind", full + " is not applied (known: Gateway, Service)");
    }
    return new ParentRef(
        known,
        parent.text("namespace").orElse(route.namespace()),
        parent.requiredText("name"),
        parent.text("sectionName").orElse(""),
        parent.number("port", 1, MAX_PORT).orElse(0));
  }

  /** The API's usual group is that of Gateways; a Service is meant without one, too. */
  private static String usualGroup(YamlObject parent, String kind) {
    return parent.has("group") || kind.equals(SERVICE) ? "" : GATEWAY_GROUP;
  }

  static List<BackendRef> backends(YamlObject rule, Metadata route) {
    return rule.objects("backendRefs").stream().map(backend -> backend(backend, route)).toList();
  }

  /** With filters of its own: those that change headers are acted on. */
  static List<BackendRef> filteredBackends(YamlObject rule, Metadata route) {
    return rule.objects("backendRefs").stream()
        .map(backend -> {
          boolean blocked = false;
          HeaderEdits.Edits request = HeaderEdits.Edits.NONE;
          HeaderEdits.Edits response = HeaderEdits.Edits.NONE;
          for (YamlObject filter : backend.objects("filters")) {
            String type = filter.requiredText("type");
            switch (type) {
              case "RequestHeaderModifier" ->
                  request = edits(filter, "requestHeaderModifier", request);
              case "ResponseHeaderModifier" ->
                  response = edits(filter, "responseHeaderModifier", response);
              default -> {
                filter.lenient();
                filter.valueNotApplied(
                    "type",
                    type
                        + " is not applied to a single backend: requests for it are answered with"
                        + " an error");
                blocked = true;
              }
            }
          }
          BackendRef plain = backend(backend, route);
          return new BackendRef(
              plain.target(),
              plain.port(),
              plain.weight(),
              new HeaderEdits(request, response),
              blocked);
        })
        .toList();
  }

  private static HeaderEdits.Edits edits(
      YamlObject filter, String key, HeaderEdits.Edits otherwise) {
    return filter.requiredObject(key).map(Shared::headerModifier).orElse(otherwise);
  }

  /** A Service needs its port. Weight 1 where none is written. */
  static BackendRef backend(YamlObject backend, Metadata route) {
    ObjectRef target = object(backend, SERVICE, route);
    int port =
        target.isCore(SERVICE)
            ? backend.requiredNumber("port", 1, MAX_PORT)
            : backend.number("port", 1, MAX_PORT).orElse(0);
    return new BackendRef(
        target,
        port,
        backend.number("weight", Integer.MIN_VALUE, MOST).orElse(1),
        HeaderEdits.NONE,
        false);
  }

  /** Any object, of the core group and {@code usualKind} where neither is written. */
  static ObjectRef object(YamlObject ref, String usualKind, Metadata referrer) {
    return new ObjectRef(
        ref.text("group").filter(group -> !group.equals("core")).orElse(""),
        ref.text("kind").orElse(usualKind),
        ref.text("namespace").orElse(referrer.namespace()),
        ref.requiredText("name"));
  }
}
