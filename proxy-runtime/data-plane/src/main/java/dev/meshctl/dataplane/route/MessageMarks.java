package dev.meshctl.dataplane.route;

import dev.meshctl.dataplane.http.HeaderBlock;
import dev.meshctl.dataplane.http.ResponseHead;
import dev.meshctl.model.xds.HttpOptions;

/**
 * What the proxy leaves on messages that pass: {@code via} and {@code server}.
 *
 * <p>Thread: confined to the loop of the head.
 */
final class MessageMarks {
  private MessageMarks() {}

  /** Appends our name to {@code via} (RFC 9110 7.6.3), where one is set. */
  static void via(HttpOptions options, HeaderBlock head) {
    if (options.via().isEmpty()) {
      return;
    }
    var before = head.value("via");
    head.set("via", before == null ? options.via() : before + ", " + options.via());
  }

  static void response(HttpOptions options, ResponseHead response) {
    via(options, response);
    switch (options.server().change()) {
      case PASS_THROUGH -> {}
      case OVERWRITE -> response.set("server", options.server().name());
      case APPEND_IF_ABSENT -> {
        if (response.find("server", 0) < 0) {
          response.add("server", options.server().name());
        }
      }
    }
  }
}
