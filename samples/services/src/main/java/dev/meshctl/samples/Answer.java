package dev.meshctl.samples;

/** A response; the body is text in UTF-8. */
record Answer(int status, String contentType, String body) {
  static Answer json(int status, String body) {
    return new Answer(status, "application/json", body);
  }

  static Answer html(String body) {
    return new Answer(200, "text/html; charset=utf-8", body);
  }

  static Answer notFound(String what) {
    return json(404, "{\"error\":" + Json.string(what + " is not on our shelf") + "}");
  }

  boolean ok() {
    return status == 200;
  }
}
