package dev.meshctl.model.wire;

import com.google.protobuf.Any;
import dev.meshctl.model.xds.AccessControl;
import dev.meshctl.model.xds.ConnectionLimit;
import dev.meshctl.model.xds.Labels;
import dev.meshctl.model.xds.NetworkFilter;
import dev.meshctl.model.xds.NetworkFilter.HttpConnection;
import dev.meshctl.model.xds.NetworkFilter.TcpProxy;
import dev.meshctl.model.xds.WeightedCluster;
import dev.meshctl.model.xds.route.Headers;
import io.envoyproxy.envoy.config.listener.v3.Filter;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager;
import io.envoyproxy.envoy.extensions.filters.network.rbac.v3.RBAC;
import io.envoyproxy.envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy.WeightedCluster.ClusterWeight;
import io.envoyproxy.envoy.type.v3.HashPolicy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The network filters of a chain: a limit of connections, any number of RBAC, then one that speaks
 * to the client. A TCP cluster of weight 0 takes no connection, and Envoy admits none, so it is not
 * written.
 */
final class NetworkFilterCodec {
  private static final String RBAC_FILTER = "envoy.filters.network.rbac";
  private static final String TCP_PROXY = "envoy.filters.network.tcp_proxy";
  private static final String HTTP_MANAGER = "envoy.filters.network.http_connection_manager";

  /** Envoy's for TCP, where none is set. */
  private static final Duration DEFAULT_IDLE_TIMEOUT = Duration.ofHours(1);

  private static final KnownFields TCP =
      KnownFields.of(
              io.envoyproxy.envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy.getDescriptor(),
              "stat_prefix",
              "cluster",
              "weighted_clusters",
              "metadata_match",
              "idle_timeout",
              "access_log",
              "hash_policy")
          .leavingAside(
              "downstream_idle_timeout",
              "upstream_idle_timeout",
              "max_connect_attempts",
              "backoff_options",
              "access_log_flush_interval",
              "flush_access_log_on_connected",
              "access_log_options");

  private NetworkFilterCodec() {}

  static Filter encode(NetworkFilter filter) {
    return switch (filter) {
      case HttpConnection http ->
          Filter.newBuilder()
              .setName(HTTP_MANAGER)
              .setTypedConfig(Packing.pack(HttpConnectionCodec.encode(http)))
              .build();
      case TcpProxy tcp ->
          Filter.newBuilder().setName(TCP_PROXY).setTypedConfig(Packing.pack(encode(tcp))).build();
    };
  }

  private static io.envoyproxy.envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy encode(
      TcpProxy tcp) {
    var message =
        io.envoyproxy.envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy.newBuilder()
            .setStatPrefix(tcp.statPrefix())
            .setIdleTimeout(Packing.duration(tcp.idleTimeout()));
    if (tcp.clusters().size() == 1
        && tcp.clusters().getFirst().weight() == 1
        && tcp.clusters().getFirst().subset().isEmpty()) {
      message.setCluster(tcp.clusters().getFirst().cluster());
    } else {
      for (WeightedCluster cluster : tcp.clusters()) {
        if (cluster.weight() > 0) {
          ClusterWeight.Builder weight =
              message
                  .getWeightedClustersBuilder()
                  .addClustersBuilder()
                  .setName(cluster.cluster())
                  .setWeight(cluster.weight());
          if (!cluster.subset().isEmpty()) {
            weight.setMetadataMatch(LabelCodec.encode(cluster.subset()));
          }
        }
      }
    }
    message.addAllAccessLog(AccessLogCodec.encode(tcp.accessLog()));
    if (tcp.bySourceIp()) {
      message.addHashPolicyBuilder().getSourceIpBuilder();
    }
    return message.build();
  }

  static Filter encode(AccessControl access) {
    return Filter.newBuilder()
        .setName(RBAC_FILTER)
        .setTypedConfig(Packing.pack(AccessCodec.encodeTcp(access)))
        .build();
  }

  /** What stands before the last filter of the chain at {@code path}. */
  static List<AccessControl> access(Reading reading, String path, List<Filter> filters) {
    List<AccessControl> access = new ArrayList<>();
    for (int i = 0; i < filters.size() - 1; i++) {
      String at = path + ".filters[" + i + "].typed_config";
      Any config = filters.get(i).getTypedConfig();
      if (Reading.holds(config, RBAC.getDescriptor())) {
        reading
            .unpack(at, config, RBAC.getDescriptor(), RBAC.parser())
            .ifPresent(message -> access.add(AccessCodec.decode(reading, at, message)));
      } else if (!isLimit(config)) {
        reading.refuse(
            at, config.getTypeUrl() + " (expected: RBAC, ConnectionLimit, or to be the last)");
      }
    }
    return access;
  }

