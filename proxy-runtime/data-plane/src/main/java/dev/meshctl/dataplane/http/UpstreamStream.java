package dev.meshctl.dataplane.http;

import io.netty.buffer.ByteBuf;
import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * The upstream's side of one exchange: how the request is sent.
 *
 * <p>Thread: the loop of the connection.
 */
public interface UpstreamStream {
  /** Sends the head; borrows it. */
  void request(RequestHead head, boolean end);

  /** Takes {@code data}. */
  void data(ByteBuf data, boolean end);

  /** Ends the request; borrows {@code trailers}. */
  void trailers(HeaderBlock trailers);

  /** Ends the exchange at once; its listener hears nothing more. */
  void abort();

  /** False asks the caller to stop sending data until {@link Listener#upstreamWritable}. */
  boolean writable();

  /** Stops or goes on reading the response. */
  void readResponse(boolean on);

  /** Our end of the connection; null where it is gone. */
  @Nullable SocketAddress localAddress();

  /** The connection served another request before this one. */
  boolean reused();

  /** What the upstream answers. */
  interface Listener {
    /** A 1xx head other than 100 and 101; borrows it. */
    void informational(ResponseHead head);

    /** The final head; borrows it. */
    void response(ResponseHead head, boolean end);

    /** Takes {@code data}. */
    void responseData(ByteBuf data, boolean end);

    /** Ends the response; borrows {@code trailers}. */
    void responseTrailers(HeaderBlock trailers);

    /** The stream ended before the response did. */
    void upstreamGone(Reset reset);

    /** {@link UpstreamStream#writable} is true again. */
    void upstreamWritable();
  }

  /** Why a stream ended early. */
  enum Reset {
    /** The peer says that it did not process the request. */
    REFUSED,
    /** The connection ended. */
    CONNECTION_CLOSED,
    /** The peer reset this stream. */
    RESET,
    /** The peer broke the protocol. */
    PROTOCOL_ERROR
  }
}
