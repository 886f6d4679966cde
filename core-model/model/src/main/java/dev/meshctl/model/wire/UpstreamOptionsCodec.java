package dev.meshctl.model.wire;

import dev.meshctl.model.xds.ConnectionLife;
import dev.meshctl.model.xds.ConnectionLife.Keepalive;
import dev.meshctl.model.xds.HttpLimits;
import dev.meshctl.model.xds.HttpLimits.Http2;
import dev.meshctl.model.xds.UpstreamOptions;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.cluster.v3.UpstreamConnectionOptions;
import io.envoyproxy.envoy.config.core.v3.Http2ProtocolOptions;
import io.envoyproxy.envoy.config.core.v3.HttpProtocolOptions;
import io.envoyproxy.envoy.config.core.v3.TcpKeepalive;
import java.util.Optional;

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
              "max_requests_per_connection",
              "max_connection_duration")
          .leavingAside("max_stream_duration", "headers_with_underscores_action");

  private static final KnownFields CONNECTION =
      KnownFields.of(UpstreamConnectionOptions.getDescriptor(), "tcp_keepalive")
          .leavingAside(
              "set_local_interface_name_on_upstream_connections", "happy_eyeballs_config");
  private static final KnownFields KEEPALIVE =
      KnownFields.of(
          TcpKeepalive.getDescriptor(), "keepalive_probes", "keepalive_time", "keepalive_interval");

  /** The kernel's bounds. */
  private static final int MOST_PROBES = 127;

  private static final int MOST_SECONDS = 32_767;

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
    if (options.life().longest().isPositive()) {
      common.setMaxConnectionDuration(Packing.duration(options.life().longest()));
    }
    return common.build();
  }

  static void encode(UpstreamOptions options, Cluster.Builder message) {
    if (options.bufferBytes() > 0) {
      message.setPerConnectionBufferLimitBytes(Packing.unsigned(options.bufferBytes()));
    }
    options
        .life()
        .keepalive()
        .ifPresent(keepalive -> {
          TcpKeepalive.Builder tcp =
              message.getUpstreamConnectionOptionsBuilder().getTcpKeepaliveBuilder();
          if (keepalive.probes() > 0) {
            tcp.setKeepaliveProbes(Packing.unsigned(keepalive.probes()));
          }
          if (keepalive.timeSeconds() > 0) {
            tcp.setKeepaliveTime(Packing.unsigned(keepalive.timeSeconds()));
          }
          if (keepalive.intervalSeconds() > 0) {
            tcp.setKeepaliveInterval(Packing.unsigned(keepalive.intervalSeconds()));
          }
        });
  }

  private static Optional<Keepalive> keepalive(Reading reading, Cluster message) {
    String path = "upstream_connection_options";
    reading.expect(path, message.getUpstreamConnectionOptions(), CONNECTION);
    if (!message.getUpstreamConnectionOptions().hasTcpKeepalive()) {
      return Optional.empty();
    }
    TcpKeepalive tcp = message.getUpstreamConnectionOptions().getTcpKeepalive();
    String at = path + ".tcp_keepalive";
    reading.expect(at, tcp, KEEPALIVE);
    return Optional.of(
        new Keepalive(
            reading.between(at + ".keepalive_probes", tcp.getKeepaliveProbes(), 0, MOST_PROBES),
            reading.between(at + ".keepalive_time", tcp.getKeepaliveTime(), 0, MOST_SECONDS),
            reading.between(
                at + ".keepalive_interval", tcp.getKeepaliveInterval(), 0, MOST_SECONDS)));
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
            Reading.unsigned(message.getPerConnectionBufferLimitBytes()))
        .living(
            new ConnectionLife(
                reading.duration(
                    path + ".max_connection_duration", common.getMaxConnectionDuration()),
                keepalive(reading, message)));
  }
}
