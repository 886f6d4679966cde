package dev.meshctl.dataplane.admin;

import dev.meshctl.dataplane.admin.AdminSource.Provenance;
import dev.meshctl.dataplane.admin.AdminSource.Refused;
import dev.meshctl.model.xds.ClusterConfig;
import dev.meshctl.model.xds.ClusterConfig.Discovery;
import dev.meshctl.model.xds.FilterChain;
import dev.meshctl.model.xds.ListenerConfig;
import dev.meshctl.model.xds.NetworkFilter;
import dev.meshctl.model.xds.ResourceType;
import dev.meshctl.model.xds.XdsResource;
import dev.meshctl.model.xds.XdsSnapshot;
import dev.meshctl.xdsclient.ConfigText;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * The messages of a {@code ConfigDump} in Envoy's order, whose entries are made as they are asked
 * for.
 */
final class DumpSections {
  private final AdminSource source;
  private final XdsSnapshot config;
  private final Predicate<String> names;
  private final Map<ResourceType, Map<String, Refused>> refused = new HashMap<>();

  /**
   * @param message such as {@code ClustersConfigDump}
   * @param fields what it holds besides lists; the caller's
   */
  record Section(String message, ObjectNode fields, List<Listing> listings) {
    /** Whether the mask is one of this message. */
    boolean takes(FieldMask mask) {
      return mask.fits(fields.propertyNames(), listings.stream().map(each -> each.name()).toList());
    }
  }

  /**
   * @param message of an entry, such as {@code ClustersConfigDump.StaticCluster}
   * @param fields that entries may have
   */
  record Listing(String name, String message, List<String> fields, Entries entries) {}

  /** Makes the entries. */
  interface Entries {
    /** Each entry is the caller's. */
    void each(Consumer<ObjectNode> taker);
  }

  private DumpSections(AdminSource source, Predicate<String> names) {
    this.source = source;
    this.names = names;
    this.config = source.config();
    source
        .refused()
        .forEach(each ->
            refused.computeIfAbsent(each.type(), t -> new HashMap<>()).put(each.name(), each));
  }

  static List<Section> of(AdminSource source, Predicate<String> names, boolean endpoints) {
    DumpSections dump = new DumpSections(source, names);
    return Stream.of(
            Stream.of(dump.bootstrap(), dump.clusters()),
            endpoints ? Stream.of(dump.endpoints()) : Stream.<Section>empty(),
            Stream.of(
                dump.listeners(),
                new Section("ScopedRoutesConfigDump", object(), List.of()),
                dump.routes(),
                dump.secrets()))
        .flatMap(each -> each)
        .toList();
  }

  private Section bootstrap() {
    ObjectNode fields = object();
    ObjectNode bootstrap = fields.putObject("bootstrap");
    bootstrap.set("node", StatusPages.node(source));
    source
        .adminAddress()
        .ifPresent(
            at -> StatusPages.address(bootstrap.putObject("admin").putObject("address"), at));
    fields.put("last_updated", source.started().toString());
    return new Section("BootstrapConfigDump", fields, List.of());
  }

  private Section clusters() {
    Collection<XdsResource> all = config.of(ResourceType.CLUSTER).values();
    return new Section(
        "ClustersConfigDump",
        object(),
        List.of(
            statics("static_clusters", "ClustersConfigDump.StaticCluster", "cluster", all),
            dynamics(
                "dynamic_active_clusters",
                "ClustersConfigDump.DynamicCluster",
                "cluster",
                ResourceType.CLUSTER)));
  }

  private Section endpoints() {
    return new Section(
        "EndpointsConfigDump",
        object(),
        List.of(
            new Listing(
                "static_endpoint_configs",
                "EndpointsConfigDump.StaticEndpointConfig",
                List.of("endpoint_config", "last_updated"),
                taker ->
                    config
                        .of(ResourceType.CLUSTER)
                        .values()
                        .forEach(each -> staticEndpoints(each, taker))),
            dynamics(
                "dynamic_endpoint_configs",
                "EndpointsConfigDump.DynamicEndpointConfig",
                "endpoint_config",
                ResourceType.ENDPOINTS)));
  }

  /** Of a cluster that names its own. */
  private void staticEndpoints(XdsResource cluster, Consumer<ObjectNode> taker) {
    if (cluster instanceof ClusterConfig of && names.test(of.name())) {
      switch (of.discovery()) {
        case Discovery.Static(var endpoints) -> taker.accept(member("endpoint_config", endpoints));
        case Discovery.StrictDns(var endpoints) ->
            taker.accept(member("endpoint_config", endpoints));
        case Discovery.Eds eds -> {}
        case Discovery.OriginalDestination original -> {}
      }
    }
  }

  private Section listeners() {
    return new Section(
        "ListenersConfigDump",
        object(),
        List.of(
            statics(
                "static_listeners",
                "ListenersConfigDump.StaticListener",
                "listener",
                config.of(ResourceType.LISTENER).values()),
            new Listing(
                "dynamic_listeners",
                "ListenersConfigDump.DynamicListener",
                List.of("name", "active_state", "error_state"),
                this::dynamicListeners)));
  }

