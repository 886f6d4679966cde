package dev.meshctl.model.wire;

import dev.meshctl.model.wire.runtime.BundleServiceGrpc;
import dev.meshctl.model.wire.runtime.FetchChunk;
import dev.meshctl.model.wire.runtime.FetchRequest;
import io.grpc.Channel;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Iterator;
import java.util.concurrent.TimeUnit;

/**
 * A bundle's bytes as a control plane sends them, to proxies and to replicas of its own.
 *
 * <p>Source: {@code meshctl.runtime.v1.BundleService/Fetch}. Thread: any that may block.
 */
public final class BundleChunks {
  private BundleChunks() {}

  /** How many bytes are here, so where to go on. */
  @FunctionalInterface
  public interface Offset {
    long bytes() throws IOException;
  }

  /** Copies bytes to the end of what is here. */
  @FunctionalInterface
  public interface End {
    void append(ByteBuffer bytes) throws IOException;
  }

  /**
   * Brings all that is lacking.
   *
   * @param limit of the whole; what came before it stays
   * @throws StatusRuntimeException where the stream was refused, or cut off
   * @throws IOException where the bytes are not those that follow, or do not find room
   */
  public static void fetch(Channel from, String digest, Duration limit, Offset here, End end)
      throws IOException {
    Iterator<FetchChunk> chunks =
        BundleServiceGrpc.newBlockingStub(from)
            .withDeadlineAfter(limit.toMillis(), TimeUnit.MILLISECONDS)
            .fetch(FetchRequest.newBuilder().setDigest(digest).setOffset(here.bytes()).build());
    while (chunks.hasNext()) {
      FetchChunk chunk = chunks.next();
      if (chunk.getOffset() != here.bytes()) {
        throw new IOException(
            "bundle %s: bytes from %d came (expected: from %d)"
                .formatted(digest, chunk.getOffset(), here.bytes()));
      }
      end.append(chunk.getData().asReadOnlyByteBuffer());
    }
  }
}
