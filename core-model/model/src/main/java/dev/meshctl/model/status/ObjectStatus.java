package dev.meshctl.model.status;

import dev.meshctl.model.resource.KubernetesGateway.RouteKind;
import dev.meshctl.model.resource.Metadata;
import dev.meshctl.model.resource.ParentRef;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** The {@code status} of one object. */
public sealed interface ObjectStatus {
  /** Who says so. */
  String CONTROLLER = dev.meshctl.model.resource.GatewayClass.OUR_CONTROLLER;

  Metadata metadata();

  /** {@code HTTPRoute}. */
  String kind();

  /** All that is said of it, whoever of its parts it is said of. */
  List<Said> said();

  /** The mapping {@code status} as the API has it. */
  Map<String, Object> document();

  /**
   * A condition of a part of the object.
   *
   * @param part listener, parent or ancestor; empty for the object itself
   */
  record Said(String part, Condition condition) {
    /** As one would have it: accepted, resolved, programmed, without conflict. */
    public boolean isWell() {
      boolean accepted = !condition.reason().equals("ListenersNotValid");
      return accepted && condition.holds() != condition.type().equals(Condition.CONFLICTED);
    }
  }

  /** The whole object, as it is sent to an API server. */
  default Map<String, Object> object() {
    Map<String, Object> object = new LinkedHashMap<>();
    object.put(
        "apiVersion", RouteKind.GATEWAY_API + (kind().equals("TCPRoute") ? "/v1alpha2" : "/v1"));
    object.put("kind", kind());
    object.put(
        "metadata", Documents.of("namespace", metadata().namespace(), "name", metadata().name()));
    object.put("status", document());
    return object;
  }

  /** Of a GatewayClass that is ours. */
  record OfClass(Metadata metadata, List<Condition> conditions) implements ObjectStatus {
    public OfClass {
      conditions = List.copyOf(conditions);
    }

    @Override
    public String kind() {
      return "GatewayClass";
    }

    @Override
    public List<Said> said() {
      return conditions.stream().map(condition -> new Said("", condition)).toList();
    }

    @Override
    public Map<String, Object> document() {
      return Documents.of("conditions", documents(conditions));
    }
  }

  /** {@code status.addresses[]}: {@code IPAddress} or {@code Hostname}. */
  record Address(String type, String value) {}

  /**
   * Of a Gateway of our class.
   *
   * @param addresses where it is served; empty where that is not ours to say
   */
  record OfGateway(
      Metadata metadata,
      List<Condition> conditions,
      List<OfListener> listeners,
      Optional<List<Address>> addresses)
      implements ObjectStatus {
    public OfGateway {
      conditions = List.copyOf(conditions);
      listeners = List.copyOf(listeners);
      addresses = addresses.map(List::copyOf);
    }

    /** It is served there, if anything of it can be. */
    public OfGateway at(List<Address> found) {
      return new OfGateway(metadata, conditions, listeners, Optional.of(found));
    }

    /**
     * It could be served, and is not yet.
     *
     * @param reason one of the API's for {@code Programmed}
     */
    public OfGateway notYet(String reason, String message, List<Address> found) {
      return new OfGateway(
          metadata,
          conditions.stream()
              .map(condition ->
                  condition.type().equals(Condition.PROGRAMMED) && condition.holds()
                      ? Condition.no(Condition.PROGRAMMED, reason, message)
                      : condition)
              .toList(),
          listeners,
          Optional.of(found));
    }

    @Override
    public String kind() {
      return "Gateway";
    }

    @Override
    public List<Said> said() {
      return Stream.concat(
              conditions.stream().map(condition -> new Said("", condition)),
              listeners.stream()
                  .flatMap(listener ->
                      listener.conditions().stream()
                          .map(condition -> new Said(listener.name(), condition))))
          .toList();
    }

    @Override
    public Map<String, Object> document() {
      List<Map<String, Object>> parts = new ArrayList<>();
      for (OfListener listener : listeners) {
        Map<String, Object> part = new LinkedHashMap<>();
        part.put("name", listener.name());
        part.put(
            "supportedKinds",
            listener.supportedKinds().stream()
                .map(kind -> Documents.of("group", kind.group(), "kind", kind.kind()))
                .toList());
        part.put("attachedRoutes", listener.attachedRoutes());
        part.put("conditions", documents(listener.conditions()));
        parts.add(part);
      }
      Map<String, Object> document =
          new LinkedHashMap<>(
              Documents.of("conditions", documents(conditions), "listeners", parts));
      addresses.ifPresent(found ->
          document.put(
              "addresses",
              found.stream()
                  .map(each -> Documents.of("type", each.type(), "value", each.value()))
                  .toList()));
      return document;
    }
  }

