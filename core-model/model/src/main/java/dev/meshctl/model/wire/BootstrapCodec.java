package dev.meshctl.model.wire;

import com.google.protobuf.Any;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Message;
import com.google.protobuf.Parser;
import dev.meshctl.model.wire.MessageYaml.Finding;
import dev.meshctl.model.xds.Home;
import dev.meshctl.model.xds.LoadAssignment.Locality;
import dev.meshctl.model.xds.OverloadConfig;
import dev.meshctl.model.xds.ProxyNode;
import dev.meshctl.model.xds.ResourceType;
import dev.meshctl.model.xds.SocketEndpoint;
import dev.meshctl.model.xds.StandaloneConfig;
import dev.meshctl.model.xds.StandaloneConfig.Source;
import dev.meshctl.model.xds.StandaloneConfig.WatchedFile;
import dev.meshctl.model.xds.XdsResource;
import dev.meshctl.model.xds.XdsSnapshot;
import io.envoyproxy.envoy.config.bootstrap.v3.Admin;
import io.envoyproxy.envoy.config.bootstrap.v3.Bootstrap;
import io.envoyproxy.envoy.config.bootstrap.v3.Bootstrap.DynamicResources;
import io.envoyproxy.envoy.config.bootstrap.v3.Bootstrap.StaticResources;
import io.envoyproxy.envoy.config.bootstrap.v3.ClusterManager;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.core.v3.Node;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.Secret;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryResponse;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;

/**
 * {@link StandaloneConfig} from {@code Bootstrap}, by the codecs that read the same resources off
 * the wire.
 *
 * <p>Thread: confined to one call.
 */
final class BootstrapCodec {
  private static final KnownFields BOOTSTRAP =
      KnownFields.of(
              Bootstrap.getDescriptor(),
              "node",
              "static_resources",
              "dynamic_resources",
              "admin",
              "overload_manager",
              "cluster_manager")
          .leavingAside(
              "flags_path",
              "stats_sinks",
              "stats_config",
              "stats_flush_interval",
              "stats_flush_on_admin",
              "watchdog",
              "watchdogs",
              "tracing",
              "layered_runtime",
              "header_prefix",
              "stats_server_version_override",
              "use_tcp_for_dns_lookups",
              "dns_resolution_config",
              "typed_dns_resolver_config",
              "enable_dispatcher_stats",
              "default_socket_interface",
              "default_regex_engine",
              "fatal_actions",
              "perf_tracing_file_path",
              "application_log_config",
              "grpc_async_client_manager_config");
  private static final KnownFields MANAGER =
      KnownFields.of(ClusterManager.getDescriptor(), "local_cluster_name")
          .leavingAside(
              "outlier_detection",
              "upstream_bind_config",
              "load_stats_config",
              "enable_deferred_cluster_creation");
  private static final KnownFields ADMIN =
      KnownFields.of(Admin.getDescriptor(), "address")
          .leavingAside(
              "access_log",
              "access_log_path",
              "profile_path",
              "socket_options",
              "ignore_global_conn_limit");
  private static final KnownFields STATIC =
      KnownFields.of(StaticResources.getDescriptor(), "listeners", "clusters", "secrets");
  private static final KnownFields DYNAMIC =
      KnownFields.of(DynamicResources.getDescriptor(), "lds_config", "cds_config", "ads_config");
  private static final String ADS_CONFIG = "dynamic_resources.ads_config";
  private static final String DEFAULT_NAMESPACE = "default";

  private final DataFiles files;
  private final boolean lenient;
  private final List<Finding> problems;
  private final List<Finding> leftAside;
  private final Set<WatchedFile> watched = new LinkedHashSet<>();
  private final List<Reading.Streamed> streamed = new ArrayList<>();
  private final Map<ResourceType, Map<String, XdsResource>> statics =
      new EnumMap<>(ResourceType.class);

  BootstrapCodec(
      DataFiles files, boolean lenient, List<Finding> problems, List<Finding> leftAside) {
    this.files = files;
    this.lenient = lenient;
    this.problems = problems;
    this.leftAside = leftAside;
  }

