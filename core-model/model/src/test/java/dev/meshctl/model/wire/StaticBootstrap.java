package dev.meshctl.model.wire;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.meshctl.model.testkit.TestIdentity;
import dev.meshctl.model.xds.ResourceType;
import dev.meshctl.model.xds.SecretConfig;
import dev.meshctl.model.xds.XdsResource;
import dev.meshctl.model.xds.XdsSnapshot;
import io.envoyproxy.envoy.config.bootstrap.v3.Bootstrap;
import io.envoyproxy.envoy.config.bootstrap.v3.Bootstrap.StaticResources;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.core.v3.TransportSocket;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.config.listener.v3.FilterChain;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.envoyproxy.envoy.extensions.filters.http.router.v3.Router;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.CommonTlsContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.Secret;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext;
import java.util.HashSet;
import java.util.Objects;
import java.util.Set;

/**
 * A whole snapshot as an Envoy bootstrap without any xDS: what would come over ADS stands inline.
 */
final class StaticBootstrap {
  private final XdsSnapshot snapshot;

  private final TestIdentity identity;

  /** Names of the tables that a listener has. */
  private final Set<String> inlined = new HashSet<>();

  private StaticBootstrap(XdsSnapshot snapshot, TestIdentity identity) {
    this.snapshot = snapshot;
    this.identity = identity;
  }

  static Bootstrap of(XdsSnapshot snapshot, TestIdentity identity)
      throws InvalidProtocolBufferException {
    StaticBootstrap all = new StaticBootstrap(snapshot, identity);
    StaticResources.Builder resources = StaticResources.newBuilder();
    for (XdsResource cluster : snapshot.of(ResourceType.CLUSTER).values()) {
      resources.addClusters(all.inline(XdsCodec.encode(cluster).unpack(Cluster.class)));
    }
    for (XdsResource listener : snapshot.of(ResourceType.LISTENER).values()) {
      resources.addListeners(all.inline(XdsCodec.encode(listener).unpack(Listener.class)));
    }
    for (XdsResource table : snapshot.of(ResourceType.ROUTE).values()) {
      if (!all.inlined.contains(table.name())) {
        resources.addListeners(listenerOf(XdsCodec.encode(table).unpack(RouteConfiguration.class)));
      }
    }
    Secret.Builder own = Secret.newBuilder().setName(SecretConfig.OWN_CERTIFICATE);
    own.getTlsCertificateBuilder()
        .getCertificateChainBuilder()
        .setInlineString(identity.certificatePem());
    own.getTlsCertificateBuilder().getPrivateKeyBuilder().setInlineString(identity.keyPem());
    Secret.Builder trust = Secret.newBuilder().setName(SecretConfig.TRUST_BUNDLE);
    trust
        .getValidationContextBuilder()
        .getTrustedCaBuilder()
        .setInlineBytes(ByteString.copyFromUtf8(identity.certificatePem()));
    for (XdsResource secret : snapshot.of(ResourceType.SECRET).values()) {
      resources.addSecrets(XdsCodec.encode(secret).unpack(Secret.class));
    }
    return Bootstrap.newBuilder()
        .setStaticResources(resources.addSecrets(own).addSecrets(trust))
        .build();
  }

  /** So that a table that no listener names is read, too. */
  private static Listener listenerOf(RouteConfiguration table) {
    Listener.Builder listener = Listener.newBuilder().setName("only for " + table.getName());
    listener.getAddressBuilder().getSocketAddressBuilder().setAddress("127.0.0.1").setPortValue(0);
    HttpConnectionManager manager =
        HttpConnectionManager.newBuilder()
            .setStatPrefix("unnamed")
            .setRouteConfig(table)
            .addHttpFilters(
                HttpFilter.newBuilder()
                    .setName("envoy.filters.http.router")
                    .setTypedConfig(Any.pack(Router.getDefaultInstance())))
            .build();
    listener
        .addFilterChainsBuilder()
        .addFiltersBuilder()
        .setName("envoy.filters.network.http_connection_manager")
        .setTypedConfig(Any.pack(manager));
    return listener.build();
  }

