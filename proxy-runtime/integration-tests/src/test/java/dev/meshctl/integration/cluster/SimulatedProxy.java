package dev.meshctl.integration.cluster;

import dev.meshctl.identity.CertificateAuthority;
import dev.meshctl.identity.CurrentIdentity;
import dev.meshctl.identity.GrpcTls;
import dev.meshctl.identity.GrpcTransport;
import dev.meshctl.identity.SpiffeId;
import dev.meshctl.model.patch.RuntimeReport;
import dev.meshctl.model.patch.RuntimeReport.Stage;
import dev.meshctl.model.wire.RuntimeReportCodec;
import dev.meshctl.model.wire.runtime.BundleServiceGrpc;
import dev.meshctl.model.xds.ProxyNode;
import dev.meshctl.model.xds.ResourceType;
import dev.meshctl.model.xds.RuntimeOrder;
import dev.meshctl.model.xds.XdsSnapshot;
import dev.meshctl.net.loop.Loops;
import dev.meshctl.net.retry.Backoff;
import dev.meshctl.xdsclient.AdsClient;
import dev.meshctl.xdsclient.ConfigSink;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/**
 * A proxy as a control plane sees one: the real xDS client over mutual TLS, which follows orders
 * for its runtime by saying so, stage after stage.
 */
final class SimulatedProxy implements AutoCloseable, ConfigSink {
  private static final Duration AGAIN = Duration.ofMillis(100);

  private final ProxyNode node;
  private final CertificateAuthority authority;
  private final CurrentIdentity identity = new CurrentIdentity();
  private final Loops loops = Loops.start(1, "proxy");
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

  /** One after the other, as a proxy does: what was said last is what holds. */
  private final ExecutorService saying =
      Executors.newSingleThreadExecutor(Thread.ofVirtual().factory());

  private final List<RuntimeOrder> orders = new CopyOnWriteArrayList<>();
  private volatile Obedience obedience = Obedience.FOLLOWS;
  private volatile RuntimeReport last;
  private volatile Optional<ManagedChannel> channel = Optional.empty();
  private Optional<AdsClient> client = Optional.empty();

  /** What it does with an order to run another. */
  enum Obedience {
    FOLLOWS,
    /** It begins, and says no more. */
    LINGERS,
    FAILS
  }

  SimulatedProxy(String namespace, String pod, int address, CertificateAuthority authority) {
    this.authority = authority;
    this.node =
        new ProxyNode(
            "sidecar~10.9.0." + address + "~" + pod + "." + namespace + "~" + namespace + ".svc",
            ProxyNode.Role.SIDECAR,
            namespace,
            pod.substring(0, pod.lastIndexOf('-')),
            pod,
            "default",
            Map.of("app", pod.substring(0, pod.lastIndexOf('-'))),
            new ProxyNode.Capture.Transparent("10.9.0." + address));
    identity.publish(
        authority.serverIdentity(
            new SpiffeId("cluster.local", namespace, "default"), List.of(), List.of()));
    last = new RuntimeReport(id(), 0, Stage.RUNNING, "1.0", "", "", 0, Duration.ZERO);
  }

  String id() {
    return node.id();
  }

  /** Orders in the order in which they came. */
  List<RuntimeOrder> orders() {
    return List.copyOf(orders);
  }

  RuntimeReport last() {
    return last;
  }

  /** What the limit of its container's memory leaves; to be said before it connects. */
  void room(long bytes) {
    last = last.withRoom(bytes);
  }

  void obeys(Obedience how) {
    obedience = how;
  }

  /** Leaves whichever control plane it has, and calls another. */
  void connect(InetSocketAddress server) throws Exception {
    disconnect();
    ManagedChannel fresh = channel(server);
    over(Optional.of(fresh));
    client =
        Optional.of(
            AdsClient.start(
                new AdsClient.Settings(
                    node,
                    Set.of(ResourceType.CLUSTER, ResourceType.LISTENER, ResourceType.RUNTIME),
                    new Backoff(Duration.ofMillis(100), Duration.ofSeconds(1), 0.1),
                    Duration.ofSeconds(5)),
                new AdsClient.Surroundings(Thread::sleep, new Random(server.getPort())),
                fresh,
                this));
    say(last);
  }

  /** To any service, as this proxy. */
  ManagedChannel channel(InetSocketAddress server) throws Exception {
    return GrpcTransport.channel(
        server, GrpcTls.client(authority.trustBundle(), Optional.of(identity)), loops, threads);
  }

  private void disconnect() {
    client.ifPresent(AdsClient::close);
    channel.ifPresent(ManagedChannel::shutdownNow);
    client = Optional.empty();
    over(Optional.empty());
  }

  private synchronized void over(Optional<ManagedChannel> fresh) {
    channel = fresh;
    notifyAll();
  }

  /**
   * Another channel than {@code at}, or time to try it again: a control plane hears nobody before
   * it has the stream. False when closed.
   */
  private synchronized boolean awaitAnother(Optional<ManagedChannel> at) {
    try {
      if (channel.equals(at)) {
        wait(AGAIN.toMillis());
      }
      return true;
    } catch (InterruptedException closed) {
      return false;
    }
  }

  @Override
  public List<Rejection> accept(XdsSnapshot snapshot) {
    if (snapshot.of(ResourceType.RUNTIME).get(RuntimeOrder.NAME) instanceof RuntimeOrder order
        && order.generation() > last.generation()
        && (orders.isEmpty() || orders.getLast().generation() < order.generation())) {
      orders.add(order);
      threads.execute(() -> follow(order));
    }
    return List.of();
  }

  private void follow(RuntimeOrder order) {
    say(report(order, Stage.FETCHING, last.runningVersion(), last.runningDigest(), ""));
    switch (obedience) {
      case LINGERS -> {}
      case FAILS ->
          say(
              report(
                  order, Stage.FAILED, last.runningVersion(), last.runningDigest(), "it crashed"));
      case FOLLOWS -> settle(order);
    }
  }

  /** Does what the last order wants, at last. */
  void settle() {
    settle(orders.getLast());
  }

  private void settle(RuntimeOrder order) {
    switch (order.target()) {
      case RuntimeOrder.Target.Bundle(String version, String digest, boolean back) ->
          say(report(order, Stage.DONE, version, digest, ""));
      case RuntimeOrder.Target.Shipped(String version) ->
          say(report(order, Stage.DONE, version, "", ""));
    }
  }

  private RuntimeReport report(
      RuntimeOrder order, Stage stage, String version, String digest, String reason) {
    return new RuntimeReport(
        id(), order.generation(), stage, version, digest, reason, 0, Duration.ofSeconds(1));
  }

  /** As a proxy does, until it is heard. */
  private void say(RuntimeReport report) {
    last = report;
    saying.execute(() -> {
      while (last.equals(report)) {
        Optional<ManagedChannel> at = channel;
        try {
          BundleServiceGrpc.newBlockingStub(at.orElseThrow())
              .withDeadlineAfter(5, TimeUnit.SECONDS)
              .report(RuntimeReportCodec.encode(report));
          return;
        } catch (StatusRuntimeException | NoSuchElementException notHeard) {
          if (!awaitAnother(at)) {
            return;
          }
        }
      }
    });
  }

  @Override
  public void close() {
    disconnect();
    saying.shutdownNow();
    threads.shutdownNow();
    loops.close();
  }
}
