package dev.meshctl.integration.served;

import dev.meshctl.dataplane.DataPlane;
import dev.meshctl.identity.GrpcTransport;
import dev.meshctl.model.xds.ProxyNode;
import dev.meshctl.model.xds.ResourceType;
import dev.meshctl.net.loop.Loops;
import dev.meshctl.net.retry.Backoff;
import dev.meshctl.net.tls.IdentityMaterial;
import dev.meshctl.xdsclient.AdsClient;
import io.grpc.ManagedChannel;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Our own proxy, which takes all it knows from a {@link SnapshotServer}. */
public final class ServedProxy implements AutoCloseable {
  private final Loops loops = Loops.start(1, "ads");
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final ManagedChannel channel;
  private final DataPlane plane;
  private final AdsClient client;

  private ServedProxy(ProxyNode node, SnapshotServer server, Optional<IdentityMaterial> identity) {
    plane =
        DataPlane.start(
            new DataPlane.Settings(
                node, 1, Optional.empty(), Optional.empty(), "", Duration.ofSeconds(1)),
            identity);
    channel =
        GrpcTransport.plaintext(new InetSocketAddress("127.0.0.1", server.port()), loops, threads);
    client =
        AdsClient.start(
            new AdsClient.Settings(
                node,
                EnumSet.of(ResourceType.CLUSTER, ResourceType.LISTENER),
                new Backoff(Duration.ofMillis(100), Duration.ofSeconds(1), 0),
                Duration.ofSeconds(1)),
            new AdsClient.Surroundings(Thread::sleep, new Random(1)),
            channel,
            plane);
  }

  /**
   * @param name of its node
   */
  public static ServedProxy start(String name, SnapshotServer server) {
    return new ServedProxy(SnapshotServer.node(name), server, Optional.empty());
  }

  /** One with a certificate of the mesh. */
  static ServedProxy start(ProxyNode node, SnapshotServer server, IdentityMaterial identity) {
    return new ServedProxy(node, server, Optional.of(identity));
  }

  /** Where each of its listeners really listens. */
  public Map<String, InetSocketAddress> listeners() {
    return plane.listenAddresses();
  }

  @Override
  public void close() {
    client.close();
    channel.shutdownNow();
    plane.close();
    threads.shutdownNow();
    loops.close();
  }
}
