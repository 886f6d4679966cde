package dev.meshctl.dataplane.route;

import dev.meshctl.dataplane.http.ResponseHead;
import dev.meshctl.dataplane.observe.Failure;
import dev.meshctl.model.match.Bytes;
import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;

/**
 * Answers that no upstream gave. A gRPC client gets its status in a response of headers only.
 *
 * <p>Thread: confined to the loop of the connection.
 */
final class Answers {
  /** {@code grpc-status} of what is no answer to a call. */
  private static final int UNKNOWN = 2;

  private final Exchange exchange;

  Answers(Exchange exchange) {
    this.exchange = exchange;
  }

  void noRoute() {
    exchange.fail(Failure.Plain.NO_ROUTE);
  }

  void noCluster() {
    exchange.fail(Failure.Plain.NO_CLUSTER);
  }

  void redirect(int status, String location) {
    ResponseHead response = exchange.worker().resources().responseHead();
    response.status(status);
    response.add("location", location);
    exchange.tally().answered("direct_response");
    exchange.editResponse(response);
    if (exchange.head().isGrpc()) {
      grpc(response, Failure.grpcStatusOf(status), "");
    } else {
      send(response, new byte[0], "");
    }
  }

  /** {@code response} to a preflight, without a body; releases it. */
  void head(ResponseHead response) {
    exchange.tally().answered("cors_response");
    send(response, new byte[0], "");
  }

  void direct(int status, Bytes body) {
    ResponseHead response = exchange.worker().resources().responseHead();
    response.status(status);
    exchange.tally().answered("direct_response");
    byte[] copy = new byte[body.length()];
    System.arraycopy(body.array(), body.offset(), copy, 0, copy.length);
    exchange.editResponse(response);
    if (exchange.head().isGrpc()) {
      grpc(response, status == 200 ? UNKNOWN : Failure.grpcStatusOf(status), body.toString());
    } else {
      send(response, copy, "text/plain");
    }
  }

  void failure(Failure failure) {
    ResponseHead response = exchange.worker().resources().responseHead();
    if (exchange.head().isGrpc()) {
      grpc(response, failure.grpcStatus(), failure.body());
      return;
    }
    response.status(failure.status() == 0 ? 503 : failure.status());
    send(response, failure.body().getBytes(StandardCharsets.UTF_8), "text/plain");
  }

  /** Ends the call with a status and no message; releases {@code response}. */
  private void grpc(ResponseHead response, int status, String message) {
    response.status(200);
    response.set("content-type", "application/grpc");
    response.add("grpc-status", Integer.toString(status));
    if (!message.isEmpty()) {
      response.add("grpc-message", grpcMessage(message));
    }
    exchange.respondAsIs(response, true);
    exchange.worker().resources().release(response);
  }

  /** Percent-encodes what {@code grpc-message} may not hold. */
  private static String grpcMessage(String text) {
    StringBuilder encoded = new StringBuilder(text.length());
    for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
      if (b >= ' ' && b < 127 && b != '%') {
        encoded.append((char) b);
      } else {
        encoded.append(String.format(java.util.Locale.ROOT, "%%%02X", b & 0xFF));
      }
    }
    return encoded.toString();
  }

  /** Releases {@code response}. */
  private void send(ResponseHead response, byte[] body, String contentType) {
    boolean empty = body.length == 0 || exchange.head().isHead();
    response.add("content-length", Integer.toString(body.length));
    if (body.length > 0 && response.find("content-type", 0) < 0) {
      response.add("content-type", contentType);
    }
    var resources = exchange.worker().resources();
    exchange.respondAsIs(response, empty);
    resources.release(response);
    if (!empty) {
      ByteBuf data = resources.allocator().directBuffer(body.length).writeBytes(body);
      exchange.responseData(data, true);
    }
  }
}
