package dev.meshctl.dataplane.observe.log;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * The logs of a listener or of one of its filters, and what of a message has to be kept for them.
 *
 * <p>Thread: any.
 */
public final class CompiledLogs {
  public static final CompiledLogs NONE = new CompiledLogs(List.of());

  private final List<Log> logs;
  private final String[] responseHeaders;
  private final String[] trailers;

  /** Which entries go where, and how they read. */
  record Log(AccessLog target, LogFormat format, LogFilter filter) {}

  CompiledLogs(List<Log> logs) {
    this.logs = List.copyOf(logs);
    Set<String> headers = new TreeSet<>();
    Set<String> late = new TreeSet<>();
    logs.forEach(log -> {
      headers.addAll(log.format.responseHeaders());
      late.addAll(log.format.trailers());
    });
    this.responseHeaders = headers.toArray(String[]::new);
    this.trailers = late.toArray(String[]::new);
  }

  List<Log> logs() {
    return logs;
  }

  public boolean isEmpty() {
    return logs.isEmpty();
  }

  /** A format tells of the response's head. */
  public boolean keepsResponse() {
    return responseHeaders.length > 0;
  }

  /** A format tells of the trailers. */
  public boolean keepsTrailers() {
    return trailers.length > 0;
  }

  /** Keeps what the formats tell of a response's head. */
  public KeptFields keepResponse(KeptFields.Source response) {
    return KeptFields.of(responseHeaders, response);
  }

  /** Keeps what the formats tell of the trailers. */
  public KeptFields keepTrailers(KeptFields.Source late) {
    return KeptFields.of(trailers, late);
  }
}