  private static boolean isLimit(Any config) {
    return Reading.holds(
        config,
        io.envoyproxy.envoy.extensions.filters.network.connection_limit.v3.ConnectionLimit
            .getDescriptor());
  }

  /** The limit of connections among what stands before the last filter. */
  static Optional<ConnectionLimit> limit(Reading reading, String path, List<Filter> filters) {
    Optional<ConnectionLimit> limit = Optional.empty();
    for (int i = 0; i < filters.size() - 1; i++) {
      Any config = filters.get(i).getTypedConfig();
      String at = path + ".filters[" + i + "].typed_config";
      if (isLimit(config)) {
        if (limit.isPresent()) {
          reading.refuse(at, "a second connection limit (expected: one)");
        }
        limit =
            reading
                .unpack(
                    at,
                    config,
                    io.envoyproxy.envoy.extensions.filters.network.connection_limit.v3
                        .ConnectionLimit.getDescriptor(),
                    io.envoyproxy.envoy.extensions.filters.network.connection_limit.v3
                        .ConnectionLimit.parser())
                .map(message -> ConnectionLimitCodec.decode(reading, at, message));
      }
    }
    return limit;
  }

  /** The last filter of the chain at {@code path}. */
  static NetworkFilter decode(Reading reading, String path, List<Filter> filters) {
    if (filters.isEmpty()) {
      reading.refuse(path + ".filters", "none (expected: one or more)");
    }
    for (int i = Math.max(0, filters.size() - 1); i < filters.size(); i++) {
      Any config = filters.get(i).getTypedConfig();
      String at = path + ".filters[" + i + "].typed_config";
      Optional<NetworkFilter> read;
      if (Reading.holds(config, HttpConnectionManager.getDescriptor())) {
        read =
            reading
                .unpack(
                    at,
                    config,
                    HttpConnectionManager.getDescriptor(),
                    HttpConnectionManager.parser())
                .map(message -> HttpConnectionCodec.decode(reading, at, message));
      } else if (Reading.holds(
          config,
          io.envoyproxy.envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy.getDescriptor())) {
        read =
            reading
                .unpack(
                    at,
                    config,
                    io.envoyproxy.envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy
                        .getDescriptor(),
                    io.envoyproxy.envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy.parser())
                .map(message -> decode(reading, at, message));
      } else {
        reading.refuse(at, config.getTypeUrl() + " (expected: HttpConnectionManager or TcpProxy)");
        read = Optional.empty();
      }
      if (read.isPresent()) {
        return read.get();
      }
    }
    return new TcpProxy("", List.of(), Duration.ZERO, false);
  }

  private static WeightedCluster decode(
      Reading reading, String path, ClusterWeight message, Labels ofFilter) {
    String at = path + "[" + message.getName() + "]";
    return new WeightedCluster(
        message.getName(),
        Reading.unsigned(message.getWeight()),
        Headers.NONE,
        ofFilter.with(
            LabelCodec.match(reading, at + ".metadata_match", message.getMetadataMatch())));
  }

  private static NetworkFilter decode(
      Reading reading,
      String path,
      io.envoyproxy.envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy message) {
    reading.expect(path, message, TCP);
    Labels subset = LabelCodec.match(reading, path + ".metadata_match", message.getMetadataMatch());
    List<WeightedCluster> clusters =
        switch (message.getClusterSpecifierCase()) {
          case CLUSTER ->
              List.of(new WeightedCluster(message.getCluster(), 1, Headers.NONE, subset));
          case WEIGHTED_CLUSTERS ->
              message.getWeightedClusters().getClustersList().stream()
                  .map(cluster -> decode(reading, path + ".weighted_clusters", cluster, subset))
                  .toList();
          case CLUSTERSPECIFIER_NOT_SET -> {
            reading.refuse(path, "no cluster (expected: cluster or weighted_clusters)");
            yield List.of();
          }
        };
    if (message.hasWeightedClusters()
        && clusters.stream().noneMatch(cluster -> cluster.weight() > 0)) {
      reading.refuse(path + ".weighted_clusters", "no weight (expected: one above 0)");
    }
    return new TcpProxy(
        message.getStatPrefix(),
        clusters,
        message.hasIdleTimeout()
            ? reading.duration(path + ".idle_timeout", message.getIdleTimeout())
            : DEFAULT_IDLE_TIMEOUT,
        AccessLogCodec.decode(reading, path, message.getAccessLogList()),
        bySourceIp(reading, path, message.getHashPolicyList()));
  }

  private static boolean bySourceIp(Reading reading, String path, List<HashPolicy> policies) {
    for (int i = 0; i < policies.size(); i++) {
      if (!policies.get(i).hasSourceIp()) {
        reading.refuse(path + ".hash_policy[" + i + "]", "is not supported (expected: source_ip)");
      }
    }
    return policies.stream().anyMatch(HashPolicy::hasSourceIp);
  }
}
