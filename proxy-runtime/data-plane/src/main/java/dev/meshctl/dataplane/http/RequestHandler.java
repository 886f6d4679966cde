package dev.meshctl.dataplane.http;

import io.netty.buffer.ByteBuf;

/**
 * Handles one exchange.
 *
 * <p>Thread: the loop of the connection.
 */
public interface RequestHandler {

  /** Makes a handler for each request. */
  interface Factory {
    /**
     * Begins an exchange; everything about it goes to the returned handler.
     *
     * @param head taken; released to {@link LoopResources} by the handler
     * @param end the request has no body
     */
    RequestHandler handle(Downstream downstream, RequestHead head, boolean end);
  }

  /** Takes {@code data}. */
  void data(ByteBuf data, boolean end);

  /** Ends the request; borrows {@code trailers}. */
  void trailers(HeaderBlock trailers);

  /** The client went away before the response ended; nothing more is called. */
  void downstreamGone();

  /** The request did not arrive whole in time. */
  void requestTimedOut();

  /** No byte came or went for the stream idle timeout. */
  void streamIdle();

  /**
   * Nanoseconds without a byte after which {@link #streamIdle} is called, 0 for never.
   *
   * @param ofConnection what holds where the exchange says nothing else
   */
  default long streamIdleNanos(long ofConnection) {
    return ofConnection;
  }

  /** {@link Downstream#writable} is true again. */
  void downstreamWritable();
}