  private void dynamicListeners(Consumer<ObjectNode> taker) {
    config
        .of(ResourceType.LISTENER)
        .forEach((name, listener) -> {
          Provenance from = source.provenance(ResourceType.LISTENER, name);
          if (names.test(name) && from.version().isPresent()) {
            ObjectNode entry = object().put("name", name);
            version(entry.putObject("active_state"), from)
                .setAll(member("listener", listener))
                .put("last_updated", from.updated().toString());
            error(entry, ResourceType.LISTENER, name);
            taker.accept(entry);
          }
        });
    onlyRefused(ResourceType.LISTENER)
        .forEach(each -> {
          ObjectNode entry = object().put("name", each.name());
          error(entry, ResourceType.LISTENER, each.name());
          taker.accept(entry);
        });
  }

  private Section routes() {
    return new Section(
        "RoutesConfigDump",
        object(),
        List.of(
            new Listing(
                "static_route_configs",
                "RoutesConfigDump.StaticRouteConfig",
                List.of("route_config", "last_updated"),
                this::inlineRoutes),
            dynamics(
                "dynamic_route_configs",
                "RoutesConfigDump.DynamicRouteConfig",
                "route_config",
                ResourceType.ROUTE)));
  }

  /** Those that stand in a listener, as old as it. */
  private void inlineRoutes(Consumer<ObjectNode> taker) {
    for (XdsResource resource : config.of(ResourceType.LISTENER).values()) {
      if (resource instanceof ListenerConfig listener) {
        Stream.concat(listener.chains().stream(), listener.defaultChain().stream())
            .map(DumpSections::inline)
            .flatMap(Optional::stream)
            .distinct()
            .filter(table -> names.test(table.name()))
            .forEach(table ->
                taker.accept(
                    member("route_config", table)
                        .put(
                            "last_updated",
                            source
                                .provenance(ResourceType.LISTENER, listener.name())
                                .updated()
                                .toString())));
      }
    }
  }

  private static Optional<XdsResource> inline(FilterChain chain) {
    return chain.filter() instanceof NetworkFilter.HttpConnection http
            && http.routes() instanceof NetworkFilter.Routes.Inline(var table)
        ? Optional.of(table)
        : Optional.empty();
  }

  private Section secrets() {
    return new Section(
        "SecretsConfigDump",
        object(),
        List.of(
            statics(
                "static_secrets",
                "SecretsConfigDump.StaticSecret",
                "secret",
                config.of(ResourceType.SECRET).values()),
            dynamics(
                "dynamic_active_secrets",
                "SecretsConfigDump.DynamicSecret",
                "secret",
                ResourceType.SECRET)));
  }

  private Listing statics(
      String name, String message, String member, Collection<XdsResource> resources) {
    boolean secret = member.equals("secret");
    return new Listing(
        name,
        message,
        secret ? List.of("name", "last_updated", member) : List.of(member, "last_updated"),
        taker ->
            resources.forEach(resource -> {
              Provenance from = source.provenance(resource.type(), resource.name());
              if (names.test(resource.name()) && from.version().isEmpty()) {
                ObjectNode entry = secret ? object().put("name", resource.name()) : object();
                entry
                    .setAll(member(member, resource))
                    .put("last_updated", from.updated().toString());
                taker.accept(entry);
              }
            }));
  }

  private Listing dynamics(String name, String message, String member, ResourceType type) {
    boolean secret = type == ResourceType.SECRET;
    return new Listing(
        name,
        message,
        List.of("name", "version_info", member, "last_updated", "error_state"),
        taker -> {
          config
              .of(type)
              .forEach((of, resource) -> {
                Provenance from = source.provenance(type, of);
                if (names.test(of) && from.version().isPresent()) {
                  ObjectNode entry = secret ? object().put("name", of) : object();
                  version(entry, from)
                      .setAll(member(member, resource))
                      .put("last_updated", from.updated().toString());
                  error(entry, type, of);
                  taker.accept(entry);
                }
              });
          onlyRefused(type)
              .forEach(each -> {
                ObjectNode entry = object();
                error(entry, type, each.name());
                taker.accept(entry);
              });
        });
  }

  private static ObjectNode version(ObjectNode entry, Provenance from) {
    String version = from.version().orElse("");
    return version.isEmpty() ? entry : entry.put("version_info", version);
  }

  /** What was refused without anything of that name being in force. */
  private List<Refused> onlyRefused(ResourceType type) {
    return refused.getOrDefault(type, Map.of()).values().stream()
        .filter(each -> !config.of(type).containsKey(each.name()) && names.test(each.name()))
        .toList();
  }

  private void error(ObjectNode entry, ResourceType type, String name) {
    Optional.ofNullable(refused.getOrDefault(type, Map.of()).get(name))
        .ifPresent(last -> {
          ObjectNode error = entry.putObject("error_state");
          error.put("last_update_attempt", last.when().toString());
          error.put("details", last.name() + ": " + last.reason());
          if (!last.version().isEmpty()) {
            error.put("version_info", last.version());
          }
        });
  }

  private static ObjectNode member(String name, XdsResource resource) {
    ObjectNode entry = object();
    entry.set(name, read(ConfigText.of(resource)));
    return entry;
  }

  static JsonNode read(String json) {
    return JsonMapper.shared().readTree(json);
  }

  private static ObjectNode object() {
    return JsonNodeFactory.instance.objectNode();
  }
}
