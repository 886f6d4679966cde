package dev.meshctl.app;

import dev.meshctl.cluster.ClusterConnection;
import dev.meshctl.cluster.ClusterException;
import dev.meshctl.cluster.Leadership;
import dev.meshctl.controlplane.ControlPlane;
import dev.meshctl.controlplane.Patching;
import dev.meshctl.controlplane.intake.ClusterIntake;
import dev.meshctl.controlplane.kubernetes.ClusterAuthority;
import dev.meshctl.controlplane.kubernetes.ClusterTokens;
import dev.meshctl.controlplane.kubernetes.LeaderDuties;
import dev.meshctl.controlplane.kubernetes.patch.BundleExchange;
import dev.meshctl.controlplane.kubernetes.patch.ClusterOrders;
import dev.meshctl.controlplane.query.HealthServer;
import dev.meshctl.controlplane.serve.PushSettings;
import dev.meshctl.identity.CertificateAuthority;
import dev.meshctl.identity.IdentityException;
import dev.meshctl.identity.SpiffeId;
import dev.meshctl.injector.webhook.InjectionWebhook;
import dev.meshctl.model.resource.MeshResource;
import dev.meshctl.model.source.Located;
import dev.meshctl.net.retry.Pause;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * One replica of a cluster's control plane: what a {@link ControlPlane} stands on there, and the
 * duties of the one that leads.
 *
 * <p>Thread: any.
 */
public final class KubernetesControlPlane implements AutoCloseable {
  private static final Duration CERTIFICATE_LIFETIME = Duration.ofHours(24);

  private final ControlPlane plane;
  private final LeaderDuties duties;
  private final HealthServer health;
  private final Optional<InjectionWebhook> webhook;
  private final Deque<Runnable> undo;
  private final AtomicBoolean ending;
  private final Linger linger;

  private KubernetesControlPlane(
      ControlPlane plane,
      LeaderDuties duties,
      HealthServer health,
      Optional<InjectionWebhook> webhook,
      Deque<Runnable> undo,
      AtomicBoolean ending,
      Linger linger) {
    this.plane = plane;
    this.duties = duties;
    this.health = health;
    this.webhook = webhook;
    this.undo = undo;
    this.ending = ending;
    this.linger = linger;
  }

  /** Where proxies call. */
  public InetSocketAddress grpcAddress() {
    return plane.grpcAddress();
  }

  /** Where people ask. */
  public InetSocketAddress queryAddress() {
    return plane.queryAddress();
  }

  /** Where the kubelet asks. */
  public InetSocketAddress healthAddress() {
    return health.address();
  }

  /** Where the API server asks; empty where nobody said what to inject. */
  public Optional<InetSocketAddress> webhookAddress() {
    return webhook.map(InjectionWebhook::address);
  }

  /** This replica writes for all. */
  public boolean leads() {
    return duties.leads();
  }

  /**
   * Hands over to the other replicas: gives the lease back at once, is not ready any more and
   * serves on meanwhile, as not everybody has heard; then sends proxies away, ends what it has
   * begun, and ends.
   */
  @Override
  public void close() {
    ending.set(true);
    duties.close();
    try {
      linger.perform();
    } catch (InterruptedException atOnce) {
      Thread.currentThread().interrupt();
    }
    undo.forEach(Runnable::run);
  }

  private interface Linger {
    void perform() throws InterruptedException;
  }

  /**
   * Starts everything, or nothing.
   *
   * @param connection closed with it
   */
  public static KubernetesControlPlane start(
      ClusterConnection connection,
      KubernetesVariables told,
      PushSettings push,
      Leadership.Terms terms)
      throws ClusterException, IdentityException, IOException {
    return start(connection, told, push, terms, Thread::sleep);
  }

  /**
   * The same, with time of the caller's for the end.
   *
   * @param pause for which it lingers
   */
  public static KubernetesControlPlane start(
      ClusterConnection connection,
      KubernetesVariables told,
      PushSettings push,
      Leadership.Terms terms,
      Pause pause)
      throws ClusterException, IdentityException, IOException {
    Deque<Runnable> undo = new ArrayDeque<>();
    AtomicBoolean ending = new AtomicBoolean();
    undo.push(connection::close);
    try {
      InstantSource clock = InstantSource.system();
      CertificateAuthority authority =
          new ClusterAuthority(
                  connection.objects(),
                  told.namespace(),
                  told.trustDomain(),
                  CERTIFICATE_LIFETIME,
                  clock,
                  new SecureRandom())
              .open();
      LeaderDuties duties =
          new LeaderDuties(
              connection,
              new LeaderDuties.Affairs(
                  told.namespace(),
                  told.revision(),
                  told.replica(),
                  authority.trustBundlePem(),
                  new KeyList(told.runtimeKeys())::pem,
                  told.deploysGateways(),
                  terms),
              clock);
      undo.push(duties::close);
      List<X509Certificate> trust = authority.trustBundle();
      AtomicReference<InetSocketAddress> bound = new AtomicReference<>();
      Patching.Settings runtimes =
          new Patching.Settings(
              told.data().resolve("runtimes"),
              new KeyList(told.runtimeKeys())::keys,
              in ->
                  new ClusterOrders(
                      connection,
                      new ClusterOrders.Affairs(
                          told.namespace(),
                          told.revision(),
                          told.replica(),
                          () -> address(told, bound.get())),
                      in,
                      new BundleExchange(trust, in.identity(), clock),
                      duties::leads));
      AtomicReference<List<Located<? extends MeshResource>>> inForce =
          new AtomicReference<>(List.of());
      ControlPlane plane =
          ControlPlane.start(
              new ControlPlane.Settings(
                  connection.name(),
                  Version.current(),
                  told.trustDomain(),
                  told.grpc(),
                  told.query(),
                  new ControlPlane.ServerNames(
                      new SpiffeId(told.trustDomain(), told.namespace(), told.serviceAccount()),
                      told.dnsNames(),
                      told.addresses()),
                  CERTIFICATE_LIFETIME,
                  push),
              new ControlPlane.Foundations(
                  authority,
                  new ClusterTokens(
                      connection.reviews(), told.trustDomain(), told.namespace(), clock),
                  ClusterIntake.of(connection, told.trustDomain(), told.rootNamespace(), clock),
                  fresh -> {
                    inForce.set(fresh.mesh().resources());
                    duties.accept(fresh);
                  },
                  Optional.of(runtimes)),
              new ControlPlane.Surroundings(clock, Thread::sleep));
      bound.set(plane.grpcAddress());
      undo.push(plane::close);
      Optional<InjectionWebhook> webhook =
          ClusterAdmission.start(connection, told, plane.identity(), clock, inForce::get);
      webhook.ifPresent(server -> undo.push(server::close));
      HealthServer health =
          HealthServer.start(told.health(), () -> plane.isReady() && !ending.get());
      undo.push(health::close);
      return new KubernetesControlPlane(
          plane, duties, health, webhook, undo, ending, () -> pause.pause(told.linger()));
    } catch (ClusterException | IdentityException | IOException | RuntimeException failed) {
      undo.forEach(Runnable::run);
      throw failed;
    }
  }

  /** Where other replicas call this one. */
  private static String address(KubernetesVariables told, @Nullable InetSocketAddress bound) {
    if (bound == null) {
      return "";
    }
    String host = told.addresses().getFirst();
    return (host.contains(":") ? "[" + host + "]" : host) + ":" + bound.getPort();
  }
}
