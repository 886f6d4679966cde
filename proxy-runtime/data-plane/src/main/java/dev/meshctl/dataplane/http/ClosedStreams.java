package dev.meshctl.dataplane.http;

import io.netty.handler.codec.http2.Http2Connection;
import io.netty.handler.codec.http2.Http2ConnectionAdapter;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Stream;

/**
 * Remembers how the client's streams ended, so that a late frame is answered as RFC 9113 5.1 asks:
 * a stream that either side reset may still see frames that were under way; one that the client
 * itself ended, or passed over, may not. Both memories are bounded: the last {@value #RESETS}
 * resets and the last {@value #GAPS} gaps between stream identifiers.
 *
 * <p>Thread: confined to the loop of the connection.
 */
final class ClosedStreams extends Http2ConnectionAdapter {
  private static final int RESETS = 256;
  private static final int GAPS = 16;

  /** What a stream error is to become. */
  enum Verdict {
    /** As Netty says. */
    BELONGS_TO_STREAM,
    /** The client had ended its half: {@code STREAM_CLOSED} for the stream. */
    STREAM_ENDED,
    /** The stream is closed by the client's own end: {@code STREAM_CLOSED} for all. */
    CONNECTION_CLOSED_STREAM,
    /** An identifier below one that was used: {@code PROTOCOL_ERROR} for all. */
    CONNECTION_PROTOCOL
  }

  private final Http2Connection connection;
  private final Http2Connection.PropertyKey begun;
  private static final int[] NONE = new int[0];

  // Made when there is something to remember, which most connections never have.
  private int[] reset = NONE;
  private int[] gapFrom = NONE;
  private int[] gapTo = NONE;
  private int nextReset;
  private int nextGap;
  private int last = -1;

  ClosedStreams(Http2Connection connection) {
    this.connection = connection;
    this.begun = connection.newKey();
    if (connection.isServer()) {
      connection.addListener(this);
    }
  }

  /** The request of {@code stream} was taken. */
  void begun(Http2Stream stream) {
    stream.setProperty(begun, Boolean.TRUE);
  }

  /** The client reset {@code streamId}. */
  void resetByClient(int streamId) {
    remember(streamId);
  }

  private void remember(int streamId) {
    if (reset.length == 0) {
      reset = new int[RESETS];
    }
    reset[nextReset] = streamId;
    nextReset = (nextReset + 1) % RESETS;
  }

  @Override
  public void onStreamAdded(Http2Stream stream) {
    int id = stream.id();
    if ((id & 1) == 0) {
      return;
    }
    if (id > last + 2) {
      if (gapFrom.length == 0) {
        gapFrom = new int[GAPS];
        gapTo = new int[GAPS];
      }
      gapFrom[nextGap] = last + 2;
      gapTo[nextGap] = id;
      nextGap = (nextGap + 1) % GAPS;
    }
    last = Math.max(last, id);
  }

  @Override
  public void onStreamClosed(Http2Stream stream) {
    if (stream.isResetSent()) {
      remember(stream.id());
    }
  }

  /** What a frame for {@code streamId} that Netty answers with {@code error} deserves. */
  Verdict judge(int streamId, Http2Error error) {
    Http2Stream stream = connection.stream(streamId);
    if (stream != null) {
      boolean ended =
          stream.state() == Http2Stream.State.HALF_CLOSED_REMOTE
              && error == Http2Error.PROTOCOL_ERROR
              && stream.getProperty(begun) != null;
      return ended ? Verdict.STREAM_ENDED : Verdict.BELONGS_TO_STREAM;
    }
    if (error != Http2Error.STREAM_CLOSED
        || (streamId & 1) == 0
        || connection.goAwaySent()
        || wasReset(streamId)) {
      return Verdict.BELONGS_TO_STREAM;
    }
    return inGap(streamId) ? Verdict.CONNECTION_PROTOCOL : Verdict.CONNECTION_CLOSED_STREAM;
  }

  private boolean wasReset(int streamId) {
    for (int each : reset) {
      if (each == streamId) {
        return true;
      }
    }
    return false;
  }

  private boolean inGap(int streamId) {
    for (int i = 0; i < gapFrom.length; i++) {
      if (streamId >= gapFrom[i] && streamId < gapTo[i]) {
        return true;
      }
    }
    return false;
  }
}
