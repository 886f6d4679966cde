package dev.meshctl.scale;

import dev.meshctl.model.xds.ProxyNode;
import dev.meshctl.model.xds.ProxyNode.Capture;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.grpc.ManagedChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Many simulated proxies, and what they have seen of a change. */
final class Fleet implements AutoCloseable {
  private static final int CONNECTING_AT_A_TIME = 200;

  private final List<SimulatedProxy> proxies = new ArrayList<>();
  private final int count;
  private final CountDownLatch configured;
  private final Semaphore connecting = new Semaphore(CONNECTING_AT_A_TIME);
  private final AtomicLong bytes = new AtomicLong();
  private volatile @Nullable Watch watch;
  private volatile boolean closing;
  private volatile String trouble = "";

  private record Watch(String typeUrl, String resource, CountDownLatch left) {}

  /**
   * @param channels a new connection each, for a proxy of a namespace
   */
  Fleet(int count, int services, ScaleMesh mesh, Function<String, ManagedChannel> channels) {
    this.count = count;
    this.configured = new CountDownLatch(count);
    for (int i = 0; i < count; i++) {
      proxies.add(
          new SimulatedProxy(
              node(i, services, mesh.namespace(i % services)),
              channels.apply(mesh.namespace(i % services)),
              this));
    }
  }

  private static ProxyNode node(int number, int services, String namespace) {
    String app = "svc-" + number % services;
    String address = "10.200." + (number >> 8) + "." + (number & 255);
    return new ProxyNode(
        "sidecar~"
            + address
            + "~"
            + app
            + "-p"
            + number
            + "."
            + namespace
            + "~"
            + namespace
            + ".svc.cluster.local",
        ProxyNode.Role.SIDECAR,
        namespace,
        app,
        app + "-p" + number,
        ScaleMesh.ACCOUNT,
        Map.of("app", app),
        new Capture.Transparent(address),
        true);
  }

  /** Opens all streams, some at a time; returns when each has clusters, endpoints and routes. */
  void connect(long limitSeconds) throws InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(limitSeconds);
    for (SimulatedProxy proxy : proxies) {
      if (!connecting.tryAcquire(deadline - System.nanoTime(), TimeUnit.NANOSECONDS)) {
        break;
      }
      proxy.open();
    }
    if (!configured.await(Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS)) {
      throw new IllegalStateException(
          configured.getCount() + " of " + count + " proxies have no configuration: " + trouble);
    }
  }

  void configured() {
    connecting.release();
    configured.countDown();
  }

  /** Expects a response with {@code resource} at so many proxies. */
  void expect(String typeUrl, String resource, int proxiesConcerned) {
    bytes.set(0);
    watch = new Watch(typeUrl, resource, new CountDownLatch(proxiesConcerned));
  }

  /** Waits for the last of {@link #expect}; false where one is missing. */
  boolean await(long seconds) throws InterruptedException {
    Watch current = watch;
    return current != null && current.left.await(seconds, TimeUnit.SECONDS);
  }

  /** Of all responses since {@link #expect}, as serialized. */
  long bytes() {
    return bytes.get();
  }

  void acknowledged(DeltaDiscoveryResponse response) {
    bytes.addAndGet(response.getSerializedSize());
    Watch current = watch;
    if (current != null
        && response.getTypeUrl().equals(current.typeUrl)
        && response.getResourcesList().stream()
            .anyMatch(resource -> resource.getName().equals(current.resource))) {
      current.left.countDown();
    }
  }

  void broken(String why) {
    if (!closing) {
      trouble = why;
    }
  }

  String trouble() {
    return trouble;
  }

  @Override
  public void close() {
    closing = true;
    proxies.forEach(SimulatedProxy::close);
  }
}
