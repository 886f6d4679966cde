package dev.meshctl.app;

import dev.meshctl.identity.GrpcTransport;
import dev.meshctl.model.wire.DataFiles;
import dev.meshctl.model.wire.XdsCodec;
import dev.meshctl.model.xds.ClusterConfig;
import dev.meshctl.model.xds.ClusterConfig.Discovery;
import dev.meshctl.model.xds.ClusterConfig.Transport;
import dev.meshctl.model.xds.LoadAssignment;
import dev.meshctl.model.xds.ResourceType;
import dev.meshctl.model.xds.SecretConfig;
import dev.meshctl.model.xds.SecretConfig.Material;
import dev.meshctl.model.xds.SocketEndpoint;
import dev.meshctl.model.xds.StandaloneConfig;
import dev.meshctl.model.xds.StandaloneConfig.Source;
import dev.meshctl.model.xds.UpstreamTls;
import dev.meshctl.net.loop.Loops;
import dev.meshctl.net.retry.Backoff;
import dev.meshctl.net.tls.IdentityMaterial;
import dev.meshctl.net.tls.PemIdentity;
import dev.meshctl.net.tls.TlsContexts;
import dev.meshctl.xdsclient.AdsClient;
import dev.meshctl.xdsclient.ConfigSink;
import dev.meshctl.xdsclient.Way;
import io.grpc.ManagedChannel;
import io.netty.handler.ssl.SslContext;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/**
 * The xDS streams of a proxy that runs alone, each to a static cluster, in plaintext or TLS as the
 * cluster says.
 *
 * <p>Thread: any; it has an event loop of its own.
 */
final class StandaloneStream implements AutoCloseable {
  private static final Duration WARM_TIMEOUT = Duration.ofSeconds(15);

  private final Loops loops;
  private final ExecutorService threads;
  private final Map<String, ManagedChannel> channels = new HashMap<>();
  private @Nullable AdsClient client;

  private StandaloneStream() {
    loops = Loops.start(1, "control");
    threads = Executors.newVirtualThreadPerTaskExecutor();
  }

  /**
   * Begins to connect; {@code sink} is given all that the streams brought, after each change.
   *
   * @param files reads the files that resources name
   * @param lenient go on without fields that are not supported
   * @throws IOException where a cluster cannot be used; the message says why
   */
  static StandaloneStream start(
      StandaloneConfig config, DataFiles files, boolean lenient, ConfigSink sink)
      throws IOException {
    StandaloneStream stream = new StandaloneStream();
    try {
      stream.client =
          AdsClient.start(
              new AdsClient.Settings(
                  config.node(),
                  config.streams().wildcards(),
                  Backoff.RECONNECT,
                  WARM_TIMEOUT,
                  config.statics(),
                  (type, any) -> XdsCodec.decode(type, any, files, lenient, config.streams())),
              new AdsClient.Surroundings(Thread::sleep, new SecureRandom()),
              stream.ways(config),
              sink);
      return stream;
    } catch (IOException unusable) {
      stream.close();
      throw unusable;
    }
  }

  private List<Way> ways(StandaloneConfig config) throws IOException {
    List<Way> ways = new ArrayList<>();
    Map<Source, Set<ResourceType>> aggregated = new LinkedHashMap<>();
    for (ResourceType type : ResourceType.values()) {
      Source source = config.streams().sources().get(type);
      if (source == null) {
        continue;
      }
      if (source.aggregated()) {
        aggregated.computeIfAbsent(source, s -> EnumSet.noneOf(ResourceType.class)).add(type);
      } else {
        ways.add(single(config, source, type));
      }
    }
    for (Map.Entry<Source, Set<ResourceType>> each : aggregated.entrySet()) {
      ways.add(
          new Way.Aggregated(
              channel(config, each.getKey()), variant(each.getKey()), each.getValue()));
    }
    return ways;
  }

  private Way single(StandaloneConfig config, Source source, ResourceType type) throws IOException {
    return switch (source.api()) {
      case GRPC, DELTA_GRPC -> new Way.Single(channel(config, source), variant(source), type);
      case REST -> {
        ClusterConfig cluster = cluster(config, source);
        if (!(cluster.transport() instanceof Transport.Plaintext)) {
          throw new IOException(
              "cluster " + cluster.name() + ": REST over TLS (expected: plaintext, or GRPC)");
        }
        InetSocketAddress server = server(cluster);
        yield new Way.Polled(
            URI.create("http://" + server.getAddress().getHostAddress() + ":" + server.getPort()),
            type,
            source.refresh(),
            source.requestTimeout());
      }
    };
  }

