package dev.meshctl.dataplane.admin;

import java.io.IOException;
import java.io.OutputStream;
import tools.jackson.databind.JsonNode;

/**
 * An answer.
 *
 * @param afterwards runs once the answer is sent
 */
record AdminReply(int status, String contentType, Body body, Runnable afterwards) {
  private static final String TEXT = "text/plain; charset=UTF-8";
  private static final String JSON = "application/json";

  /** What is sent. */
  sealed interface Body {
    record Text(String text) implements Body {}

    /** Written piece by piece: the whole is never held. */
    record Pieces(Writing writing) implements Body {}
  }

  /** Writes a body. */
  @FunctionalInterface
  interface Writing {
    void to(OutputStream out) throws IOException;
  }

  static AdminReply text(int status, String body) {
    return new AdminReply(status, TEXT, new Body.Text(body), () -> {});
  }

  static AdminReply ok() {
    return text(200, "OK\n");
  }

  static AdminReply of(String contentType, String body) {
    return new AdminReply(200, contentType, new Body.Text(body), () -> {});
  }

  static AdminReply json(JsonNode body) {
    return of(JSON, body.toPrettyString() + "\n");
  }

  /** JSON that {@code writing} writes. */
  static AdminReply json(Writing writing) {
    return new AdminReply(200, JSON, new Body.Pieces(writing), () -> {});
  }

  static AdminReply refused(String why) {
    return text(403, "refused: " + why + "\n");
  }

  AdminReply then(Runnable afterwards) {
    return new AdminReply(status, contentType, body, afterwards);
  }
}