  private Cluster inline(Cluster cluster) throws InvalidProtocolBufferException {
    Cluster.Builder inline = cluster.toBuilder();
    if (cluster.getType() == Cluster.DiscoveryType.EDS) {
      XdsResource endpoints =
          snapshot.of(ResourceType.ENDPOINTS).get(cluster.getEdsClusterConfig().getServiceName());
      inline
          .clearEdsClusterConfig()
          .setType(Cluster.DiscoveryType.STATIC)
          .setLoadAssignment(
              XdsCodec.encode(Objects.requireNonNull(endpoints))
                  .unpack(ClusterLoadAssignment.class));
    }
    if (cluster.hasTransportSocket()) {
      inline.setTransportSocket(inline(cluster.getTransportSocket()));
    }
    for (var match : inline.getTransportSocketMatchesBuilderList()) {
      match.setTransportSocket(inline(match.getTransportSocket()));
    }
    return inline.build();
  }

  private Listener inline(Listener listener) throws InvalidProtocolBufferException {
    Listener.Builder inline = listener.toBuilder();
    for (FilterChain.Builder chain : inline.getFilterChainsBuilderList()) {
      inline(chain);
    }
    if (listener.hasDefaultFilterChain()) {
      inline(inline.getDefaultFilterChainBuilder());
    }
    return inline.build();
  }

  private void inline(FilterChain.Builder chain) throws InvalidProtocolBufferException {
    if (chain.hasTransportSocket()) {
      chain.setTransportSocket(inline(chain.getTransportSocket()));
    }
    for (var filter : chain.getFiltersBuilderList()) {
      if (filter.getTypedConfig().is(HttpConnectionManager.class)) {
        HttpConnectionManager manager = filter.getTypedConfig().unpack(HttpConnectionManager.class);
        if (manager.hasRds()) {
          XdsResource routes =
              snapshot.of(ResourceType.ROUTE).get(manager.getRds().getRouteConfigName());
          RouteConfiguration table =
              XdsCodec.encode(Objects.requireNonNull(routes)).unpack(RouteConfiguration.class);
          filter.setTypedConfig(Any.pack(manager.toBuilder().setRouteConfig(table).build()));
          inlined.add(table.getName());
        }
      }
    }
  }

  private TransportSocket inline(TransportSocket socket) throws InvalidProtocolBufferException {
    Any config = socket.getTypedConfig();
    if (config.is(UpstreamTlsContext.class)) {
      UpstreamTlsContext.Builder context = config.unpack(UpstreamTlsContext.class).toBuilder();
      withoutSources(context.getCommonTlsContextBuilder());
      return socket.toBuilder().setTypedConfig(Any.pack(context.build())).build();
    }
    if (config.is(DownstreamTlsContext.class)) {
      DownstreamTlsContext.Builder context = config.unpack(DownstreamTlsContext.class).toBuilder();
      withoutSources(context.getCommonTlsContextBuilder());
      return socket.toBuilder().setTypedConfig(Any.pack(context.build())).build();
    }
    return socket;
  }

  private void withoutSources(CommonTlsContext.Builder context) {
    if (context.hasValidationContext()) {
      // This machine's trust store may lie elsewhere.
      context
          .getValidationContextBuilder()
          .getTrustedCaBuilder()
          .setInlineString(identity.certificatePem());
    }
    context
        .getTlsCertificateSdsSecretConfigsBuilderList()
        .forEach(secret -> secret.clearSdsConfig());
    if (context.hasCombinedValidationContext()) {
      context
          .getCombinedValidationContextBuilder()
          .getValidationContextSdsSecretConfigBuilder()
          .clearSdsConfig();
    }
  }
}
