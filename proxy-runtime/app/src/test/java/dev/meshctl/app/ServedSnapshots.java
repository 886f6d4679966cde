package dev.meshctl.app;

import dev.meshctl.controlplane.serve.AdsService;
import dev.meshctl.controlplane.serve.ClientStatusService;
import dev.meshctl.controlplane.serve.ProxySessions;
import dev.meshctl.controlplane.serve.PushSettings;
import dev.meshctl.controlplane.serve.encoded.MeshSnapshots;
import dev.meshctl.identity.Caller;
import dev.meshctl.identity.CertificateAuthority;
import dev.meshctl.identity.CurrentIdentity;
import dev.meshctl.identity.GrpcTls;
import dev.meshctl.identity.GrpcTransport;
import dev.meshctl.identity.IdentityException;
import dev.meshctl.identity.SpiffeId;
import dev.meshctl.identity.TokenIssuer;
import dev.meshctl.identity.TokenVerifier;
import dev.meshctl.model.xds.ResourceType;
import dev.meshctl.model.xds.SnapshotLayers;
import dev.meshctl.model.xds.XdsResource;
import dev.meshctl.model.xds.XdsSnapshot;
import dev.meshctl.net.loop.Loops;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** The xDS server of a control plane at a port of loopback, told what the mesh is by a test. */
final class ServedSnapshots implements AutoCloseable {
  static final String TRUST_DOMAIN = "cluster.local";

  private final Path folder;
  private final Consumer<DeltaDiscoveryResponse> onSent;
  private final MeshSnapshots snapshots;
  private final CurrentIdentity serverIdentity = new CurrentIdentity();
  private final List<DeltaDiscoveryRequest> read = new CopyOnWriteArrayList<>();
  private final List<ManagedChannel> channels = new ArrayList<>();
  private final CertificateAuthority authority;
  private final TokenIssuer issuer = TokenIssuer.create(InstantSource.system());
  private final Loops loops = Loops.start(1, "test");
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final ProxySessions sessions;
  private Server server;
  private final int port;
  private long generation;

  /**
   * @param folder for the CA
   * @param onSent told of every incremental response that leaves, before it does
   */
  ServedSnapshots(
      Path folder,
      InstantSource clock,
      PushSettings settings,
      Consumer<DeltaDiscoveryResponse> onSent)
      throws Exception {
    this.folder = folder;
    this.onSent = onSent;
    snapshots = new MeshSnapshots("PEM", settings.ttls());
    sessions = new ProxySessions(snapshots, clock, settings);
    authority =
        CertificateAuthority.open(
            new CertificateAuthority.Settings(TRUST_DOMAIN, folder, Duration.ofHours(1)),
            InstantSource.system(),
            new SecureRandom());
    serverIdentity.publish(
        authority.serverIdentity(
            new SpiffeId(TRUST_DOMAIN, "istio-system", "istiod"), List.of(), List.of("127.0.0.1")));
    issuer.writePublicKey(folder.resolve("key.jwk"));
    server = start(0);
    port = server.getPort();
  }

  private Server start(int at) throws Exception {
    return GrpcTransport.server(
            new InetSocketAddress("127.0.0.1", at),
            GrpcTls.server(serverIdentity, authority.trustBundle()),
            loops,
            threads)
        .intercept(
            Caller.interceptor(
                new TokenVerifier(folder.resolve("key.jwk"), InstantSource.system())))
        .intercept(new Recording())
        .addService(new AdsService(sessions))
        .addService(new ClientStatusService(sessions))
        .build()
        .start();
  }

  private final class Recording implements ServerInterceptor {
    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
        ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
      ServerCall<Q, A> told =
          new SimpleForwardingServerCall<>(call) {
            @Override
            public void sendMessage(A message) {
              if (message instanceof DeltaDiscoveryResponse response) {
                onSent.accept(response);
              }
              super.sendMessage(message);
            }
          };
      return new SimpleForwardingServerCallListener<>(next.startCall(told, headers)) {
        @Override
        public void onMessage(Q message) {
          if (message instanceof DeltaDiscoveryRequest request) {
            read.add(request);
          }
          super.onMessage(message);
        }
      };
    }
  }

  ProxySessions sessions() {
    return sessions;
  }

  /** Every incremental request that was read, in order. */
  List<DeltaDiscoveryRequest> read() {
    return List.copyOf(read);
  }

  long generation() {
    return generation;
  }

  String operatorToken() {
    return issuer.operatorToken(Duration.ofMinutes(5));
  }

  /** The same for every proxy. */
  void mesh(XdsResource... resources) {
    Map<ResourceType, Map<String, XdsResource>> all = new EnumMap<>(ResourceType.class);
    for (XdsResource r : resources) {
      all.computeIfAbsent(r.type(), t -> new LinkedHashMap<>()).put(r.name(), r);
    }
    XdsSnapshot snapshot = new XdsSnapshot(all);
    snapshots.publish(++generation, n -> SnapshotLayers.alone(snapshot));
    sessions.changed();
  }

  /** A connection of its own. */
  ManagedChannel channel(Optional<SpiffeId> certificate) throws IdentityException {
    Optional<CurrentIdentity> identity =
        certificate.map(id -> {
          CurrentIdentity own = new CurrentIdentity();
          own.publish(authority.serverIdentity(id, List.of(), List.of()));
          return own;
        });
    ManagedChannel channel =
        GrpcTransport.channel(
            new InetSocketAddress("127.0.0.1", port),
            GrpcTls.client(authority.trustBundle(), identity),
            loops,
            threads);
    channels.add(channel);
    return channel;
  }

  /** As a process that is killed: every connection breaks. */
  void kill() throws InterruptedException {
    server.shutdownNow().awaitTermination(5, TimeUnit.SECONDS);
  }

  /** At the same port again. */
  void restart() throws Exception {
    server = start(port);
  }

  @Override
  public void close() throws Exception {
    channels.forEach(ManagedChannel::shutdownNow);
    kill();
    sessions.close();
    threads.shutdownNow();
    loops.close();
  }
}
