package dev.meshctl.controlplane.patch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.meshctl.bundle.BundleStore;
import dev.meshctl.bundle.BundleWriter;
import dev.meshctl.bundle.Manifest;
import dev.meshctl.bundle.SigningKey;
import dev.meshctl.bundle.TrustedKey;
import dev.meshctl.identity.Caller;
import dev.meshctl.identity.SpiffeId;
import dev.meshctl.model.patch.RuntimeReport;
import dev.meshctl.model.patch.RuntimeReport.Stage;
import dev.meshctl.model.wire.RuntimeReportCodec;
import dev.meshctl.model.wire.runtime.BundleServiceGrpc;
import dev.meshctl.model.wire.runtime.FetchChunk;
import dev.meshctl.model.wire.runtime.FetchRequest;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Over real gRPC; who calls is set by the test. */
class BundleTransferTest {
  private static final SpiffeId REVIEWS = new SpiffeId("cluster.local", "shop", "reviews");
  private static final SigningKey KEY = SigningKey.generate();
  private static final List<TrustedKey> TRUSTED = List.of(KEY.trusted());

  @TempDir Path folder = Path.of("");
  private final List<RuntimeReport> heard = new ArrayList<>();
  private final Running running = new Running();
  private boolean keeps = true;
  private volatile List<TrustedKey> trusted = TRUSTED;
  private volatile String coming = "c".repeat(64);

  private Caller caller = new Caller.Peer(REVIEWS);
  private String digest = "";

  /** Server and client, until the test ends. */
  private static final class Running {
    @org.jspecify.annotations.Nullable Server server;
    @org.jspecify.annotations.Nullable ManagedChannel channel;
    @org.jspecify.annotations.Nullable BundleShelf shelf;
  }

  private BundleShelf shelf() {
    return java.util.Objects.requireNonNull(running.shelf);
  }

