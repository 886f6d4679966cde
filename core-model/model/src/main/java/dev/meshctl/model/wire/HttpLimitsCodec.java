package dev.meshctl.model.wire;

import com.google.protobuf.UInt32Value;
import dev.meshctl.model.xds.HttpLimits;
import dev.meshctl.model.xds.HttpLimits.Http2;
import io.envoyproxy.envoy.config.core.v3.Http2ProtocolOptions;
import io.envoyproxy.envoy.config.core.v3.HttpProtocolOptions;

/** {@link HttpLimits} of both sides to and from the messages that they share. */
final class HttpLimitsCodec {
  private static final KnownFields HTTP2 =
      KnownFields.of(
              Http2ProtocolOptions.getDescriptor(),
              "max_concurrent_streams",
              "initial_stream_window_size",
              "initial_connection_window_size",
              "hpack_table_size",
              "allow_connect")
          .leavingAside(
              "allow_metadata",
              "max_outbound_frames",
              "max_outbound_control_frames",
              "max_consecutive_inbound_frames_with_empty_payload",
              "max_inbound_priority_frames_per_stream",
              "max_inbound_window_update_frames_per_data_frame_sent",
              "stream_error_on_invalid_http_messaging",
              "override_stream_error_on_invalid_http_message",
              "connection_keepalive",
              "use_oghttp2_codec",
              "max_metadata_size");

  private HttpLimitsCodec() {}

  /** What is not the default, into {@code common}. */
  static void encode(HttpLimits limits, HttpProtocolOptions.Builder common) {
    if (limits.fields() != HttpLimits.DEFAULT.fields()) {
      common.setMaxHeadersCount(Packing.unsigned(limits.fields()));
    }
    if (limits.requests() > 0) {
      common.setMaxRequestsPerConnection(Packing.unsigned(limits.requests()));
    }
  }

  static Http2ProtocolOptions encode(Http2 http2) {
    Http2ProtocolOptions.Builder message = Http2ProtocolOptions.newBuilder();
    Http2 none = Http2.DEFAULT;
    if (http2.streams() != none.streams()) {
      message.setMaxConcurrentStreams(Packing.unsigned(http2.streams()));
    }
    if (http2.streamWindowBytes() != none.streamWindowBytes()) {
      message.setInitialStreamWindowSize(Packing.unsigned(http2.streamWindowBytes()));
    }
    if (http2.connectionWindowBytes() != none.connectionWindowBytes()) {
      message.setInitialConnectionWindowSize(Packing.unsigned(http2.connectionWindowBytes()));
    }
    if (http2.tableBytes() != none.tableBytes()) {
      message.setHpackTableSize(Packing.unsigned(http2.tableBytes()));
    }
    return message.setAllowConnect(http2.connect()).build();
  }

  static int fields(Reading reading, String path, HttpProtocolOptions common) {
    return common.hasMaxHeadersCount()
        ? reading.between(
            path + ".max_headers_count", common.getMaxHeadersCount(), 1, Integer.MAX_VALUE)
        : HttpLimits.DEFAULT.fields();
  }

  /** Of {@code max_request_headers_kb} and its like. */
  static int headKib(Reading reading, String path, boolean set, UInt32Value value) {
    return set
        ? reading.between(path, value, 1, HttpLimits.MOST_HEAD_KIB)
        : HttpLimits.DEFAULT.headKib();
  }

  static Http2 http2(Reading reading, String path, Http2ProtocolOptions message) {
    reading.expect(path, message, HTTP2);
    Http2 none = Http2.DEFAULT;
    return new Http2(
        message.hasMaxConcurrentStreams()
            ? reading.between(
                path + ".max_concurrent_streams",
                message.getMaxConcurrentStreams(),
                1,
                Integer.MAX_VALUE)
            : none.streams(),
        message.hasInitialStreamWindowSize()
            ? window(
                reading, path + ".initial_stream_window_size", message.getInitialStreamWindowSize())
            : none.streamWindowBytes(),
        message.hasInitialConnectionWindowSize()
            ? window(
                reading,
                path + ".initial_connection_window_size",
                message.getInitialConnectionWindowSize())
            : none.connectionWindowBytes(),
        message.hasHpackTableSize()
            ? Reading.unsigned(message.getHpackTableSize())
            : none.tableBytes(),
        message.getAllowConnect());
  }

  private static int window(Reading reading, String path, UInt32Value value) {
    return reading.between(path, value, Http2.LEAST_WINDOW_BYTES, Integer.MAX_VALUE);
  }
}