  StandaloneConfig decode(Bootstrap message) {
    Reading reading = new Reading(files, lenient);
    reading.expect("", message, BOOTSTRAP);
    Optional<SocketEndpoint> admin = Optional.empty();
    if (message.hasAdmin()) {
      reading.expect("admin", message.getAdmin(), ADMIN);
      if (message.getAdmin().hasAddress()) {
        admin =
            Optional.of(
                AddressCodec.decode(reading, "admin.address", message.getAdmin().getAddress()));
        if (admin.get().isPipe()) {
          reading.unsupported(
              "admin.address.pipe", admin.get() + " (expected: a loopback address and a port)");
          admin = Optional.empty();
        }
      }
    }
    StaticResources resources = message.getStaticResources();
    reading.expect("static_resources", resources, STATIC);
    DynamicResources dynamic = message.getDynamicResources();
    reading.expect("dynamic_resources", dynamic, DYNAMIC);
    if (dynamic.hasLdsConfig()) {
      reading.source("dynamic_resources.lds_config", ResourceType.LISTENER, dynamic.getLdsConfig());
    }
    if (dynamic.hasCdsConfig()) {
      reading.source("dynamic_resources.cds_config", ResourceType.CLUSTER, dynamic.getCdsConfig());
    }
    Optional<Source> ads =
        dynamic.hasAdsConfig()
            ? SourceCodec.api(reading, ADS_CONFIG, dynamic.getAdsConfig()).map(BootstrapCodec::ads)
            : Optional.empty();
    OverloadConfig overload =
        message.hasOverloadManager()
            ? OverloadCodec.decode(reading, "overload_manager", message.getOverloadManager())
            : OverloadConfig.DEFAULT;
    reading.expect("cluster_manager", message.getClusterManager(), MANAGER);
    var place = message.getNode().getLocality();
    Home home =
        new Home(
            new Locality(place.getRegion(), place.getZone(), place.getSubZone()),
            message.getClusterManager().getLocalClusterName());
    finish(reading, "");
    each("secrets", resources.getSecretsList(), SecretCodec::decode);
    each("clusters", resources.getClustersList(), ClusterCodec::decode);
    each("listeners", named(resources.getListenersList()), ListenerCodec::decode);
    Reading sources = new Reading(files, lenient);
    StandaloneConfig.Streams streams =
        SourceCodec.decode(
            sources, ads, EnumSet.of(ResourceType.LISTENER, ResourceType.CLUSTER), streamed);
    finish(sources, "");
    return new StandaloneConfig(
        node(message.getNode()),
        admin,
        new XdsSnapshot(statics),
        streams,
        List.copyOf(watched),
        overload,
        home);
  }

  private static Source ads(Source source) {
    return new Source(
        source.api(), source.cluster(), source.refresh(), source.requestTimeout(), true);
  }

  /** The resources of a file that is watched, all of {@code type}. */
  XdsSnapshot file(ResourceType type, DiscoveryResponse message) {
    for (int i = 0; i < message.getResourcesCount(); i++) {
      Reading reading = new Reading(files, lenient);
      Any any = message.getResources(i);
      String path = "resources[" + i + "]";
      switch (type) {
        case LISTENER ->
            one(reading, any, Listener.getDescriptor(), Listener.parser(), this::listener, path);
        case CLUSTER ->
            one(
                reading,
                any,
                Cluster.getDescriptor(),
                Cluster.parser(),
                ClusterCodec::decode,
                path);
        case ROUTE ->
            one(
                reading,
                any,
                RouteConfiguration.getDescriptor(),
                RouteConfiguration.parser(),
                RouteCodec::decode,
                path);
        case ENDPOINTS ->
            one(
                reading,
                any,
                ClusterLoadAssignment.getDescriptor(),
                ClusterLoadAssignment.parser(),
                EndpointCodec::decode,
                path);
        case SECRET ->
            one(reading, any, Secret.getDescriptor(), Secret.parser(), SecretCodec::decode, path);
        case NAMES -> reading.refuse("", "name tables do not come from files");
        case VIRTUAL_HOST -> reading.refuse("", "virtual hosts do not come from files");
        case RUNTIME -> reading.refuse("", "orders of a runtime do not come from files");
      }
      finish(reading, path);
    }
    return new XdsSnapshot(statics);
  }

