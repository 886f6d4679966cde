package dev.meshctl.model.xds;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/** How Istio writes access logs where nobody says how: Envoy's default with more fields. */
public final class IstioLogFormat {
  /** A line of text. */
  public static final String TEXT =
      "[%START_TIME%] \"%REQ(:METHOD)% %REQ(X-ENVOY-ORIGINAL-PATH?:PATH)% %PROTOCOL%\""
          + " %RESPONSE_CODE% %RESPONSE_FLAGS% %RESPONSE_CODE_DETAILS%"
          + " %CONNECTION_TERMINATION_DETAILS% \"%UPSTREAM_TRANSPORT_FAILURE_REASON%\""
          + " %BYTES_RECEIVED% %BYTES_SENT% %DURATION% %RESP(X-ENVOY-UPSTREAM-SERVICE-TIME)%"
          + " \"%REQ(X-FORWARDED-FOR)%\" \"%REQ(USER-AGENT)%\" \"%REQ(X-REQUEST-ID)%\""
          + " \"%REQ(:AUTHORITY)%\" \"%UPSTREAM_HOST%\" %UPSTREAM_CLUSTER%"
          + " %UPSTREAM_LOCAL_ADDRESS% %DOWNSTREAM_LOCAL_ADDRESS% %DOWNSTREAM_REMOTE_ADDRESS%"
          + " %REQUESTED_SERVER_NAME% %ROUTE_NAME%\n";

  /** Members of an object of JSON, in their order. */
  public static final Map<String, String> JSON = Collections.unmodifiableMap(json());

  private IstioLogFormat() {}

  private static Map<String, String> json() {
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
    return members;
  }
}
