package dev.meshctl.model.wire;

import dev.meshctl.model.xds.HttpLimits;
import dev.meshctl.model.xds.HttpLimits.Http2;
import dev.meshctl.model.xds.UpstreamOptions;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.core.v3.Http2ProtocolOptions;
import io.envoyproxy.envoy.config.core.v3.HttpProtocolOptions;

/**
 * {@link UpstreamOptions} to and from {@code Cluster}; the extension with the protocol's options
 * stands before the fields that it replaced.
 */
final class UpstreamOptionsCodec {
  private static final KnownFields COMMON =
      KnownFields.of(
              HttpProtocolOptions.getDescriptor(),
              "idle_timeout",
              "max_headers_count",
              "max_response_headers_kb",
              "max_requests_per_connection")
          .leavingAside(
              "max_connection_duration", "max_stream_duration", "headers_with_underscores_action");

  private UpstreamOptionsCodec() {}

  /** What is not the default; HTTP/2 is said elsewhere. */
  static HttpProtocolOptions common(UpstreamOptions options) {
    HttpProtocolOptions.Builder common = HttpProtocolOptions.newBuilder();
    HttpLimitsCodec.encode(options.limits(), common);
    if (options.limits().headKib() != HttpLimits.DEFAULT.headKib()) {
      common.setMaxResponseHeadersKb(Packing.unsigned(options.limits().headKib()));
    }
    if (!options.idleTimeout().equals(UpstreamOptions.DEFAULT_IDLE_TIMEOUT)) {
      common.setIdleTimeout(Packing.duration(options.idleTimeout()));
    }
    return common.build();
  }

  static void encode(UpstreamOptions options, Cluster.Builder message) {
    if (options.bufferBytes() > 0) {
      message.setPerConnectionBufferLimitBytes(Packing.unsigned(options.bufferBytes()));
    }
  }

  /** From the options of the extension, and the fields of {@code message} that they replaced. */
  static UpstreamOptions decode(
      Reading reading, Cluster message, UpstreamProtocolCodec.Options extension) {
    boolean replaced = extension.common().isPresent();
    HttpProtocolOptions common =
        extension.common().orElseGet(message::getCommonHttpProtocolOptions);
    String path =
        replaced
            ? extension.path() + ".common_http_protocol_options"
            : "common_http_protocol_options";
    reading.expect(path, common, COMMON);
    boolean old = extension.http2().isEmpty() && message.hasHttp2ProtocolOptions();
    Http2ProtocolOptions http2 = extension.http2().orElseGet(message::getHttp2ProtocolOptions);
    Http2 limits =
        HttpLimitsCodec.http2(
            reading,
            old ? "http2_protocol_options" : extension.path() + ".http2_protocol_options",
            http2);
    return new UpstreamOptions(
        new HttpLimits(
            HttpLimitsCodec.headKib(
                reading,
                path + ".max_response_headers_kb",
                common.hasMaxResponseHeadersKb(),
                common.getMaxResponseHeadersKb()),
            HttpLimitsCodec.fields(reading, path, common),
            common.hasMaxRequestsPerConnection()
                ? Reading.unsigned(common.getMaxRequestsPerConnection())
                : Reading.unsigned(message.getMaxRequestsPerConnection()),
            limits),
        common.hasIdleTimeout()
            ? reading.duration(path + ".idle_timeout", common.getIdleTimeout())
            : UpstreamOptions.DEFAULT_IDLE_TIMEOUT,
        Reading.unsigned(message.getPerConnectionBufferLimitBytes()));
  }
}
