package dev.meshctl.integration.supervisor;

import com.google.protobuf.ByteString;
import dev.meshctl.controlplane.serve.AdsService;
import dev.meshctl.controlplane.serve.ProxySessions;
import dev.meshctl.controlplane.serve.encoded.MeshSnapshots;
import dev.meshctl.identity.Caller;
import dev.meshctl.identity.CertificateAuthority;
import dev.meshctl.identity.CertificateService;
import dev.meshctl.identity.CurrentIdentity;
import dev.meshctl.identity.GrpcTls;
import dev.meshctl.identity.GrpcTransport;
import dev.meshctl.identity.SpiffeId;
import dev.meshctl.identity.TokenIssuer;
import dev.meshctl.identity.TokenVerifier;
import dev.meshctl.model.patch.RuntimeReport;
import dev.meshctl.model.patch.RuntimeReport.Stage;
import dev.meshctl.model.wire.RuntimeReportCodec;
import dev.meshctl.model.wire.runtime.BundleServiceGrpc;
import dev.meshctl.model.wire.runtime.FetchChunk;
import dev.meshctl.model.wire.runtime.FetchRequest;
import dev.meshctl.model.wire.runtime.ReportAck;
import dev.meshctl.model.xds.ResourceType;
import dev.meshctl.model.xds.RuntimeOrder;
import dev.meshctl.model.xds.SnapshotLayers;
import dev.meshctl.model.xds.XdsResource;
import dev.meshctl.model.xds.XdsSnapshot;
import dev.meshctl.net.loop.Loops;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * What a proxy needs of a control plane, of the real parts: certificates, xDS, bundles; it orders
 * what a test says, and keeps what is reported. It can be killed and come back at its port.
 */
final class OrderingControlPlane implements AutoCloseable {
  private static final Duration LIFETIME = Duration.ofHours(1);
  private static final int CHUNK = 64 * 1024;

  private final Path folder;
  private final CertificateAuthority authority;
  private final CurrentIdentity identity = new CurrentIdentity();
  private final TokenIssuer issuer = TokenIssuer.create(InstantSource.system());
  private final List<RuntimeReport> reports = new CopyOnWriteArrayList<>();
  private final Map<String, Path> bundles = new ConcurrentHashMap<>();
  private final AtomicInteger cuts = new AtomicInteger();
  private final AtomicInteger fetches = new AtomicInteger();
  private XdsSnapshot mesh = XdsSnapshot.EMPTY;
  private Optional<RuntimeOrder> order = Optional.empty();
  private long generation;
  private int port;
  private Running running;

  private record Running(
      Server server,
      Loops loops,
      ExecutorService threads,
      MeshSnapshots snapshots,
      ProxySessions sessions) {}

  OrderingControlPlane(Path folder) throws Exception {
    this.folder = Files.createDirectories(folder);
    this.authority =
        CertificateAuthority.open(
            new CertificateAuthority.Settings("cluster.local", folder.resolve("ca"), LIFETIME),
            InstantSource.system(),
            new SecureRandom());
    Files.writeString(trustBundle(), authority.trustBundlePem());
    issuer.writePublicKey(folder.resolve("issuer.jwk"));
    identity.publish(
        authority.serverIdentity(
            new SpiffeId("cluster.local", "istio-system", "istiod"),
            List.of("localhost", "istiod.istio-system.svc"),
            List.of("127.0.0.1")));
    running = begin();
    publish();
  }

  void start() throws Exception {
    running = begin();
    publish();
  }

