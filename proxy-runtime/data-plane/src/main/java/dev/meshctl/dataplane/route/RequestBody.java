package dev.meshctl.dataplane.route;

import dev.meshctl.dataplane.http.Downstream;
import dev.meshctl.dataplane.http.HeaderBlock;
import dev.meshctl.dataplane.http.UpstreamStream;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A request's body on its way: held while no stream is there to take it, kept for another try up to
 * {@value #REPLAY_BYTES} bytes, copied to mirrors.
 *
 * <p>Thread: confined to the loop of the connection.
 */
final class RequestBody {
  /** A longer body is not sent again; while it waits, no more than this is read. */
  static final int REPLAY_BYTES = 64 * 1024;

  private final Downstream downstream;
  private final List<ByteBuf> held = new ArrayList<>(2);
  private final List<MirrorCopy> mirrors = new ArrayList<>(0);
  private @Nullable HeaderBlock trailers;
  private @Nullable UpstreamStream to;
  private int heldBytes;
  private boolean keep;

  /** Bytes went out that are held no more. */
  private boolean lost;

  private boolean ended;
  private boolean paused;

  RequestBody(Downstream downstream, boolean ended) {
    this.downstream = downstream;
    this.ended = ended;
  }

  void mirrorTo(MirrorCopy mirror) {
    mirrors.add(mirror);
  }

  /** Keeps what is sent, for another try. */
  void keep() {
    keep = true;
  }

  /** No further try: what was kept goes. */
  void keepNoMore() {
    keep = false;
    if (to != null) {
      lost |= heldBytes > 0;
      release();
    }
  }

  /** All that was ever read can be sent (again). */
  boolean replayable() {
    return !lost;
  }

  boolean ended() {
    return ended;
  }

  /** Nothing follows the head. */
  boolean endsWithHead() {
    return ended && held.isEmpty() && trailers == null;
  }

  /** Takes {@code data}. */
  void data(ByteBuf data, boolean end) {
    ended |= end;
    for (int i = 0; i < mirrors.size(); i++) {
      mirrors.get(i).data(data.retainedDuplicate(), end);
    }
    UpstreamStream stream = to;
    if (stream == null) {
      hold(data);
      if (heldBytes > REPLAY_BYTES) {
        pause();
      }
      return;
    }
    if (keep && heldBytes + data.readableBytes() <= REPLAY_BYTES) {
      hold(data.retainedDuplicate());
    } else {
      lost = true;
      keepNoMore();
    }
    stream.data(data, end);
    if (!end && !stream.writable()) {
      pause();
    }
  }

  private void hold(ByteBuf data) {
    heldBytes += data.readableBytes();
    held.add(data);
  }

  /** Borrows {@code block}. */
  void trailers(HeaderBlock block) {
    ended = true;
    for (int i = 0; i < mirrors.size(); i++) {
      mirrors.get(i).trailers(block);
    }
    UpstreamStream stream = to;
    if (stream == null || keep) {
      HeaderBlock copy = new HeaderBlock();
      copy.addAll(block);
      trailers = copy;
    }
    if (stream != null) {
      stream.trailers(block);
    }
  }

  private void pause() {
    if (!paused) {
      paused = true;
      downstream.readRequest(false);
    }
  }

  /** The stream takes more. */
  void writable() {
    if (paused) {
      paused = false;
      downstream.readRequest(true);
    }
  }

  /** No stream any more: what comes is held. */
  void detach() {
    to = null;
  }

  /** Sends what is held, and all that comes, to {@code stream}, whose head is out. */
  void attach(UpstreamStream stream) {
    to = stream;
    HeaderBlock last = trailers;
    boolean endsWithData = ended && last == null;
    keep &= heldBytes <= REPLAY_BYTES;
    List<ByteBuf> now = List.copyOf(held);
    if (keep) {
      now.forEach(ByteBuf::retain);
    } else {
      lost |= heldBytes > 0;
      held.clear();
      heldBytes = 0;
    }
    for (int i = 0; i < now.size(); i++) {
      ByteBuf data = keep ? now.get(i).duplicate() : now.get(i);
      if (to == stream) {
        stream.data(data, endsWithData && i == now.size() - 1);
      } else {
        data.release();
      }
    }
    if (to == stream && last != null) {
      stream.trailers(last);
    }
    if (to == stream && !ended) {
      if (stream.writable()) {
        writable();
      } else {
        pause();
      }
    }
  }

  private void release() {
    held.forEach(ByteBuf::release);
    held.clear();
    heldBytes = 0;
  }

  void end() {
    to = null;
    release();
    for (int i = 0; i < mirrors.size(); i++) {
      mirrors.get(i).requestGone(ended);
    }
  }
}
