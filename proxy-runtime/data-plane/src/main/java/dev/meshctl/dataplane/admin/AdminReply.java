package dev.meshctl.dataplane.admin;

/**
 * An answer.
 *
 * @param afterwards runs once the answer is sent
 */
record AdminReply(int status, String contentType, String body, Runnable afterwards) {
  private static final String TEXT = "text/plain; charset=UTF-8";

  static AdminReply text(int status, String body) {
    return new AdminReply(status, TEXT, body, () -> {});
  }

  static AdminReply ok() {
    return text(200, "OK\n");
  }

  static AdminReply of(String contentType, String body) {
    return new AdminReply(200, contentType, body, () -> {});
  }

  static AdminReply json(tools.jackson.databind.JsonNode body) {
    return of("application/json", body.toPrettyString() + "\n");
  }

  static AdminReply refused(String why) {
    return text(403, "refused: " + why + "\n");
  }

  AdminReply then(Runnable afterwards) {
    return new AdminReply(status, contentType, body, afterwards);
  }
}
