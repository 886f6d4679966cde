package dev.meshctl.model.wire;

import com.google.protobuf.Any;
import dev.meshctl.model.xds.ClusterConfig.UpstreamProtocol;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.extensions.upstreams.http.v3.HttpProtocolOptions;

/** {@link UpstreamProtocol} to and from the {@code HttpProtocolOptions} extension. */
final class UpstreamProtocolCodec {
  private static final String EXTENSION = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions";
  private static final KnownFields OPTIONS =
      KnownFields.of(
              HttpProtocolOptions.getDescriptor(),
              "explicit_http_config",
              "use_downstream_protocol_config")
          .leavingAside("common_http_protocol_options", "upstream_http_protocol_options");

  private UpstreamProtocolCodec() {}

  static void encode(UpstreamProtocol protocol, Cluster.Builder message) {
    HttpProtocolOptions.Builder options = HttpProtocolOptions.newBuilder();
    switch (protocol) {
      case HTTP1 -> options.getExplicitHttpConfigBuilder().getHttpProtocolOptionsBuilder();
      case HTTP2 -> options.getExplicitHttpConfigBuilder().getHttp2ProtocolOptionsBuilder();
      case DOWNSTREAM -> {
        options.getUseDownstreamProtocolConfigBuilder().getHttpProtocolOptionsBuilder();
        options.getUseDownstreamProtocolConfigBuilder().getHttp2ProtocolOptionsBuilder();
      }
    }
    message.putTypedExtensionProtocolOptions(EXTENSION, Packing.pack(options.build()));
  }

  static UpstreamProtocol decode(Reading reading, Cluster message) {
    for (String extension : message.getTypedExtensionProtocolOptionsMap().keySet()) {
      if (!extension.equals(EXTENSION)) {
        reading.ignore("typed_extension_protocol_options[" + extension + "]");
      }
    }
    Any any = message.getTypedExtensionProtocolOptionsMap().get(EXTENSION);
    if (any == null) {
      // The fields that the extension replaced; HTTP/1.1 is Envoy's default.
      return message.hasHttp2ProtocolOptions() ? UpstreamProtocol.HTTP2 : UpstreamProtocol.HTTP1;
    }
    String path = "typed_extension_protocol_options[" + EXTENSION + "]";
    return reading
        .unpack(path, any, HttpProtocolOptions.getDescriptor(), HttpProtocolOptions.parser())
        .map(options -> decode(reading, path, options))
        .orElse(UpstreamProtocol.HTTP1);
  }

  private static UpstreamProtocol decode(
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