  private static Way.Variant variant(Source source) {
    return switch (source.api()) {
      case GRPC, REST -> Way.Variant.STATE_OF_THE_WORLD;
      case DELTA_GRPC -> Way.Variant.INCREMENTAL;
    };
  }

  /** One a cluster, whatever comes on it. */
  private ManagedChannel channel(StandaloneConfig config, Source source) throws IOException {
    ManagedChannel known = channels.get(source.cluster());
    if (known != null) {
      return known;
    }
    ClusterConfig cluster = cluster(config, source);
    InetSocketAddress server = server(cluster);
    Optional<SslContext> tls = tls(config, cluster);
    ManagedChannel channel = GrpcTransport.toStranger(server, tls, loops, threads);
    channels.put(source.cluster(), channel);
    return channel;
  }

  private static ClusterConfig cluster(StandaloneConfig config, Source source) throws IOException {
    if (config.statics().of(ResourceType.CLUSTER).get(source.cluster())
        instanceof ClusterConfig cluster) {
      return cluster;
    }
    throw new IOException(
        "config source: "
            + source.cluster()
            + " is no static cluster (expected: one of "
            + String.join(", ", config.statics().of(ResourceType.CLUSTER).keySet())
            + ")");
  }

  /** Its first endpoint. */
  private static InetSocketAddress server(ClusterConfig cluster) throws IOException {
    Optional<LoadAssignment> endpoints =
        switch (cluster.discovery()) {
          case Discovery.Static(LoadAssignment known) -> Optional.of(known);
          case Discovery.StrictDns(LoadAssignment names) -> Optional.of(names);
          case Discovery.Eds eds -> Optional.empty();
          case Discovery.OriginalDestination original -> Optional.empty();
        };
    Optional<SocketEndpoint> first =
        endpoints.stream()
            .flatMap(all -> all.localities().stream())
            .flatMap(group -> group.endpoints().stream())
            .map(LoadAssignment.Endpoint::address)
            .findFirst();
    if (first.isEmpty()) {
      throw new IOException("cluster " + cluster.name() + ": no endpoint to ask for configuration");
    }
    if (first.get().isPipe()) {
      throw new IOException(
          "cluster "
              + cluster.name()
              + ": "
              + first.get()
              + " is a Unix socket (expected: an address and a port to ask for configuration)");
    }
    return new InetSocketAddress(InetAddress.getByName(first.get().address()), first.get().port());
  }

  private static Optional<SslContext> tls(StandaloneConfig config, ClusterConfig cluster)
      throws IOException {
    return switch (cluster.transport()) {
      case Transport.Plaintext plain -> Optional.empty();
      case Transport.Tls(UpstreamTls tls) ->
          Optional.of(
              TlsContexts.client(
                  tls,
                  identity(config, tls.certificateSecret()),
                  trust(config, tls.trustSecret()),
                  List.of("h2")));
      case Transport.Auto auto ->
          throw new IOException(
              "cluster "
                  + cluster.name()
                  + ": transport_socket_matches (expected: TLS or plaintext)");
    };
  }

  private static Optional<IdentityMaterial> identity(StandaloneConfig config, String secret)
      throws IOException {
    return config.statics().of(ResourceType.SECRET).get(secret)
                instanceof SecretConfig(String name, Material material)
            && material instanceof Material.Certificate(String chain, String key)
        ? Optional.of(PemIdentity.parse(name, chain, key))
        : Optional.empty();
  }

  private static List<X509Certificate> trust(StandaloneConfig config, String secret)
      throws IOException {
    if (config.statics().of(ResourceType.SECRET).get(secret)
            instanceof SecretConfig(String name, Material material)
        && material instanceof Material.TrustBundle(String pem)) {
      return PemIdentity.certificates(name, pem);
    }
    throw new IOException(
        "the cluster of a config source: no trusted_ca of its own (expected: filename or inline)");
  }

  /** As {@link AdsClient#version}. */
  Optional<String> version(ResourceType type, String name) {
    AdsClient running = client;
    return running == null ? Optional.empty() : running.version(type, name);
  }

  @Override
  public void close() {
    AdsClient running = client;
    if (running != null) {
      running.close();
    }
    channels.values().forEach(ManagedChannel::shutdownNow);
    threads.shutdownNow();
    loops.close();
  }
}
