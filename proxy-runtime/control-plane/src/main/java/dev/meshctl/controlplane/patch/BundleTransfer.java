package dev.meshctl.controlplane.patch;

import com.google.protobuf.ByteString;
import dev.meshctl.controlplane.patch.BundleShelf.Offer;
import dev.meshctl.identity.Caller;
import dev.meshctl.identity.SpiffeId;
import dev.meshctl.model.patch.RuntimeReport;
import dev.meshctl.model.wire.RuntimeReportCodec;
import dev.meshctl.model.wire.runtime.BundleServiceGrpc;
import dev.meshctl.model.wire.runtime.FetchChunk;
import dev.meshctl.model.wire.runtime.FetchRequest;
import dev.meshctl.model.wire.runtime.ReportAck;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.function.BiPredicate;
import java.util.function.Predicate;

/**
 * {@code meshctl.runtime.v1.BundleService}. A caller needs a certificate; it may fetch any bundle
 * that was verified, which are no secrets, and report of proxies that are its own only.
 *
 * <p>Thread: gRPC's; a chunk is read when the peer has room for it, so a slow one holds no memory.
 */
public final class BundleTransfer extends BundleServiceGrpc.BundleServiceImplBase {
  private static final int CHUNK_BYTES = 64 << 10;

  private final BundleShelf shelf;
  private final Predicate<String> mayCome;
  private final Reports reports;
  private final BiPredicate<String, SpiffeId> owns;

  /** Where reports go. */
  @FunctionalInterface
  public interface Reports {
    /**
     * @throws IOException where it cannot be kept; the proxy says it again
     */
    void reported(RuntimeReport report) throws IOException;
  }

  /**
   * @param mayCome whether a bundle that is not here may come by itself
   * @param owns whether a proxy's id is that of a proxy with this identity
   */
  public BundleTransfer(
      BundleShelf shelf,
      Predicate<String> mayCome,
      Reports reports,
      BiPredicate<String, SpiffeId> owns) {
    this.shelf = shelf;
    this.mayCome = mayCome;
    this.reports = reports;
    this.owns = owns;
  }

  @Override
  public void fetch(FetchRequest request, StreamObserver<FetchChunk> out) {
    if (!(Caller.current() instanceof Caller.Peer)) {
      out.onError(unauthenticated("a bundle").asRuntimeException());
      return;
    }
    Offer offer;
    try {
      offer = shelf.offer(request.getDigest());
    } catch (IllegalArgumentException notOne) {
      out.onError(
          Status.INVALID_ARGUMENT.withDescription(notOne.getMessage()).asRuntimeException());
      return;
    } catch (IOException unreadable) {
      out.onError(unavailable(unreadable).asRuntimeException());
      return;
    }
    String named = "bundle " + request.getDigest();
    switch (offer) {
      case Offer.Given(Path file) ->
          send(file, request.getOffset(), (ServerCallStreamObserver<FetchChunk>) out);
      // Whoever asks asks again.
      case Offer.Unverified unverified ->
          out.onError(
              Status.UNAVAILABLE
                  .withDescription(named + " is yet to be verified")
                  .asRuntimeException());
      case Offer.Bad bad ->
          out.onError(
              missing(request.getDigest())
                  .withDescription(named + " is here and is bad: " + bad.why())
                  .asRuntimeException());
      case Offer.Absent absent ->
          out.onError(
              missing(request.getDigest())
                  .withDescription("no " + named + " is here")
                  .asRuntimeException());
    }
  }

  /** Of one that cannot be had here, now or ever. */
  private Status missing(String digest) {
    return mayCome.test(digest) ? Status.UNAVAILABLE : Status.NOT_FOUND;
  }

  private static void send(Path file, long offset, ServerCallStreamObserver<FetchChunk> out) {
    FileChannel channel;
    try {
      channel = FileChannel.open(file);
      if (offset < 0 || offset > channel.size()) {
        out.onError(
            Status.OUT_OF_RANGE
                .withDescription("offset: " + offset + " (expected: 0 to " + channel.size() + ")")
                .asRuntimeException());
        channel.close();
        return;
      }
    } catch (IOException unreadable) {
      out.onError(unavailable(unreadable).asRuntimeException());
      return;
    }
    Sending sending = new Sending(channel, offset, out);
    out.setOnCancelHandler(sending::close);
    out.setOnReadyHandler(sending::more);
    // What is ready already is not told again.
    sending.more();
  }

  /** One file on its way to one peer. */
  private static final class Sending {
    private final FileChannel channel;
    private final ServerCallStreamObserver<FetchChunk> out;
    private long at;
    private boolean ended;

    Sending(FileChannel channel, long at, ServerCallStreamObserver<FetchChunk> out) {
      this.channel = channel;
      this.at = at;
      this.out = out;
    }

    synchronized void more() {
      try {
        while (!ended && out.isReady()) {
          ByteBuffer chunk = ByteBuffer.allocate(CHUNK_BYTES);
          int read = channel.read(chunk, at);
          if (read < 0) {
            close();
            out.onCompleted();
            return;
          }
          out.onNext(
              FetchChunk.newBuilder()
                  .setTotalBytes(channel.size())
                  .setOffset(at)
                  .setData(ByteString.copyFrom(chunk.flip()))
                  .build());
          at += read;
        }
      } catch (IOException unreadable) {
        close();
        out.onError(unavailable(unreadable).asRuntimeException());
      }
    }

    synchronized void close() {
      ended = true;
      try {
        channel.close();
      } catch (IOException whatever) {
        // It was only read.
      }
    }
  }

  @Override
  public void report(
      dev.meshctl.model.wire.runtime.RuntimeReport request, StreamObserver<ReportAck> out) {
    if (!(Caller.current() instanceof Caller.Peer(SpiffeId identity))) {
      out.onError(unauthenticated("a report").asRuntimeException());
      return;
    }
    if (!owns.test(request.getProxyId(), identity)) {
      out.onError(
          Status.PERMISSION_DENIED
              .withDescription(request.getProxyId() + " is no connected proxy of " + identity)
              .asRuntimeException());
      return;
    }
    try {
      reports.reported(RuntimeReportCodec.decode(request));
    } catch (IllegalArgumentException contradictory) {
      out.onError(
          Status.INVALID_ARGUMENT.withDescription(contradictory.getMessage()).asRuntimeException());
      return;
    } catch (IOException notKept) {
      out.onError(unavailable(notKept).asRuntimeException());
      return;
    }
    out.onNext(ReportAck.getDefaultInstance());
    out.onCompleted();
  }

  private static Status unauthenticated(String what) {
    return Status.UNAUTHENTICATED.withDescription(what + " needs the workload's certificate");
  }

  private static Status unavailable(IOException failed) {
    return Status.UNAVAILABLE.withDescription(failed.getMessage());
  }
}