  private Running begin() throws Exception {
    MeshSnapshots snapshots = new MeshSnapshots(authority.trustBundlePem());
    ProxySessions sessions = new ProxySessions(snapshots, InstantSource.system());
    Loops loops = Loops.start(1, "ordering");
    ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    Server server =
        GrpcTransport.server(
                new InetSocketAddress("127.0.0.1", port),
                GrpcTls.server(identity, authority.trustBundle()),
                loops,
                threads)
            .intercept(
                Caller.interceptor(
                    new TokenVerifier(folder.resolve("issuer.jwk"), InstantSource.system())))
            .addService(new AdsService(sessions))
            .addService(new CertificateService(authority))
            .addService(new Bundles())
            .build()
            .start();
    port = server.getPort();
    return new Running(server, loops, threads, snapshots, sessions);
  }

  void kill() throws InterruptedException {
    running.sessions.close();
    running.server.shutdownNow().awaitTermination();
    running.threads.shutdownNow();
    running.loops.close();
  }

  Path trustBundle() {
    return folder.resolve("root-cert.pem");
  }

  String address() {
    return "127.0.0.1:" + port;
  }

  Path token(String namespace, String account) throws IOException {
    Path file = folder.resolve("token");
    TokenIssuer.writeToken(
        file, issuer.workloadToken(new SpiffeId("cluster.local", namespace, account), LIFETIME));
    return file;
  }

  void tell(XdsSnapshot snapshot) {
    mesh = snapshot;
    publish();
  }

  void order(RuntimeOrder next) {
    order = Optional.of(next);
    publish();
  }

  void has(String digest, Path file) {
    bundles.put(digest, file);
  }

  /** So many of the next fetches end after one chunk. */
  void cut(int times) {
    cuts.set(times);
  }

  int fetches() {
    return fetches.get();
  }

  private void publish() {
    Map<ResourceType, Map<String, XdsResource>> all = new EnumMap<>(ResourceType.class);
    all.putAll(mesh.resources());
    order.ifPresent(each -> all.put(ResourceType.RUNTIME, Map.of(RuntimeOrder.NAME, each)));
    XdsSnapshot whole = new XdsSnapshot(all);
    running.snapshots.publish(++generation, node -> SnapshotLayers.alone(whole));
    running.sessions.changed();
  }

  List<RuntimeReport> reports() {
    return List.copyOf(reports);
  }

  /** Of the order of this generation, each stage once, in the order in which they were reported. */
  List<Stage> stages(long of) {
    return reports.stream()
        .filter(report -> report.generation() == of)
        .map(RuntimeReport::stage)
        .distinct()
        .toList();
  }

  private final class Bundles extends BundleServiceGrpc.BundleServiceImplBase {
    @Override
    public void fetch(FetchRequest request, StreamObserver<FetchChunk> to) {
      fetches.incrementAndGet();
      Path file = bundles.get(request.getDigest());
      if (file == null) {
        to.onError(Status.NOT_FOUND.withDescription("no such bundle").asRuntimeException());
        return;
      }
      try {
        byte[] all = Files.readAllBytes(file);
        boolean cut = cuts.getAndUpdate(left -> Math.max(0, left - 1)) > 0;
        int size = cut ? Math.max(1, all.length / 5) : CHUNK;
        for (int at = (int) request.getOffset(); at < all.length; at += size) {
          int length = Math.min(size, all.length - at);
          to.onNext(
              FetchChunk.newBuilder()
                  .setTotalBytes(all.length)
                  .setOffset(at)
                  .setData(ByteString.copyFrom(all, at, length))
                  .build());
          if (cut) {
            to.onError(Status.UNAVAILABLE.withDescription("cut").asRuntimeException());
            return;
          }
        }
        to.onCompleted();
      } catch (IOException unreadable) {
        to.onError(Status.INTERNAL.withCause(unreadable).asRuntimeException());
      }
    }

    @Override
    public void report(
        dev.meshctl.model.wire.runtime.RuntimeReport report, StreamObserver<ReportAck> to) {
      reports.add(RuntimeReportCodec.decode(report));
      to.onNext(ReportAck.getDefaultInstance());
      to.onCompleted();
    }
  }

  @Override
  public void close() throws InterruptedException {
    kill();
  }
}