  Set<WatchedFile> watched() {
    return watched;
  }

  private XdsResource listener(Reading reading, Listener message) {
    return ListenerCodec.decode(reading, named(List.of(message)).getFirst());
  }

  private <M extends Message> void one(
      Reading reading,
      Any any,
      Descriptor type,
      Parser<M> parser,
      BiFunction<Reading, M, ? extends XdsResource> decoder,
      String path) {
    reading
        .unpack("", any, type, parser)
        .ifPresent(message -> add(path, decoder.apply(reading, message)));
    reading.inlineSecrets().forEach(secret -> of(ResourceType.SECRET).put(secret.name(), secret));
  }

  private <M extends Message> void each(
      String list, List<M> messages, BiFunction<Reading, M, ? extends XdsResource> decoder) {
    for (int i = 0; i < messages.size(); i++) {
      Reading reading = new Reading(files, lenient);
      String path = "static_resources." + list + "[" + i + "]";
      add(path, decoder.apply(reading, messages.get(i)));
      reading.inlineSecrets().forEach(secret -> of(ResourceType.SECRET).put(secret.name(), secret));
      finish(reading, path);
    }
  }

  private void add(String path, XdsResource resource) {
    if (of(resource.type()).putIfAbsent(resource.name(), resource) != null) {
      problems.add(new Finding(path + ".name", resource.name() + " twice (expected: once)"));
    }
  }

  /** Listeners and chains may go without names in a bootstrap; here each is known by one. */
  private static List<Listener> named(List<Listener> listeners) {
    List<Listener> all = new ArrayList<>();
    for (int i = 0; i < listeners.size(); i++) {
      Listener.Builder listener = listeners.get(i).toBuilder();
      if (listener.getName().isEmpty()) {
        listener.setName("listener-" + i);
      }
      for (int j = 0; j < listener.getFilterChainsCount(); j++) {
        if (listener.getFilterChains(j).getName().isEmpty()) {
          listener.getFilterChainsBuilder(j).setName("chain-" + j);
        }
      }
      if (listener.hasDefaultFilterChain()
          && listener.getDefaultFilterChain().getName().isEmpty()) {
        listener.getDefaultFilterChainBuilder().setName("default-chain");
      }
      all.add(listener.build());
    }
    return all;
  }

  private Map<String, XdsResource> of(ResourceType type) {
    return statics.computeIfAbsent(type, t -> new LinkedHashMap<>());
  }

  private void finish(Reading reading, String path) {
    watched.addAll(reading.watched());
    reading
        .streamed()
        .forEach(each ->
            streamed.add(
                new Reading.Streamed(Reading.join(path, each.path()), each.type(), each.source())));
    for (String reason : reading.reasons()) {
      // "path: what", or "what" about the whole.
      int colon = reason.indexOf(": ");
      boolean whole = colon < 0 || reason.substring(0, colon).contains(" ");
      problems.add(
          whole
              ? new Finding(path, reason)
              : new Finding(
                  Reading.join(path, reason.substring(0, colon)), reason.substring(colon + 2)));
    }
    reading
        .ignored()
        .forEach(each -> leftAside.add(new Finding(Reading.join(path, each), "left aside")));
  }

  /** Any id will do; one of our form says what kind of proxy it is. */
  private static ProxyNode node(Node message) {
    return switch (NodeCodec.decode(message)) {
      case DecodedNode.Accepted(var node) -> node;
      case DecodedNode.Rejected(var reason) ->
          new ProxyNode(
              message.getId().isEmpty() ? "standalone" : message.getId(),
              ProxyNode.Role.GATEWAY,
              DEFAULT_NAMESPACE,
              message.getCluster().isEmpty() ? "standalone" : message.getCluster(),
              message.getId(),
              DEFAULT_NAMESPACE,
              Map.of(),
              new ProxyNode.Capture.Edge("0.0.0.0"));
    };
  }
}
