package dev.meshctl.model.wire;

import dev.meshctl.model.xds.HttpLimits;
import dev.meshctl.model.xds.HttpLimits.Http2;
import dev.meshctl.model.xds.HttpOptions;
import dev.meshctl.model.xds.HttpOptions.ClientAddress;
import dev.meshctl.model.xds.HttpOptions.Server;
import dev.meshctl.model.xds.HttpOptions.ServerHeader;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager.ServerHeaderTransformation;

/** {@link HttpOptions} to and from {@code HttpConnectionManager}. */
final class HttpOptionsCodec {
  /** {@code server_name}, where none is set (proto comment). */
  private static final String DEFAULT_SERVER = "meshctl";

  private HttpOptionsCodec() {}

  static void encode(HttpOptions options, HttpConnectionManager.Builder message) {
    HttpLimits limits = options.limits();
    HttpLimitsCodec.encode(limits, message.getCommonHttpProtocolOptionsBuilder());
    if (limits.headKib() != HttpLimits.DEFAULT.headKib()) {
      message.setMaxRequestHeadersKb(Packing.unsigned(limits.headKib()));
    }
    if (!limits.http2().equals(Http2.DEFAULT)) {
      message.setHttp2ProtocolOptions(HttpLimitsCodec.encode(limits.http2()));
    }
    if (!options.headersTimeout().equals(HttpOptions.DEFAULT_HEADERS_TIMEOUT)) {
      message.setRequestHeadersTimeout(Packing.duration(options.headersTimeout()));
    }
    if (options.client().direct()) {
      message.setUseRemoteAddress(Packing.TRUE);
    }
    message
        .setXffNumTrustedHops(options.client().trustedHops())
        .setSkipXffAppend(options.client().skipAppend())
        .setServerHeaderTransformation(encode(options.server().change()))
        .setServerName(options.server().name())
        .setVia(options.via());
  }

  private static ServerHeaderTransformation encode(ServerHeader change) {
    return switch (change) {
      case OVERWRITE -> ServerHeaderTransformation.OVERWRITE;
      case APPEND_IF_ABSENT -> ServerHeaderTransformation.APPEND_IF_ABSENT;
      case PASS_THROUGH -> ServerHeaderTransformation.PASS_THROUGH;
    };
  }

  static HttpOptions decode(Reading reading, String path, HttpConnectionManager message) {
    String common = path + ".common_http_protocol_options";
    HttpLimits limits =
        new HttpLimits(
            HttpLimitsCodec.headKib(
                reading,
                path + ".max_request_headers_kb",
                message.hasMaxRequestHeadersKb(),
                message.getMaxRequestHeadersKb()),
            HttpLimitsCodec.fields(reading, common, message.getCommonHttpProtocolOptions()),
            Reading.unsigned(message.getCommonHttpProtocolOptions().getMaxRequestsPerConnection()),
            HttpLimitsCodec.http2(
                reading, path + ".http2_protocol_options", message.getHttp2ProtocolOptions()));
    return new HttpOptions(
        limits,
        message.hasRequestHeadersTimeout()
            ? reading.duration(
                path + ".request_headers_timeout", message.getRequestHeadersTimeout())
            : HttpOptions.DEFAULT_HEADERS_TIMEOUT,
        new ClientAddress(
            message.getUseRemoteAddress().getValue(),
            Reading.unsigned(message.getXffNumTrustedHops()),
            message.getSkipXffAppend()),
        server(message),
        UpgradesCodec.decode(reading, path, message.getUpgradeConfigsList()),
        reading.headerValue(path + ".via", message.getVia()));
  }

  /** Without a name it is ours: Envoy's would not be true. */
  private static Server server(HttpConnectionManager message) {
    String name = message.getServerName().isEmpty() ? DEFAULT_SERVER : message.getServerName();
    return switch (message.getServerHeaderTransformation()) {
      case OVERWRITE, UNRECOGNIZED -> new Server(ServerHeader.OVERWRITE, name);
      case APPEND_IF_ABSENT -> new Server(ServerHeader.APPEND_IF_ABSENT, name);
      case PASS_THROUGH -> new Server(ServerHeader.PASS_THROUGH, message.getServerName());
    };
  }
}
