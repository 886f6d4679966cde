package dev.meshctl.dataplane.http;

import dev.meshctl.dataplane.http.UpstreamStream.Listener;
import dev.meshctl.dataplane.http.UpstreamStream.Reset;
import dev.meshctl.model.match.Bytes;
import dev.meshctl.model.xds.HttpLimits;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.Http2Connection;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2EventAdapter;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2Stream;
import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * An upstream's HTTP/2 connection: many exchanges at a time.
 *
 * <p>Thread: confined to the loop of the connection.
 */
public final class Http2Client extends Http2EventAdapter {

  /** Who keeps the connection. */
  public interface Owner {
    /** An exchange ended: there may be room for another. */
    void streamEnded(Http2Client connection);

    /** Takes no new exchange any more; those under way go on. Told once. */
    void retired(Http2Client connection);

    /** Told once, when the connection is gone; {@link #retired} came before. */
    void closed(Http2Client connection);

    /** The host has said what it can: {@link #upgrades} is known now. Told once. */
    void settled(Http2Client connection);
  }

  /** Whether the host takes extended CONNECT (RFC 8441). */
  public enum Upgrades {
    /** It has not said yet. */
    UNKNOWN,
    TAKEN,
    NOT_TAKEN
  }

  private final LoopResources resources;
  private final Owner owner;
  private final HttpLimits limits;
  private final Http2Frames frames;
  private final Http2Connection.PropertyKey key;
  private int active;
  private int started;
  private int lastKnownStream = Integer.MAX_VALUE;
  private boolean retired;
  private boolean gone;
  private final long bornNanos = System.nanoTime();
  private long idleSinceNanos = bornNanos;
  private Upgrades upgrades = Upgrades.UNKNOWN;

  public Http2Client(LoopResources resources, Owner owner, HttpLimits limits) {
    this.resources = resources;
    this.owner = owner;
    this.limits = limits;
    this.frames = Http2Frames.client(resources, this, limits);
    this.key = frames.connection().newKey();
    frames.encoder().flowController().listener(this::writabilityChanged);
  }

  /** To be put into the pipeline. */
  public ChannelHandler handler() {
    return frames;
  }

  /** Another exchange may start. */
  public boolean hasRoom() {
    return !retired
        && active
            < Math.min(limits.http2().streams(), frames.connection().local().maxActiveStreams())
        && frames.context().channel().isActive();
  }

  public int active() {
    return active;
  }

  public long bornNanos() {
    return bornNanos;
  }

  public Upgrades upgrades() {
    return upgrades;
  }

  @Override
  public void onSettingsRead(ChannelHandlerContext ctx, Http2Settings told) {
    boolean first = upgrades == Upgrades.UNKNOWN;
    boolean taken = Boolean.TRUE.equals(told.connectProtocolEnabled());
    if (taken || first) {
      upgrades = taken ? Upgrades.TAKEN : Upgrades.NOT_TAKEN;
    }
    if (first) {
      owner.settled(this);
    }
  }

  public long idleSinceNanos() {
    return idleSinceNanos;
  }

  public UpstreamStream start(Listener listener) {
    active++;
    started++;
    ClientStream stream = new ClientStream(listener, started > 1);
    if (limits.requests() > 0 && started >= limits.requests()) {
      retire();
    }
    return stream;
  }

  /** Closes once its exchanges have ended. */
  public void close() {
    retire();
    if (active == 0) {
      frames.shutDown();
    }
  }

  private void retire() {
    if (!retired) {
      retired = true;
      owner.retired(this);
    }
  }

  private void writabilityChanged(Http2Stream stream) {
    ClientStream exchange = stream.getProperty(key);
    if (exchange != null && exchange.listener != null && frames.writable(stream)) {
      exchange.listener.upstreamWritable();
    }
  }

  // ---- frames

  @Override
  public void onHeadersRead(
      ChannelHandlerContext ctx,
      int streamId,
      Http2Headers headers,
      int streamDependency,
      short weight,
      boolean exclusive,
      int padding,
      boolean endOfStream)
      throws Http2Exception {
    onHeadersRead(ctx, streamId, headers, padding, endOfStream);
  }

  @Override
  public void onHeadersRead(
      ChannelHandlerContext ctx,
      int streamId,
      Http2Headers headers,
      int padding,
      boolean endOfStream)
      throws Http2Exception {
    ClientStream exchange = exchange(streamId);
    if (exchange == null) {
      return;
    }
    try {
      if (exchange.responded) {
        HeaderBlock trailers = new HeaderBlock();
        Http2Heads.readTrailers(headers, trailers, limits.fields());
        exchange.responseTrailers(trailers);
      } else {
        ResponseHead head = resources.responseHead();
        try {
          Http2Heads.read(headers, head, limits.fields());
          exchange.response(head, endOfStream);
        } finally {
          resources.release(head);
        }
      }
    } catch (Malformed.Exception e) {
      exchange.end(Reset.PROTOCOL_ERROR);
      throw Http2Exception.streamError(
          streamId, Http2Error.PROTOCOL_ERROR, "malformed response: %s", e.malformed());
    }
  }

  private @Nullable ClientStream exchange(int streamId) {
    Http2Stream stream = frames.connection().stream(streamId);
    return stream == null ? null : stream.getProperty(key);
  }

  @Override
  public int onDataRead(
      ChannelHandlerContext ctx, int streamId, ByteBuf data, int padding, boolean endOfStream) {
    int bytes = data.readableBytes() + padding;
    ClientStream exchange = exchange(streamId);
    return exchange == null ? bytes : exchange.responseData(data, bytes, endOfStream);
  }

