package dev.meshctl.integration.served;

import static org.awaitility.Awaitility.await;

import com.google.protobuf.Any;
import dev.meshctl.controlplane.serve.AdsService;
import dev.meshctl.controlplane.serve.ProxySessions;
import dev.meshctl.controlplane.serve.PushSettings;
import dev.meshctl.controlplane.serve.encoded.MeshSnapshots;
import dev.meshctl.identity.Caller;
import dev.meshctl.identity.SpiffeId;
import dev.meshctl.model.query.ProxyView;
import dev.meshctl.model.xds.ProxyNode;
import dev.meshctl.model.xds.SnapshotLayers;
import dev.meshctl.model.xds.XdsSnapshot;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryResponse;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.InsecureServerCredentials;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.netty.NettyServerBuilder;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * What serves xDS in our control plane, without TLS and without a mesh: whoever calls is who it
 * says it is, and is told what a test publishes.
 */
public final class SnapshotServer implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  public static final String NAMESPACE = "judged";
  static final String ACCOUNT = "judged";
  private static final SpiffeId ANYBODY = new SpiffeId("cluster.local", NAMESPACE, ACCOUNT);

  private final MeshSnapshots snapshots;
  private final ProxySessions sessions;
  private final Server server;
  private final List<String> sent = new CopyOnWriteArrayList<>();
  private long generation;

  /**
   * @param trustBundlePem told to everybody as the secret {@code ROOTCA}
   */
  public SnapshotServer(String trustBundlePem) throws IOException {
    this(trustBundlePem, PushSettings.DEFAULT);
  }

  public SnapshotServer(String trustBundlePem, PushSettings settings) throws IOException {
    snapshots = new MeshSnapshots(trustBundlePem, settings.ttls());
    sessions = new ProxySessions(snapshots, InstantSource.system(), settings);
    server =
        NettyServerBuilder.forAddress(
                new InetSocketAddress("127.0.0.1", 0), InsecureServerCredentials.create())
            .permitKeepAliveTime(1, TimeUnit.SECONDS)
            .permitKeepAliveWithoutCalls(true)
            .intercept(new Recording())
            .addService(new AdsService(sessions))
            .build()
            .start();
  }

  /** A proxy that {@link AdsService} lets in here. */
  public static ProxyNode node(String name) {
    return new ProxyNode(
            "router~127.0.0.1~" + name + "." + NAMESPACE + "~" + NAMESPACE + ".svc.cluster.local",
            ProxyNode.Role.GATEWAY,
            NAMESPACE,
            name,
            name,
            "judged",
            Map.of(),
            new ProxyNode.Capture.Edge("127.0.0.1"))
        // Envoy does so, and leaves it to whoever starts it to say so.
        .with(ProxyNode.Feature.RESOURCE_TTL);
  }

  public int port() {
    return server.getPort();
  }

  /** Tells everybody {@code snapshot}. */
  public void publish(XdsSnapshot snapshot) {
    publish(node -> snapshot);
  }

  /** Tells each node what is for it. */
  public void publish(Function<ProxyNode, XdsSnapshot> each) {
    snapshots.publish(++generation, node -> SnapshotLayers.alone(each.apply(node)));
    sessions.changed();
  }

  /** The proxy of that name, as it is known to be now. */
  public ProxyView view(String name) {
    return sessions.views().stream()
        .filter(view -> view.instance().equals(name))
        .findFirst()
        .orElseThrow(() -> new AssertionError(name + " is not connected"));
  }

  /** Waits until the proxy has answered for all that it was told; with what it refused, if any. */
  public ProxyView settled(String name) {
    await()
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(10))
        .ignoreExceptionsInstanceOf(AssertionError.class)
        .until(() -> {
          ProxyView now = view(name);
          return (now.state() == ProxyView.State.REJECTED
                  && now.types().stream().anyMatch(type -> type.sentGeneration() == generation))
              || (now.state() == ProxyView.State.SYNCED && now.generation() == generation);
        });
    return view(name);
  }

  /**
   * {@code TYPE NAME} of each resource that was ever sent, in order; without names just the type.
   */
  public List<String> sent() {
    return List.copyOf(sent);
  }

  private final class Recording implements ServerInterceptor {
    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
        ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
      ServerCall<Q, A> recorded =
          new SimpleForwardingServerCall<>(call) {
            @Override
            public void sendMessage(A message) {
              note(message);
              super.sendMessage(message);
            }
          };
      return Contexts.interceptCall(
          Context.current().withValue(Caller.KEY, new Caller.Peer(ANYBODY)),
          recorded,
          headers,
          next);
    }
  }

  private void note(Object message) {
    if (message instanceof DeltaDiscoveryResponse response) {
      response
          .getResourcesList()
          .forEach(each -> sent.add(kind(response.getTypeUrl()) + " " + each.getName()));
    } else if (message instanceof DiscoveryResponse response) {
      for (Any each : response.getResourcesList()) {
        sent.add(kind(response.getTypeUrl()) + " " + each.getValue().toStringUtf8().hashCode());
      }
      sent.add(kind(response.getTypeUrl()));
    }
  }

  private static String kind(String typeUrl) {
    return typeUrl.substring(typeUrl.lastIndexOf('.') + 1);
  }

  @Override
  public void close() {
    sessions.close();
    server.shutdownNow();
  }
}