  @BeforeEach
  void serve() throws IOException {
    BundleStore store = new BundleStore(folder.resolve("store"), InstantSource.system());
    digest = store.add(bundle(), TRUSTED).digest();
    BundleShelf shelf = new BundleShelf(store, () -> trusted, InstantSource.system());
    running.shelf = shelf;
    shelf.verify();
    BundleTransfer transfer =
        new BundleTransfer(
            shelf,
            asked -> asked.equals(coming),
            report -> {
              if (!keeps) {
                throw new IOException("the disk is full");
              }
              heard.add(report);
            },
            (proxy, identity) -> proxy.equals("sidecar~1") && identity.equals(REVIEWS));
    running.server =
        NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .intercept(new As())
            .addService(transfer)
            .build()
            .start();
    running.channel =
        NettyChannelBuilder.forAddress(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), running.server.getPort()))
            .usePlaintext()
            .build();
  }

  @AfterEach
  void stop() {
    if (running.channel != null) {
      running.channel.shutdownNow();
    }
    if (running.server != null) {
      running.server.shutdownNow();
    }
  }

  private final class As implements ServerInterceptor {
    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
        ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
      return Contexts.interceptCall(
          Context.current().withValue(Caller.KEY, caller), call, headers, next);
    }
  }

  /** One of a few megabytes that do not shrink. */
  private Path bundle() throws IOException {
    Path contents = Files.createDirectories(folder.resolve("contents/lib"));
    byte[] noise = new byte[3_000_000];
    new Random(7).nextBytes(noise);
    Files.write(contents.resolve("a.jar"), noise);
    Path file = folder.resolve("a.meshbundle");
    BundleWriter.write(
        folder.resolve("contents"),
        new BundleWriter.Description(
            "1.0", "", new Manifest.Requirements(25, "", "linux", "amd64"), 1, List.of()),
        KEY,
        file,
        path -> {});
    return file;
  }

  private BundleServiceGrpc.BundleServiceBlockingStub stub() {
    return BundleServiceGrpc.newBlockingStub(java.util.Objects.requireNonNull(running.channel));
  }

  private Iterator<FetchChunk> fetch(String address, long offset) {
    return stub().fetch(FetchRequest.newBuilder().setDigest(address).setOffset(offset).build());
  }

  private static Status.Code refusal(Callable<?> call) {
    return refused(call).getCode();
  }

  private static Status refused(Callable<?> call) {
    return catchThrowableOfType(StatusRuntimeException.class, call::call).getStatus();
  }

  @Test
  void one_that_may_come_by_itself_is_to_be_asked_for_again() {
    assertThat(refusal(() -> fetch(coming, 0).next())).isEqualTo(Status.Code.UNAVAILABLE);
    assertThat(refusal(() -> fetch("0".repeat(64), 0).next())).isEqualTo(Status.Code.NOT_FOUND);
  }

  @Test
  void a_bundle_that_is_cut_off_on_its_way_is_gone_on_with_and_verifies() throws IOException {
    BundleStore here = new BundleStore(folder.resolve("here"), InstantSource.system());
    int connections = 0;
    long size = Long.MAX_VALUE;
    try (BundleStore.Transfer transfer = here.incoming(digest)) {
      while (transfer.offset() < size) {
        connections++;
        long until = transfer.offset() + 700_000;
        Context.CancellableContext connection = Context.current().withCancellation();
        Context before = connection.attach();
        try {
          Iterator<FetchChunk> chunks = fetch(digest, transfer.offset());
          while (transfer.offset() < until && chunks.hasNext()) {
            FetchChunk chunk = chunks.next();
            assertThat(chunk.getOffset()).isEqualTo(transfer.offset());
            transfer.append(chunk.getData().asReadOnlyByteBuffer());
            size = chunk.getTotalBytes();
          }
        } finally {
          connection.detach(before);
          connection.cancel(null);
        }
      }
      transfer.finish(TRUSTED);
    }

    assertThat(connections).isGreaterThan(3);
    assertThat(here.open(digest, TRUSTED).manifest().version()).isEqualTo("1.0");
  }

  @Test
  void from_its_end_on_there_is_nothing_and_behind_it_is_out_of_range() throws IOException {
    long size = Files.size(folder.resolve("a.meshbundle"));

    assertThat(fetch(digest, size).hasNext()).isFalse();
    assertThat(refusal(() -> fetch(digest, size + 1).hasNext()))
        .isEqualTo(Status.Code.OUT_OF_RANGE);
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    fetch(digest, 0).forEachRemaining(chunk -> all.writeBytes(chunk.getData().toByteArray()));
    assertThat(folder.resolve("a.meshbundle")).hasBinaryContent(all.toByteArray());
  }

  @Test
  void what_is_not_here_or_is_no_address_is_refused() {
    assertThat(refusal(() -> fetch("00".repeat(32), 0).hasNext())).isEqualTo(Status.Code.NOT_FOUND);
    assertThat(refusal(() -> fetch("../../root-key", 0).hasNext()))
        .isEqualTo(Status.Code.INVALID_ARGUMENT);
  }

  @Test
  void nothing_is_given_out_that_was_not_verified_as_it_is() throws IOException {
    Path file = folder.resolve("store").resolve(digest + ".meshbundle");
    byte[] bytes = Files.readAllBytes(file);
    bytes[bytes.length - 1] ^= 1;
    Files.write(file, bytes);

    assertThat(refused(() -> fetch(digest, 0).hasNext()))
        .satisfies(status -> {
          assertThat(status.getCode()).as("ask again").isEqualTo(Status.Code.UNAVAILABLE);
          assertThat(status.getDescription())
              .isEqualTo("bundle " + digest + " is yet to be verified");
        });

    shelf().verify();

    assertThat(refused(() -> fetch(digest, 0).hasNext()))
        .satisfies(status -> {
          assertThat(status.getCode()).isEqualTo(Status.Code.NOT_FOUND);
          assertThat(status.getDescription())
              .startsWith("bundle " + digest + " is here and is bad: " + digest)
              .contains("lib/a.jar");
        });
    coming = digest;
    assertThat(refusal(() -> fetch(digest, 0).hasNext()))
        .as("a sound one may come from another replica")
        .isEqualTo(Status.Code.UNAVAILABLE);
  }

  @Test
  void a_bundle_whose_key_went_is_given_out_no_more_until_it_is_trusted_again() throws IOException {
    trusted = List.of(SigningKey.generate().trusted());

    assertThat(refusal(() -> fetch(digest, 0).hasNext())).isEqualTo(Status.Code.UNAVAILABLE);
    shelf().verify();
    assertThat(refusal(() -> fetch(digest, 0).hasNext())).isEqualTo(Status.Code.NOT_FOUND);

    trusted = TRUSTED;
    shelf().verify();
    assertThat(fetch(digest, 0).hasNext()).isTrue();
  }

  @Test
  void who_has_no_certificate_gets_nothing_and_says_nothing() {
    for (Caller each :
        List.of(new Caller.Anonymous("none"), new Caller.Bearer(REVIEWS), new Caller.Operator())) {
      caller = each;

      assertThat(refusal(() -> fetch(digest, 0).hasNext())).isEqualTo(Status.Code.UNAUTHENTICATED);
      assertThat(refusal(() -> stub().report(report("sidecar~1"))))
          .isEqualTo(Status.Code.UNAUTHENTICATED);
    }
  }

  @Test
  void a_proxy_reports_of_itself_and_of_nobody_else() {
    stub().report(report("sidecar~1"));

    assertThat(heard).extracting(RuntimeReport::proxyId).containsExactly("sidecar~1");
    assertThat(refusal(() -> stub().report(report("sidecar~2"))))
        .isEqualTo(Status.Code.PERMISSION_DENIED);
    caller = new Caller.Peer(new SpiffeId("cluster.local", "shop", "ratings"));
    assertThat(refusal(() -> stub().report(report("sidecar~1"))))
        .isEqualTo(Status.Code.PERMISSION_DENIED);
    assertThat(heard).hasSize(1);
  }

  @Test
  void a_report_that_cannot_be_kept_is_to_be_said_again() {
    keeps = false;

    assertThat(refusal(() -> stub().report(report("sidecar~1"))))
        .isEqualTo(Status.Code.UNAVAILABLE);
  }

  private static dev.meshctl.model.wire.runtime.RuntimeReport report(String proxy) {
    return RuntimeReportCodec.encode(
        new RuntimeReport(proxy, 1, Stage.STARTING, "1.0", "", "", 0, Duration.ofSeconds(1)));
  }
}
