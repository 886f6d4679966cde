package dev.meshctl.dataplane.admin;

import dev.meshctl.model.xds.ClusterConfig;
import dev.meshctl.model.xds.ListenerConfig;
import dev.meshctl.model.xds.LoadAssignment;
import dev.meshctl.model.xds.NameTable;
import dev.meshctl.model.xds.ResourceType;
import dev.meshctl.model.xds.RouteTableConfig;
import dev.meshctl.model.xds.SecretConfig;
import dev.meshctl.model.xds.XdsResource;
import dev.meshctl.model.xds.XdsSnapshot;
import java.util.List;
import java.util.function.Predicate;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * {@code /config_dump}: the configuration in force in the shape of {@code
 * envoy.admin.v3.ConfigDump}. {@code resource} keeps one list, such as {@code
 * dynamic_active_clusters}; {@code name_regex} filters by name; endpoints come with {@code
 * include_eds}, as in Envoy.
 */
final class ConfigDump {
  private static final String ADMIN = "type.googleapis.com/envoy.admin.v3.";

  private ConfigDump() {}

  /** One list of the dump. */
  private record Part(ResourceType type, String dump, String list, String member) {}

  private static final List<Part> PARTS =
      List.of(
          new Part(
              ResourceType.CLUSTER, "ClustersConfigDump", "dynamic_active_clusters", "cluster"),
          new Part(
              ResourceType.ENDPOINTS,
              "EndpointsConfigDump",
              "dynamic_endpoint_configs",
              "endpoint_config"),
          new Part(ResourceType.LISTENER, "ListenersConfigDump", "dynamic_listeners", "listener"),
          new Part(ResourceType.ROUTE, "RoutesConfigDump", "dynamic_route_configs", "route_config"),
          new Part(ResourceType.SECRET, "SecretsConfigDump", "dynamic_active_secrets", "secret"));

  static AdminReply of(XdsSnapshot config, AdminQuery query) {
    ObjectNode page = JsonNodeFactory.instance.objectNode();
    ArrayNode configs = page.putArray("configs");
    Predicate<String> names = query.filter("name_regex");
    String only = query.parameters().getOrDefault("resource", "");
    boolean known = only.isEmpty();
    for (Part part : PARTS) {
      boolean asked = part.list().equals(only);
      known |= asked;
      boolean endpoints = part.type() == ResourceType.ENDPOINTS;
      if (asked || (only.isEmpty() && (!endpoints || query.has("include_eds")))) {
        dump(configs.addObject(), part, config, names);
      }
    }
    if (!known) {
      throw new IllegalArgumentException(
          "resource: %s (expected: one of %s)"
              .formatted(only, PARTS.stream().map(Part::list).toList()));
    }
    return AdminReply.json(page);
  }

  private static void dump(
      ObjectNode dump, Part part, XdsSnapshot config, Predicate<String> names) {
    dump.put("@type", ADMIN + part.dump());
    ArrayNode list = dump.putArray(part.list());
    config
        .of(part.type())
        .forEach((name, resource) -> {
          if (names.test(name)) {
            ObjectNode entry = list.addObject();
            if (part.type() == ResourceType.LISTENER) {
              entry.put("name", name);
              entry = entry.putObject("active_state");
            }
            ObjectNode member = entry.putObject(part.member());
            member.put("@type", part.type().typeUrl());
            write(member, resource);
          }
        });
  }

  private static void write(ObjectNode to, XdsResource resource) {
    switch (resource) {
      case ClusterConfig cluster -> ClusterJson.write(to, cluster);
      case LoadAssignment assignment -> ClusterJson.write(to, assignment);
      case ListenerConfig listener -> ListenerJson.write(to, listener);
      case RouteTableConfig table -> RouteJson.write(to, table);
      case SecretConfig secret -> {
        to.put("name", secret.name());
        switch (secret.material()) {
          case SecretConfig.Material.TrustBundle(var pem) ->
              to.putObject("validation_context").putObject("trusted_ca").put("inline_string", pem);
          case SecretConfig.Material.Certificate(var chain, var key) -> {
            ObjectNode certificate = to.putObject("tls_certificate");
            certificate.putObject("certificate_chain").put("inline_string", chain);
            // As Envoy writes it: a dump is often pasted somewhere.
            certificate.putObject("private_key").put("inline_string", "[redacted]");
          }
        }
      }
      case NameTable names -> to.put("name", names.name());
    }
  }
}
