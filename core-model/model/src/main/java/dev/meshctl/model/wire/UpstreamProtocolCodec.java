package dev.meshctl.model.wire;

import com.google.protobuf.Any;
import dev.meshctl.model.xds.ClusterConfig.UpstreamProtocol;
import dev.meshctl.model.xds.UpstreamOptions;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.core.v3.Http1ProtocolOptions;
import io.envoyproxy.envoy.config.core.v3.Http2ProtocolOptions;
import io.envoyproxy.envoy.extensions.upstreams.http.v3.HttpProtocolOptions;
import java.util.Optional;

/** {@link UpstreamProtocol} to and from the {@code HttpProtocolOptions} extension. */
final class UpstreamProtocolCodec {
  private static final String EXTENSION = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions";
  private static final KnownFields OPTIONS =
      KnownFields.of(
          HttpProtocolOptions.getDescriptor(),
          "explicit_http_config",
          "use_downstream_protocol_config",
          "common_http_protocol_options");

  private UpstreamProtocolCodec() {}

  /**
   * What is said beside the protocol.
   *
   * @param path of the extension, for people
   */
  record Options(
      String path,
      UpstreamProtocol protocol,
      Optional<io.envoyproxy.envoy.config.core.v3.HttpProtocolOptions> common,
      Optional<Http2ProtocolOptions> http2) {}

  static void encode(UpstreamProtocol protocol, UpstreamOptions limits, Cluster.Builder message) {
    HttpProtocolOptions.Builder options = HttpProtocolOptions.newBuilder();
    Http2ProtocolOptions http2 = HttpLimitsCodec.encode(limits.limits().http2());
    switch (protocol) {
      case HTTP1 -> options.getExplicitHttpConfigBuilder().getHttpProtocolOptionsBuilder();
      case HTTP2 -> options.getExplicitHttpConfigBuilder().setHttp2ProtocolOptions(http2);
      case DOWNSTREAM ->
          options
              .getUseDownstreamProtocolConfigBuilder()
              .setHttpProtocolOptions(Http1ProtocolOptions.getDefaultInstance())
              .setHttp2ProtocolOptions(http2);
    }
    var common = UpstreamOptionsCodec.common(limits);
    if (common.getSerializedSize() > 0) {
      options.setCommonHttpProtocolOptions(common);
    }
    message.putTypedExtensionProtocolOptions(EXTENSION, Packing.pack(options.build()));
  }

  static Options decode(Reading reading, Cluster message) {
    for (String extension : message.getTypedExtensionProtocolOptionsMap().keySet()) {
      if (!extension.equals(EXTENSION)) {
        reading.ignore("typed_extension_protocol_options[" + extension + "]");
      }
    }
    Any any = message.getTypedExtensionProtocolOptionsMap().get(EXTENSION);
    if (any == null) {
      // The fields that the extension replaced; HTTP/1.1 is Envoy's default.
      return new Options(
          "",
          message.hasHttp2ProtocolOptions() ? UpstreamProtocol.HTTP2 : UpstreamProtocol.HTTP1,
          Optional.empty(),
          Optional.empty());
    }
    String path = "typed_extension_protocol_options[" + EXTENSION + "]";
    return reading
        .unpack(path, any, HttpProtocolOptions.getDescriptor(), HttpProtocolOptions.parser())
        .map(options ->
            new Options(
                path,
                protocol(reading, path, options),
                options.hasCommonHttpProtocolOptions()
                    ? Optional.of(options.getCommonHttpProtocolOptions())
                    : Optional.empty(),
                http2(options)))
        .orElseGet(
            () -> new Options(path, UpstreamProtocol.HTTP1, Optional.empty(), Optional.empty()));
  }

  private static Optional<Http2ProtocolOptions> http2(HttpProtocolOptions options) {
    if (options.getExplicitHttpConfig().hasHttp2ProtocolOptions()) {
      return Optional.of(options.getExplicitHttpConfig().getHttp2ProtocolOptions());
    }
    return options.getUseDownstreamProtocolConfig().hasHttp2ProtocolOptions()
        ? Optional.of(options.getUseDownstreamProtocolConfig().getHttp2ProtocolOptions())
        : Optional.empty();
  }

  private static UpstreamProtocol protocol(
      Reading reading, String path, HttpProtocolOptions options) {
    reading.expect(path, options, OPTIONS);
    return switch (options.getUpstreamProtocolOptionsCase()) {
      case EXPLICIT_HTTP_CONFIG ->
          switch (options.getExplicitHttpConfig().getProtocolConfigCase()) {
            case HTTP2_PROTOCOL_OPTIONS -> UpstreamProtocol.HTTP2;
            case HTTP_PROTOCOL_OPTIONS, PROTOCOLCONFIG_NOT_SET -> UpstreamProtocol.HTTP1;
            case HTTP3_PROTOCOL_OPTIONS -> {
              reading.refuse(
                  path + ".explicit_http_config", "HTTP/3 (expected: HTTP/1.1 or HTTP/2)");
              yield UpstreamProtocol.HTTP1;
            }
          };
      case USE_DOWNSTREAM_PROTOCOL_CONFIG -> UpstreamProtocol.DOWNSTREAM;
      // auto_config is refused by name, as it is no known field.
      case AUTO_CONFIG, UPSTREAMPROTOCOLOPTIONS_NOT_SET -> UpstreamProtocol.HTTP1;
    };
  }
}
