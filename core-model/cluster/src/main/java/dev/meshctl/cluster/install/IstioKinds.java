package dev.meshctl.cluster.install;

import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Istio's kinds that are read, as definitions with the least of a schema: the API server takes
 * whatever Istio's would, and {@code meshctl analyze} says what is wrong with it.
 */
final class IstioKinds {
  private static final List<String> NETWORKING = List.of("v1", "v1beta1", "v1alpha3");
  private static final List<String> SECURITY = List.of("v1", "v1beta1");

  private static final List<IstioKind> ALL =
      List.of(
          new IstioKind(
              "networking.istio.io", "DestinationRule", "destinationrules", "dr", NETWORKING),
          new IstioKind("networking.istio.io", "Gateway", "gateways", "gw", NETWORKING),
          new IstioKind(
              "networking.istio.io", "ProxyConfig", "proxyconfigs", "", List.of("v1beta1")),
          new IstioKind("networking.istio.io", "ServiceEntry", "serviceentries", "se", NETWORKING),
          new IstioKind("networking.istio.io", "Sidecar", "sidecars", "", NETWORKING),
          new IstioKind(
              "networking.istio.io", "VirtualService", "virtualservices", "vs", NETWORKING),
          new IstioKind(
              "networking.istio.io", "WorkloadEntry", "workloadentries", "we", NETWORKING),
          new IstioKind("networking.istio.io", "WorkloadGroup", "workloadgroups", "wg", NETWORKING),
          new IstioKind(
              "security.istio.io", "AuthorizationPolicy", "authorizationpolicies", "ap", SECURITY),
          new IstioKind(
              "security.istio.io", "PeerAuthentication", "peerauthentications", "pa", SECURITY),
          new IstioKind(
              "security.istio.io",
              "RequestAuthentication",
              "requestauthentications",
              "ra",
              SECURITY),
          new IstioKind(
              "telemetry.istio.io",
              "Telemetry",
              "telemetries",
              "telemetry",
              List.of("v1", "v1alpha1")));

  private IstioKinds() {}

  /**
   * @param shortName for kubectl; empty for none
   * @param versions the first is the one stored
   */
  record IstioKind(
      String group, String kind, String plural, String shortName, List<String> versions) {
    IstioKind {
      versions = List.copyOf(versions);
    }
  }

  static List<IstioKind> all() {
    return ALL;
  }

  /** Manifests, each under the value {@code crds.istio}. */
  static List<JsonNode> templates() {
    return ALL.stream().map(IstioKinds::template).toList();
  }

  private static JsonNode template(IstioKind kind) {
    ObjectNode definition = Trees.object();
    definition.put("$if", "crds.istio");
    definition.put("apiVersion", "apiextensions.k8s.io/v1");
    definition.put("kind", "CustomResourceDefinition");
    ObjectNode metadata = definition.putObject("metadata");
    metadata.put("name", kind.plural() + "." + kind.group());
    metadata.put("labels", "${sharedLabels}");
    ObjectNode spec = definition.putObject("spec");
    spec.put("group", kind.group());
    spec.put("scope", "Namespaced");
    ObjectNode names = spec.putObject("names");
    names.put("kind", kind.kind());
    names.put("listKind", kind.kind() + "List");
    names.put("plural", kind.plural());
    names.put("singular", kind.kind().toLowerCase(java.util.Locale.ROOT));
    if (!kind.shortName().isEmpty()) {
      names.putArray("shortNames").add(kind.shortName());
    }
    names.putArray("categories").add("istio-io");
    var versions = spec.putArray("versions");
    for (String version : kind.versions()) {
      ObjectNode each = versions.addObject();
      each.put("name", version);
      each.put("served", true);
      each.put("storage", version.equals(kind.versions().getFirst()));
      each.putObject("subresources").putObject("status");
      ObjectNode schema = each.putObject("schema").putObject("openAPIV3Schema");
      schema.put("type", "object");
      ObjectNode properties = schema.putObject("properties");
      for (String part : List.of("spec", "status")) {
        properties
            .putObject(part)
            .put("type", "object")
            .put("x-kubernetes-preserve-unknown-fields", true);
      }
    }
    return definition;
  }
}
