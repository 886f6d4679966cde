package dev.meshctl.samples;

import com.sun.net.httpserver.Headers;
import io.grpc.Metadata;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The headers that tie the calls of one user request together (W3C Trace Context, Zipkin B3,
 * request id). A mesh makes spans; only the application can say which outgoing call belongs to
 * which incoming one, by carrying these on.
 */
record TraceContext(Map<String, String> headers) {
  private static final List<String> NAMES =
      List.of(
          "x-request-id",
          "traceparent",
          "tracestate",
          "b3",
          "x-b3-traceid",
          "x-b3-spanid",
          "x-b3-parentspanid",
          "x-b3-sampled",
          "x-b3-flags");

  TraceContext {
    headers = Map.copyOf(headers);
  }

  static TraceContext of(Headers incoming) {
    Map<String, String> carried = new LinkedHashMap<>();
    for (String name : NAMES) {
      String value = incoming.getFirst(name);
      if (value != null) {
        carried.put(name, value);
      }
    }
    return new TraceContext(carried);
  }

  Metadata metadata() {
    Metadata metadata = new Metadata();
    headers.forEach((name, value) ->
        metadata.put(Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER), value));
    return metadata;
  }
}
