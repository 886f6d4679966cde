package dev.meshctl.dataplane.admin;

import dev.meshctl.model.xds.HttpLimits;
import dev.meshctl.model.xds.HttpLimits.Http2;
import dev.meshctl.model.xds.HttpOptions;
import dev.meshctl.model.xds.UpstreamOptions;
import tools.jackson.databind.node.ObjectNode;

/** Limits and other options as in {@code HttpConnectionManager} and {@code Cluster}. */
final class OptionsJson {
  private OptionsJson() {}

  static void manager(ObjectNode to, ObjectNode common, HttpOptions options) {
    HttpLimits limits = options.limits();
    common(common, limits);
    to.put("max_request_headers_kb", limits.headKib());
    to.put("request_headers_timeout", ConfigJson.seconds(options.headersTimeout()));
    http2(to.putObject("http2_protocol_options"), limits.http2());
    to.put("use_remote_address", options.client().direct());
    to.put("xff_num_trusted_hops", options.client().trustedHops());
    to.put("skip_xff_append", options.client().skipAppend());
    to.put("server_header_transformation", options.server().change().name());
    if (!options.server().name().isEmpty()) {
      to.put("server_name", options.server().name());
    }
    if (!options.via().isEmpty()) {
      to.put("via", options.via());
    }
  }

  /** What the extension with the options of the protocol holds. */
  static void upstream(ObjectNode common, UpstreamOptions options) {
    common(common, options.limits());
    common.put("max_response_headers_kb", options.limits().headKib());
    common.put("idle_timeout", ConfigJson.seconds(options.idleTimeout()));
  }

  private static void common(ObjectNode to, HttpLimits limits) {
    to.put("max_headers_count", limits.fields());
    if (limits.requests() > 0) {
      to.put("max_requests_per_connection", limits.requests());
    }
  }

  static void http2(ObjectNode to, Http2 limits) {
    to.put("max_concurrent_streams", limits.streams());
    to.put("initial_stream_window_size", limits.streamWindowBytes());
    to.put("initial_connection_window_size", limits.connectionWindowBytes());
    to.put("hpack_table_size", limits.tableBytes());
  }
}