  /**
   * {@code status.listeners[]}.
   *
   * @param attachedRoutes that it took, whether their backends are there or not
   */
  record OfListener(
      String name, List<RouteKind> supportedKinds, int attachedRoutes, List<Condition> conditions) {
    public OfListener {
      supportedKinds = List.copyOf(supportedKinds);
      conditions = List.copyOf(conditions);
    }

    boolean holds(String type) {
      return conditions.stream().anyMatch(c -> c.type().equals(type) && c.holds());
    }
  }

  /** Of a route; parents that are not ours are left to whoever's they are. */
  record OfRoute(String kind, Metadata metadata, List<OfParent> parents) implements ObjectStatus {
    public OfRoute {
      parents = List.copyOf(parents);
    }

    @Override
    public List<Said> said() {
      return parents.stream()
          .flatMap(parent ->
              parent.conditions().stream()
                  .map(condition -> new Said(parent.shortName(), condition)))
          .toList();
    }

    @Override
    public Map<String, Object> document() {
      Map<String, Object> document = new LinkedHashMap<>();
      document.put("parents", parents.stream().map(OfParent::document).toList());
      return document;
    }
  }

  /** {@code status.parents[]}, and {@code status.ancestors[]} of a policy. */
  record OfParent(ParentRef ref, List<Condition> conditions) {
    public OfParent {
      conditions = List.copyOf(conditions);
    }

    String shortName() {
      String name = ref.namespace() + "/" + ref.name();
      if (ref.kind() == ParentRef.Kind.SERVICE) {
        name = "Service " + name;
      }
      if (!ref.sectionName().isEmpty()) {
        name += ":" + ref.sectionName();
      }
      return ref.port() == 0 ? name : name + ":" + ref.port();
    }

    Map<String, Object> reference() {
      Map<String, Object> reference = new LinkedHashMap<>();
      reference.put("group", ref.kind() == ParentRef.Kind.GATEWAY ? RouteKind.GATEWAY_API : "");
      reference.put("kind", ref.kind() == ParentRef.Kind.GATEWAY ? "Gateway" : "Service");
      reference.putAll(
          Documents.of(
              "namespace",
              ref.namespace(),
              "name",
              ref.name(),
              "sectionName",
              ref.sectionName(),
              "port",
              ref.port()));
      return reference;
    }

    Map<String, Object> document() {
      return Documents.of(
          "parentRef",
          reference(),
          "controllerName",
          CONTROLLER,
          "conditions",
          documents(conditions));
    }
  }

  /** Of a BackendTLSPolicy: for each Gateway whose routes lead to its targets. */
  record OfPolicy(Metadata metadata, List<OfParent> ancestors) implements ObjectStatus {
    public OfPolicy {
      ancestors = List.copyOf(ancestors);
    }

    @Override
    public String kind() {
      return "BackendTLSPolicy";
    }

    @Override
    public List<Said> said() {
      return ancestors.stream()
          .flatMap(ancestor ->
              ancestor.conditions().stream()
                  .map(condition -> new Said(ancestor.shortName(), condition)))
          .toList();
    }

    @Override
    public Map<String, Object> document() {
      Map<String, Object> document = new LinkedHashMap<>();
      document.put(
          "ancestors",
          ancestors.stream()
              .map(ancestor ->
                  Documents.of(
                      "ancestorRef",
                      ancestor.reference(),
                      "controllerName",
                      CONTROLLER,
                      "conditions",
                      documents(ancestor.conditions())))
              .toList());
      return document;
    }
  }

  private static List<Map<String, Object>> documents(List<Condition> conditions) {
    return conditions.stream().map(Condition::document).toList();
  }
}