  @Override
  public void onRstStreamRead(ChannelHandlerContext ctx, int streamId, long errorCode) {
    ClientStream exchange = exchange(streamId);
    if (exchange != null) {
      exchange.end(errorCode == Http2Error.REFUSED_STREAM.code() ? Reset.REFUSED : Reset.RESET);
    }
  }

  @Override
  public void onGoAwayReceived(int lastStreamId, long errorCode, ByteBuf debugData) {
    lastKnownStream = lastStreamId;
    retire();
    if (active == 0) {
      frames.shutDown();
    }
  }

  @Override
  public void onStreamClosed(Http2Stream stream) {
    ClientStream exchange = stream.removeProperty(key);
    if (exchange != null) {
      exchange.end(stream.id() > lastKnownStream ? Reset.REFUSED : Reset.CONNECTION_CLOSED);
      exchange.released();
    }
  }

  /** Told by the pool's handler behind ours in the pipeline. */
  public void inactive() {
    retire();
    if (!gone) {
      gone = true;
      owner.closed(this);
    }
  }

  /** One exchange. */
  private final class ClientStream implements UpstreamStream {
    private final boolean reused;
    private @Nullable Listener listener;
    private @Nullable Http2Stream stream;
    private boolean responded;
    private boolean requestEnded;
    private boolean released;
    private boolean paused;
    private int unconsumed;

    /** What the request asked to speak instead of HTTP; empty for nothing. */
    private String protocol = "";

    private String webSocketKey = "";

    ClientStream(Listener listener, boolean reused) {
      this.listener = listener;
      this.reused = reused;
    }

    void response(ResponseHead head, boolean end) {
      Listener to = listener;
      if (to == null) {
        return;
      }
      if (head.status() < 200) {
        if (head.status() != 100) {
          to.informational(head);
        }
        return;
      }
      responded = true;
      if (end) {
        listener = null;
      }
      if (!protocol.isEmpty() && head.status() / 100 == 2) {
        upgraded(head);
      }
      to.response(head, end);
      finish(end);
    }

    /** As HTTP/1.1 says yes. */
    private void upgraded(ResponseHead head) {
      head.status(101);
      head.removeId(HeaderId.CONTENT_LENGTH);
      head.add("upgrade", protocol);
      if (!webSocketKey.isEmpty() && head.value(WebSocketKeys.ACCEPT) == null) {
        head.add(WebSocketKeys.ACCEPT, WebSocketKeys.accept(webSocketKey));
      }
    }

    int responseData(ByteBuf data, int bytes, boolean end) {
      Listener to = listener;
      if (to == null) {
        return bytes;
      }
      if (end) {
        listener = null;
      }
      to.responseData(data.retainedSlice(), end);
      finish(end);
      if (paused && !end) {
        unconsumed += bytes;
        return 0;
      }
      return bytes;
    }

    void responseTrailers(HeaderBlock block) {
      Listener to = listener;
      listener = null;
      if (to != null) {
        to.responseTrailers(block);
      }
      finish(true);
    }

    /** The response is complete: a request that is not is not wanted any more. */
    private void finish(boolean end) {
      if (end && !requestEnded) {
        resetStream(Http2Error.NO_ERROR);
      }
    }

    void end(Reset reset) {
      Listener to = listener;
      listener = null;
      if (to != null) {
        to.upstreamGone(reset);
      }
    }

    void released() {
      if (!released) {
        released = true;
        active--;
        idleSinceNanos = System.nanoTime();
        owner.streamEnded(Http2Client.this);
        if (retired && active == 0) {
          frames.shutDown();
        }
      }
    }

    @Override
    public void request(RequestHead head, boolean end) {
      int id = frames.connection().local().incrementAndGetNextStreamId();
      if (id < 0) {
        // All numbers are used up: the pool opens another connection.
        retire();
        end(Reset.REFUSED);
        released();
        return;
      }
      requestEnded = end;
      if (head.upgrade()) {
        protocol = text(head.value("upgrade"));
        webSocketKey = text(head.value(WebSocketKeys.KEY));
      }
      frames.writeHeaders(id, Http2Heads.write(head), end);
      Http2Stream opened = frames.connection().stream(id);
      if (opened == null) {
        end(Reset.REFUSED);
        released();
        return;
      }
      stream = opened;
      opened.setProperty(key, this);
    }

    private static String text(@Nullable Bytes value) {
      return value == null ? "" : value.toString();
    }

    @Override
    public void data(ByteBuf data, boolean end) {
      Http2Stream to = stream;
      if (to == null || requestEnded || released) {
        data.release();
        return;
      }
      requestEnded = end;
      frames.writeData(to.id(), data, end);
    }

    @Override
    public void trailers(HeaderBlock block) {
      Http2Stream to = stream;
      if (to != null && !requestEnded && !released) {
        requestEnded = true;
        frames.writeHeaders(to.id(), Http2Heads.writeTrailers(block), true);
      }
    }

    @Override
    public void abort() {
      listener = null;
      if (stream == null) {
        released();
      } else {
        resetStream(Http2Error.CANCEL);
      }
    }

    private void resetStream(Http2Error error) {
      Http2Stream to = stream;
      if (to != null && !released) {
        frames.reset(to.id(), error);
      }
    }

    @Override
    public boolean writable() {
      Http2Stream to = stream;
      return to != null && frames.writable(to);
    }

    @Override
    public void readResponse(boolean on) {
      paused = !on;
      Http2Stream from = stream;
      if (on && unconsumed > 0 && from != null) {
        int bytes = unconsumed;
        unconsumed = 0;
        if (!released) {
          frames.consumed(from, bytes);
        }
      }
    }

    @Override
    public @Nullable SocketAddress localAddress() {
      return frames.context().channel().localAddress();
    }

    @Override
    public boolean reused() {
      return reused;
    }
  }
}
