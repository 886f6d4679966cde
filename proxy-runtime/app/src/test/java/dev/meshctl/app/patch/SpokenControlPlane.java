package dev.meshctl.app.patch;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.meshctl.model.patch.RuntimeReport;
import dev.meshctl.model.patch.RuntimeReport.Stage;
import dev.meshctl.model.wire.RuntimeReportCodec;
import dev.meshctl.model.wire.runtime.BundleServiceGrpc;
import dev.meshctl.model.wire.runtime.FetchChunk;
import dev.meshctl.model.wire.runtime.FetchRequest;
import dev.meshctl.model.wire.runtime.ReportAck;
import dev.meshctl.net.retry.Pause;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** Gives out bundles and keeps what it is told, over real gRPC. */
final class SpokenControlPlane extends BundleServiceGrpc.BundleServiceImplBase
    implements AutoCloseable {
  private static final long PATIENCE_SECONDS = 20;

  private final Map<String, byte[]> bundles = new ConcurrentHashMap<>();
  private final BlockingQueue<RuntimeReport> reports = new LinkedBlockingQueue<>();
  private final List<AutoCloseable> open = new ArrayList<>();
  private volatile Consumer<String> asked = digest -> {};
  private int port;

  static SpokenControlPlane serve() throws IOException {
    SpokenControlPlane plane = new SpokenControlPlane();
    Server server =
        NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .addService(plane)
            .build()
            .start();
    plane.open.add(server::shutdownNow);
    plane.port = server.getPort();
    return plane;
  }

  /** As a proxy has it. */
  BundleClient client(Pause pause) {
    ManagedChannel channel =
        NettyChannelBuilder.forAddress(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), port))
            .usePlaintext()
            .build();
    open.add(channel::shutdownNow);
    return new BundleClient(channel, pause, new Random(7));
  }

  void has(String digest, byte[] bundle) {
    bundles.put(digest, bundle);
  }

  /** What happens when a bundle is asked for, before it is given. */
  void whenAsked(Consumer<String> then) {
    asked = then;
  }

  @Override
  public void fetch(FetchRequest request, StreamObserver<FetchChunk> out) {
    asked.accept(request.getDigest());
    byte[] bundle = bundles.get(request.getDigest());
    if (bundle == null) {
      out.onError(Status.NOT_FOUND.withDescription("it is not here").asRuntimeException());
      return;
    }
    int offset = (int) request.getOffset();
    out.onNext(
        FetchChunk.newBuilder()
            .setTotalBytes(bundle.length)
            .setOffset(offset)
            .setData(ByteString.copyFrom(bundle, offset, bundle.length - offset))
            .build());
    out.onCompleted();
  }

  @Override
  public void report(
      dev.meshctl.model.wire.runtime.RuntimeReport request, StreamObserver<ReportAck> out) {
    reports.add(RuntimeReportCodec.decode(request));
    out.onNext(ReportAck.getDefaultInstance());
    out.onCompleted();
  }

  /** All that is reported until a proxy is at a stage of an order; that is the last. */
  List<RuntimeReport> until(Stage stage, long generation) throws InterruptedException {
    List<RuntimeReport> all = new ArrayList<>();
    while (true) {
      RuntimeReport next = reports.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
      assertThat(next).as("%s of %s was reported, after %s", stage, generation, all).isNotNull();
      all.add(next);
      if (next.stage() == stage && next.generation() == generation) {
        return all;
      }
    }
  }

  @Override
  public void close() throws Exception {
    for (AutoCloseable each : open.reversed()) {
      each.close();
    }
  }
}
