package dev.meshctl.dataplane.observe.log;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A format of the access log, compiled: text with Envoy's {@code %OPERATORS%}, or a JSON object of
 * them.
 *
 * <p>Thread: any.
 */
public final class LogFormat {
  /** The format of Istio, which is Envoy's default with more fields. */
  public static final String ISTIO =
      "[%START_TIME%] \"%REQ(:METHOD)% %REQ(X-ENVOY-ORIGINAL-PATH?:PATH)% %PROTOCOL%\""
          + " %RESPONSE_CODE% %RESPONSE_FLAGS% %RESPONSE_CODE_DETAILS%"
          + " %CONNECTION_TERMINATION_DETAILS% \"%UPSTREAM_TRANSPORT_FAILURE_REASON%\""
          + " %BYTES_RECEIVED% %BYTES_SENT% %DURATION% %RESP(X-ENVOY-UPSTREAM-SERVICE-TIME)%"
          + " \"%REQ(X-FORWARDED-FOR)%\" \"%REQ(USER-AGENT)%\" \"%REQ(X-REQUEST-ID)%\""
          + " \"%REQ(:AUTHORITY)%\" \"%UPSTREAM_HOST%\" %UPSTREAM_CLUSTER%"
          + " %UPSTREAM_LOCAL_ADDRESS% %DOWNSTREAM_LOCAL_ADDRESS% %DOWNSTREAM_REMOTE_ADDRESS%"
          + " %REQUESTED_SERVER_NAME% %ROUTE_NAME%\n";

  /** Envoy's default. */
  public static final String ENVOY =
      "[%START_TIME%] \"%REQ(:METHOD)% %REQ(X-ENVOY-ORIGINAL-PATH?:PATH)% %PROTOCOL%\""
          + " %RESPONSE_CODE% %RESPONSE_FLAGS% %BYTES_RECEIVED% %BYTES_SENT% %DURATION%"
          + " %RESP(X-ENVOY-UPSTREAM-SERVICE-TIME)% \"%REQ(X-FORWARDED-FOR)%\""
          + " \"%REQ(USER-AGENT)%\" \"%REQ(X-REQUEST-ID)%\" \"%REQ(:AUTHORITY)%\""
          + " \"%UPSTREAM_HOST%\"\n";

  private static final Pattern OPERATOR = Pattern.compile("%([A-Z_]+)(?:\\(([^)%]*)\\))?%");

  private final LogField[] fields;
  private final boolean json;

  private LogFormat(List<LogField> fields, boolean json) {
    this.fields = fields.toArray(LogField[]::new);
    this.json = json;
  }

  /**
   * A text format; every entry is a line, whether or not it ends with a line feed.
   *
   * @throws IllegalArgumentException that names an operator not known here
   */
  public static LogFormat text(String format) {
    String line = format.endsWith("\n") ? format : format + "\n";
    List<LogField> fields = new ArrayList<>();
    Matcher operators = OPERATOR.matcher(line);
    int at = 0;
    while (operators.find()) {
      if (operators.start() > at) {
        fields.add(new LogField.Literal(line.substring(at, operators.start())));
      }
      fields.add(field(operators));
      at = operators.end();
    }
    fields.add(new LogField.Literal(line.substring(at)));
    return new LogFormat(fields, false);
  }

  /**
   * One JSON object a line; numbers and null as such.
   *
   * @param members name to one operator
   * @throws IllegalArgumentException where a value is not one known operator
   */
  public static LogFormat json(Map<String, String> members) {
    List<LogField> fields = new ArrayList<>();
    String before = "{\"";
    for (Map.Entry<String, String> member : members.entrySet()) {
      Matcher operator = OPERATOR.matcher(member.getValue());
      if (!operator.matches()) {
        throw new IllegalArgumentException(
            "access log: %s: %s (expected: one operator such as %%DURATION%%)"
                .formatted(member.getKey(), member.getValue()));
      }
      fields.add(new LogField.Literal(before + escaped(member.getKey()) + "\":"));
      fields.add(field(operator));
      before = ",\"";
    }
    fields.add(new LogField.Literal(members.isEmpty() ? "{}\n" : "}\n"));
    return new LogFormat(fields, true);
  }

  /** Istio's members of its JSON encoding. */
  public static LogFormat istioJson() {
    Map<String, String> members = new LinkedHashMap<>();
    members.put("start_time", "%START_TIME%");
    members.put("method", "%REQ(:METHOD)%");
    members.put("path", "%REQ(X-ENVOY-ORIGINAL-PATH?:PATH)%");
    members.put("protocol", "%PROTOCOL%");
    members.put("response_code", "%RESPONSE_CODE%");
    members.put("response_flags", "%RESPONSE_FLAGS%");
    members.put("response_code_details", "%RESPONSE_CODE_DETAILS%");
    members.put("connection_termination_details", "%CONNECTION_TERMINATION_DETAILS%");
    members.put("upstream_transport_failure_reason", "%UPSTREAM_TRANSPORT_FAILURE_REASON%");
    members.put("bytes_received", "%BYTES_RECEIVED%");
    members.put("bytes_sent", "%BYTES_SENT%");
    members.put("duration", "%DURATION%");
    members.put("upstream_service_time", "%RESP(X-ENVOY-UPSTREAM-SERVICE-TIME)%");
    members.put("x_forwarded_for", "%REQ(X-FORWARDED-FOR)%");
    members.put("user_agent", "%REQ(USER-AGENT)%");
    members.put("request_id", "%REQ(X-REQUEST-ID)%");
    members.put("authority", "%REQ(:AUTHORITY)%");
    members.put("upstream_host", "%UPSTREAM_HOST%");
    members.put("upstream_cluster", "%UPSTREAM_CLUSTER%");
    members.put("upstream_local_address", "%UPSTREAM_LOCAL_ADDRESS%");
    members.put("downstream_local_address", "%DOWNSTREAM_LOCAL_ADDRESS%");
    members.put("downstream_remote_address", "%DOWNSTREAM_REMOTE_ADDRESS%");
    members.put("requested_server_name", "%REQUESTED_SERVER_NAME%");
    members.put("route_name", "%ROUTE_NAME%");
    return json(members);
  }

  private static LogField field(Matcher operator) {
    String argument = operator.group(2) == null ? "" : operator.group(2);
    return LogField.of(operator.group(1), argument)
        .orElseThrow(() ->
            new IllegalArgumentException(
                "access log: unknown operator %s (expected: one of Envoy's that is supported"
                        .formatted(operator.group())
                    + " here, such as %DURATION% or %REQ(NAME)%)"));
  }

  private static String escaped(String name) {
    byte[] space = new byte[name.length() * 6];
    LogSink sink = new LogSink(space);
    sink.putValue(name, true);
    return new String(space, 0, sink.position(), StandardCharsets.UTF_8);
  }

  void write(LogEntry entry, LogSink sink) {
    for (LogField field : fields) {
      field.write(entry, sink, json);
    }
  }
}
