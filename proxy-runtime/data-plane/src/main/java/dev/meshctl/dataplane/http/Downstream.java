package dev.meshctl.dataplane.http;

import io.netty.buffer.ByteBuf;

/**
 * The client's side of one exchange: how it is answered. A response is a head, then data, then
 * perhaps trailers; one of them says it is the end.
 *
 * <p>Thread: the loop of the connection.
 */
public interface Downstream {
  /** A 1xx head; borrows it. */
  void informational(ResponseHead head);

  /** The final head, without hop-by-hop fields; borrows it. */
  void respond(ResponseHead head, boolean end);

  /** Takes {@code data}. */
  void data(ByteBuf data, boolean end);

  /** Ends the response; borrows {@code trailers}. */
  void trailers(HeaderBlock trailers);

  /** Ends the exchange at once: resets the stream, or closes the connection. */
  void abort();

  /** False asks the caller to stop sending data until {@link RequestHandler#downstreamWritable}. */
  boolean writable();

  /** Stops or goes on reading the request's body. */
  void readRequest(boolean on);

  /** After it no request follows on this connection. */
  void closeAfterResponse();

  /** What is known of the connection. */
  DownstreamConnection connection();
}
