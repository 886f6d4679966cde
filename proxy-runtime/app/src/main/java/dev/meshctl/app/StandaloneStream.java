package dev.meshctl.app;

import dev.meshctl.identity.GrpcTransport;
import dev.meshctl.model.xds.ClusterConfig;
import dev.meshctl.model.xds.ClusterConfig.Discovery;
import dev.meshctl.model.xds.ClusterConfig.Transport;
import dev.meshctl.model.xds.LoadAssignment;
import dev.meshctl.model.xds.ResourceType;
import dev.meshctl.model.xds.SecretConfig;
import dev.meshctl.model.xds.SecretConfig.Material;
import dev.meshctl.model.xds.SocketEndpoint;
import dev.meshctl.model.xds.StandaloneConfig;
import dev.meshctl.model.xds.StandaloneConfig.Ads;
import dev.meshctl.model.xds.UpstreamTls;
import dev.meshctl.net.loop.Loops;
import dev.meshctl.net.retry.Backoff;
import dev.meshctl.net.tls.IdentityMaterial;
import dev.meshctl.net.tls.PemIdentity;
import dev.meshctl.net.tls.TlsContexts;
import dev.meshctl.xdsclient.AdsClient;
import dev.meshctl.xdsclient.ConfigSink;
import io.grpc.ManagedChannel;
import io.netty.handler.ssl.SslContext;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * The ADS stream of a proxy that runs alone, to a static cluster, in plaintext or TLS as the
 * cluster says.
 *
 * <p>Thread: any; it has an event loop of its own.
 */
final class StandaloneStream implements AutoCloseable {
  private static final Duration WARM_TIMEOUT = Duration.ofSeconds(15);

  private final Loops loops;
  private final ExecutorService threads;
  private final ManagedChannel channel;
  private final AdsClient client;

  private StandaloneStream(
      Loops loops, ExecutorService threads, ManagedChannel channel, AdsClient client) {
    this.loops = loops;
    this.threads = threads;
    this.channel = channel;
    this.client = client;
  }

  /**
   * Begins to connect; {@code sink} is given all that the stream brought, after each change.
   *
   * @throws IOException where the cluster cannot be used; the message says why
   */
  static StandaloneStream start(StandaloneConfig config, Ads ads, ConfigSink sink)
      throws IOException {
    ClusterConfig cluster = cluster(config, ads);
    InetSocketAddress server = server(cluster);
    Optional<SslContext> tls = tls(config, cluster);
    Loops loops = Loops.start(1, "control");
    ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    ManagedChannel channel =
        tls.isPresent()
            ? GrpcTransport.channel(server, tls.get(), loops, threads)
            : GrpcTransport.plaintext(server, loops, threads);
    AdsClient client =
        AdsClient.start(
            new AdsClient.Settings(config.node(), ads.wildcards(), Backoff.RECONNECT, WARM_TIMEOUT),
            new AdsClient.Surroundings(Thread::sleep, new SecureRandom()),
            channel,
            sink);
    return new StandaloneStream(loops, threads, channel, client);
  }

  private static ClusterConfig cluster(StandaloneConfig config, Ads ads) throws IOException {
    if (config.statics().of(ResourceType.CLUSTER).get(ads.cluster())
        instanceof ClusterConfig cluster) {
      return cluster;
    }
    throw new IOException(
        "dynamic_resources.ads_config: "
            + ads.cluster()
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
        "the cluster of ads_config: no trusted_ca of its own (expected: filename or inline)");
  }

  @Override
  public void close() {
    client.close();
    channel.shutdownNow();
    threads.shutdownNow();
    loops.close();
  }
}
