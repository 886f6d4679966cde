package dev.meshctl.scale;

import dev.meshctl.app.ControlPlaneMain;
import dev.meshctl.app.config.ConfigFiles;
import dev.meshctl.app.config.ControlPlaneConfig;
import dev.meshctl.identity.CurrentIdentity;
import dev.meshctl.identity.GrpcTls;
import dev.meshctl.identity.GrpcTransport;
import dev.meshctl.identity.IdentityException;
import dev.meshctl.identity.Pem;
import dev.meshctl.identity.SpiffeId;
import dev.meshctl.identity.TokenIssuer;
import dev.meshctl.identity.WorkloadIdentity;
import dev.meshctl.net.loop.Loops;
import dev.meshctl.net.retry.Backoff;
import io.grpc.ManagedChannel;
import io.netty.handler.ssl.SslContext;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** A control plane as a process of its own, and the way to it for those who have a certificate. */
final class Plane implements AutoCloseable {
  private static final String TRUST_DOMAIN = "cluster.local";
  private static final Duration LIFETIME = Duration.ofHours(12);
  private static final long START_SECONDS = 120;

  private final Process process;
  private final Path log;
  private final Loops loops = Loops.start(1, "fleet");
  private final List<WorkloadIdentity> identities = new ArrayList<>();
  private final List<X509Certificate> trust;
  private final InetSocketAddress grpc;
  private final Map<String, SslContext> tls = new HashMap<>();

  Plane(Path folder, ScaleMesh mesh, String heap) throws Exception {
    TokenIssuer issuer = TokenIssuer.create(InstantSource.system());
    Path key = folder.resolve("issuer.jwk");
    issuer.writePublicKey(key);
    Path state = folder.resolve("state");
    grpc = new InetSocketAddress("127.0.0.1", freePort());
    Path config = folder.resolve("control-plane.json");
    Files.writeString(
        config,
        ConfigFiles.json(
            new ControlPlaneConfig(
                "scale",
                TRUST_DOMAIN,
                mesh.config().toString(),
                mesh.inventory().toString(),
                state.toString(),
                key.toString(),
                "127.0.0.1:" + grpc.getPort(),
                "127.0.0.1:" + freePort(),
                LIFETIME.toSeconds())));
    log = folder.resolve("control-plane.log");
    process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx" + heap,
                "-XX:+UseSerialGC",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-Dio.netty.leakDetection.level=disabled",
                "-cp",
                System.getProperty("java.class.path"),
                ControlPlaneMain.class.getName(),
                "--config",
                config.toString(),
                // Its standard input is our lifeline: it ends with us, however we end.
                "--lifeline")
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    Path bundle = state.resolve("root-cert.pem");
    awaitFile(bundle);
    trust = Pem.certificates(Files.readString(bundle));
    for (String namespace : mesh.namespaces()) {
      tls.put(namespace, identify(folder, issuer, namespace));
    }
  }

  private SslContext identify(Path folder, TokenIssuer issuer, String namespace) throws Exception {
    Path token = folder.resolve("token-" + namespace);
    SpiffeId own = new SpiffeId(TRUST_DOMAIN, namespace, ScaleMesh.ACCOUNT);
    TokenIssuer.writeToken(token, issuer.workloadToken(own, LIFETIME));
    CurrentIdentity current = new CurrentIdentity();
    CountDownLatch there = new CountDownLatch(1);
    identities.add(
        WorkloadIdentity.start(
            new WorkloadIdentity.Settings(own, "", token, Duration.ZERO, Backoff.RECONNECT),
            new WorkloadIdentity.Surroundings(
                InstantSource.system(), Thread::sleep, new SecureRandom()),
            new Channels(),
            current));
    current.subscribe(material -> there.countDown());
    if (!there.await(START_SECONDS, TimeUnit.SECONDS)) {
      throw new IllegalStateException("no certificate: " + Files.readString(log));
    }
    return GrpcTls.client(trust, Optional.of(current));
  }

  private final class Channels implements WorkloadIdentity.Channels {
    @Override
    public ManagedChannel anonymous() throws IdentityException {
      return channel(GrpcTls.client(trust, Optional.empty()));
    }

    @Override
    public ManagedChannel authenticated(CurrentIdentity own) throws IdentityException {
      return channel(GrpcTls.client(trust, Optional.of(own)));
    }
  }

  /** A connection of its own for a proxy of {@code namespace}, callbacks on the loop of all. */
  ManagedChannel channel(String namespace) {
    return channel(Objects.requireNonNull(tls.get(namespace)));
  }

  private ManagedChannel channel(SslContext with) {
    return GrpcTransport.channel(grpc, with, loops, Runnable::run);
  }

  private static int freePort() throws IOException {
    try (ServerSocket probe = new ServerSocket(0)) {
      return probe.getLocalPort();
    }
  }

  private void awaitFile(Path file) throws IOException, InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(START_SECONDS);
    while (!Files.exists(file)) {
      if (!process.isAlive() || System.nanoTime() - deadline > 0) {
        throw new IllegalStateException(
            "the control plane never started: " + Files.readString(log));
      }
      Thread.sleep(20);
    }
  }

  /** User and system time so far. */
  double cpuSeconds() {
    return process.info().totalCpuDuration().orElse(Duration.ZERO).toMillis() / 1000.0;
  }

  double rssMib() throws IOException {
    return Files.readAllLines(Path.of("/proc", Long.toString(process.pid()), "status")).stream()
            .filter(line -> line.startsWith("VmRSS:"))
            .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
            .sum()
        / 1024.0;
  }

  String log() throws IOException {
    return Files.readString(log);
  }

  @Override
  public void close() throws Exception {
    for (WorkloadIdentity identity : identities) {
      identity.close();
    }
    process.getOutputStream().close();
    if (!process.waitFor(10, TimeUnit.SECONDS)) {
      process.destroyForcibly().waitFor();
    }
    loops.close();
  }
}
