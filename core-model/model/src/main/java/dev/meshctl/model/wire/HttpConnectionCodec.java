package dev.meshctl.model.wire;

import dev.meshctl.model.xds.NetworkFilter.Codec;
import dev.meshctl.model.xds.NetworkFilter.ForwardClientCert;
import dev.meshctl.model.xds.NetworkFilter.HttpConnection;
import dev.meshctl.model.xds.NetworkFilter.HttpFilter;
import dev.meshctl.model.xds.NetworkFilter.Routes;
import dev.meshctl.model.xds.ResourceType;
import io.envoyproxy.envoy.config.core.v3.HttpProtocolOptions;
import io.envoyproxy.envoy.extensions.filters.http.adaptive_concurrency.v3.AdaptiveConcurrency;
import io.envoyproxy.envoy.extensions.filters.http.admission_control.v3.AdmissionControl;
import io.envoyproxy.envoy.extensions.filters.http.cors.v3.Cors;
import io.envoyproxy.envoy.extensions.filters.http.fault.v3.HTTPFault;
import io.envoyproxy.envoy.extensions.filters.http.grpc_web.v3.GrpcWeb;
import io.envoyproxy.envoy.extensions.filters.http.rbac.v3.RBAC;
import io.envoyproxy.envoy.extensions.filters.http.router.v3.Router;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager.CodecType;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager.ForwardClientCertDetails;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.Rds;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** {@link HttpConnection} to and from {@code HttpConnectionManager}. */
final class HttpConnectionCodec {
  private static final String FAULT = "envoy.filters.http.fault";

  /** Measures for a balancer of Envoy; ours measures by itself. */
  private static final String PEAK_EWMA_FILTER =
      "/envoy.extensions.filters.http.peak_ewma.v3alpha.PeakEwmaConfig";

  private static final String ROUTER = "envoy.filters.http.router";

  /** Envoy's, where none is set. */
  private static final Duration DEFAULT_STREAM_IDLE_TIMEOUT = Duration.ofMinutes(5);

  private static final Duration DEFAULT_IDLE_TIMEOUT = Duration.ofHours(1);

  private static final KnownFields MANAGER =
      KnownFields.of(
              HttpConnectionManager.getDescriptor(),
              "stat_prefix",
              "codec_type",
              "rds",
              "route_config",
              "http_filters",
              "stream_idle_timeout",
              "request_timeout",
              "common_http_protocol_options",
              "access_log",
              "forward_client_cert_details",
              "set_current_client_cert_details",
              "normalize_path",
              "path_with_escaped_slashes_action",
              "upgrade_configs",
              "http2_protocol_options",
              "server_name",
              "server_header_transformation",
              "max_request_headers_kb",
              "request_headers_timeout",
              "use_remote_address",
              "xff_num_trusted_hops",
              "skip_xff_append",
              "via")
          .leavingAside(
              "add_user_agent",
              "tracing",
              "http_protocol_options",
              "drain_timeout",
              "delayed_close_timeout",
              "access_log_flush_interval",
              "flush_access_log_on_new_request",
              "access_log_options",
              "internal_address_config",
              "generate_request_id",
              "preserve_external_request_id",
              "always_set_request_id_in_response",
              "request_id_extension",
              "represent_ipv4_remote_address_as_ipv4_mapped_ipv6",
              "proxy_100_continue",
              "stream_error_on_invalid_http_message",
              "append_x_forwarded_port",
              "append_local_overload",
              "http1_safe_max_connection_duration",
              "proxy_status_config");
  private static final KnownFields COMMON_OPTIONS =
      KnownFields.of(
              HttpProtocolOptions.getDescriptor(),
              "idle_timeout",
              "max_connection_duration",
              "max_stream_duration",
              "max_headers_count",
              "max_requests_per_connection",
              "headers_with_underscores_action")
          .leavingAside("max_response_headers_kb");

  private HttpConnectionCodec() {}

  static HttpConnectionManager encode(HttpConnection http) {
    HttpConnectionManager.Builder message =
        HttpConnectionManager.newBuilder()
            .setStatPrefix(http.statPrefix())
            .setCodecType(encode(http.codec()))
            .setStreamIdleTimeout(Packing.duration(http.streamIdleTimeout()))
            .setRequestTimeout(Packing.duration(http.requestTimeout()))
            .setNormalizePath(Packing.TRUE)
            .addAllUpgradeConfigs(UpgradesCodec.ofListener(http.options().upgrades()));
    message
        .getCommonHttpProtocolOptionsBuilder()
        .setIdleTimeout(Packing.duration(http.idleTimeout()));
    if (http.maxStreamDuration().isPositive()) {
      message
          .getCommonHttpProtocolOptionsBuilder()
          .setMaxStreamDuration(Packing.duration(http.maxStreamDuration()));
    }
    if (http.maxConnectionDuration().isPositive()) {
      message
          .getCommonHttpProtocolOptionsBuilder()
          .setMaxConnectionDuration(Packing.duration(http.maxConnectionDuration()));
    }
    switch (http.routes()) {
      case Routes.Inline(var table) -> message.setRouteConfig(RouteCodec.encode(table));
      case Routes.Named(var name) ->
          message.setRds(Rds.newBuilder().setRouteConfigName(name).setConfigSource(Packing.ADS));
    }
    for (HttpFilter filter : http.filters()) {
      switch (filter) {
        case HttpFilter.Fault fault ->
            message
                .addHttpFiltersBuilder()
                .setName(FAULT)
                .setTypedConfig(Packing.pack(HTTPFault.getDefaultInstance()));
        case HttpFilter.Cors(var name) ->
            message
                .addHttpFiltersBuilder()
                .setName(name)
                .setTypedConfig(Packing.pack(Cors.getDefaultInstance()));
        case HttpFilter.GrpcWeb(var name) ->
            message
                .addHttpFiltersBuilder()
                .setName(name)
                .setTypedConfig(Packing.pack(GrpcWeb.getDefaultInstance()));
        case HttpFilter.Access(var name, var control) ->
            message
                .addHttpFiltersBuilder()
                .setName(name)
                .setTypedConfig(Packing.pack(AccessCodec.encodeHttp(control)));
        case HttpFilter.Concurrency(var name, var settings) ->
            message
                .addHttpFiltersBuilder()
                .setName(name)
                .setTypedConfig(Packing.pack(SheddingCodec.encode(settings)));
        case HttpFilter.Admission(var name, var settings) ->
            message
                .addHttpFiltersBuilder()
                .setName(name)
                .setTypedConfig(Packing.pack(SheddingCodec.encode(settings)));
      }
    }
    message
        .addHttpFiltersBuilder()
        .setName(ROUTER)
        .setTypedConfig(Packing.pack(Router.getDefaultInstance()));
    message.addAllAccessLog(AccessLogCodec.encode(http.accessLog()));
    encode(http.forwardClientCert(), message);
    HttpOptionsCodec.encode(http.options(), message);
    return message.build();
  }

  private static CodecType encode(Codec codec) {
    return switch (codec) {
      case AUTO -> CodecType.AUTO;
      case HTTP1 -> CodecType.HTTP1;
      case HTTP2 -> CodecType.HTTP2;
    };
  }

  private static void encode(ForwardClientCert forward, HttpConnectionManager.Builder message) {
    switch (forward) {
      case SANITIZE -> message.setForwardClientCertDetails(ForwardClientCertDetails.SANITIZE);
      case APPEND_FORWARD -> {
        message.setForwardClientCertDetails(ForwardClientCertDetails.APPEND_FORWARD);
        setDetails(message);
      }
      case SANITIZE_SET -> {
        message.setForwardClientCertDetails(ForwardClientCertDetails.SANITIZE_SET);
        setDetails(message);
      }
    }
  }

  private static void setDetails(HttpConnectionManager.Builder message) {
    message
        .getSetCurrentClientCertDetailsBuilder()
        .setSubject(Packing.TRUE)
        .setDns(true)
        .setUri(true);
  }

  static HttpConnection decode(Reading reading, String path, HttpConnectionManager message) {
    reading.expect(path, message, MANAGER);
    refuseOtherForms(reading, path, message);
    HttpProtocolOptions common = message.getCommonHttpProtocolOptions();
    reading.expect(path + ".common_http_protocol_options", common, COMMON_OPTIONS);
    return new HttpConnection(
        message.getStatPrefix(),
        codec(reading, path, message.getCodecType()),
        routes(reading, path, message),
        filters(reading, path, message),
        message.hasStreamIdleTimeout()
            ? reading.duration(path + ".stream_idle_timeout", message.getStreamIdleTimeout())
            : DEFAULT_STREAM_IDLE_TIMEOUT,
        reading.duration(path + ".request_timeout", message.getRequestTimeout()),
        common.hasIdleTimeout()
            ? reading.duration(
                path + ".common_http_protocol_options.idle_timeout", common.getIdleTimeout())
            : DEFAULT_IDLE_TIMEOUT,
        AccessLogCodec.decode(reading, path, message.getAccessLogList()),
        forward(reading, path, message.getForwardClientCertDetails()),
        reading.duration(
            path + ".common_http_protocol_options.max_stream_duration",
            common.getMaxStreamDuration()),
        reading.duration(
            path + ".common_http_protocol_options.max_connection_duration",
            common.getMaxConnectionDuration()),
        HttpOptionsCodec.decode(reading, path, message));
  }

  /** Values that ask for what we do anyway are no reason to refuse. */
  private static void refuseOtherForms(
      Reading reading, String path, HttpConnectionManager message) {
    if (message.hasNormalizePath() && !message.getNormalizePath().getValue()) {
      reading.unsupported(path + ".normalize_path", "false (expected: true, or not set)");
    }
    switch (message.getPathWithEscapedSlashesAction()) {
      case IMPLEMENTATION_SPECIFIC_DEFAULT, KEEP_UNCHANGED -> {}
      case REJECT_REQUEST, UNESCAPE_AND_REDIRECT, UNESCAPE_AND_FORWARD, UNRECOGNIZED ->
          reading.unsupported(
              path + ".path_with_escaped_slashes_action",
              message.getPathWithEscapedSlashesAction()
                  + " is not supported (expected: KEEP_UNCHANGED, or not set)");
    }
    HttpProtocolOptions common = message.getCommonHttpProtocolOptions();
    switch (common.getHeadersWithUnderscoresAction()) {
      case ALLOW -> {}
      case REJECT_REQUEST, DROP_HEADER, UNRECOGNIZED ->
          reading.unsupported(
              path + ".common_http_protocol_options.headers_with_underscores_action",
              common.getHeadersWithUnderscoresAction()
                  + " is not supported (expected: ALLOW, or not set)");
    }
  }

  private static Codec codec(Reading reading, String path, CodecType codec) {
    return switch (codec) {
      case AUTO -> Codec.AUTO;
      case HTTP1 -> Codec.HTTP1;
      case HTTP2 -> Codec.HTTP2;
      case HTTP3, UNRECOGNIZED -> {
        reading.refuse(path + ".codec_type", codec + " (expected: AUTO, HTTP1 or HTTP2)");
        yield Codec.AUTO;
      }
    };
  }

  private static Routes routes(Reading reading, String path, HttpConnectionManager message) {
    return switch (message.getRouteSpecifierCase()) {
      case RDS -> {
        reading.source(
            path + ".rds.config_source", ResourceType.ROUTE, message.getRds().getConfigSource());
        yield new Routes.Named(message.getRds().getRouteConfigName());
      }
      case ROUTE_CONFIG ->
          new Routes.Inline(
              RouteCodec.decode(reading, path + ".route_config", message.getRouteConfig()));
      case SCOPED_ROUTES, ROUTESPECIFIER_NOT_SET -> {
        if (!message.hasScopedRoutes()) {
          reading.refuse(path, "no routes (expected: rds or route_config)");
        }
        yield new Routes.Named("");
      }
    };
  }

  private static List<HttpFilter> filters(
      Reading reading, String path, HttpConnectionManager message) {
    List<HttpFilter> filters = new ArrayList<>();
    int last = message.getHttpFiltersCount() - 1;
    if (last < 0
        || !Reading.holds(message.getHttpFilters(last).getTypedConfig(), Router.getDescriptor())) {
      reading.refuse(path + ".http_filters", "no router (expected: the router as the last)");
    }
    for (int i = 0; i < last; i++) {
      var filter = message.getHttpFilters(i);
      String at = path + ".http_filters[" + i + "]";
      if (Reading.holds(filter.getTypedConfig(), HTTPFault.getDescriptor())) {
        reading
            .unpack(
                at + ".typed_config",
                filter.getTypedConfig(),
                HTTPFault.getDescriptor(),
                HTTPFault.parser())
            .filter(fault -> fault.hasDelay() || fault.hasAbort())
            .ifPresent(fault ->
                reading.refuse(
                    at + ".typed_config",
                    "a fault for all routes (expected: faults on single routes)"));
        filters.add(new HttpFilter.Fault());
      } else if (Reading.holds(filter.getTypedConfig(), RBAC.getDescriptor())) {
        reading
            .unpack(
                at + ".typed_config", filter.getTypedConfig(), RBAC.getDescriptor(), RBAC.parser())
            .ifPresent(rbac ->
                filters.add(
                    new HttpFilter.Access(
                        filter.getName(),
                        AccessCodec.decode(reading, at + ".typed_config", rbac))));
      } else if (Reading.holds(filter.getTypedConfig(), Cors.getDescriptor())) {
        filters.add(new HttpFilter.Cors(filter.getName()));
      } else if (Reading.holds(filter.getTypedConfig(), GrpcWeb.getDescriptor())) {
        filters.add(new HttpFilter.GrpcWeb(filter.getName()));
      } else if (Reading.holds(filter.getTypedConfig(), AdaptiveConcurrency.getDescriptor())) {
        reading
            .unpack(
                at + ".typed_config",
                filter.getTypedConfig(),
                AdaptiveConcurrency.getDescriptor(),
                AdaptiveConcurrency.parser())
            .ifPresent(adaptive ->
                filters.add(
                    new HttpFilter.Concurrency(
                        filter.getName(),
                        SheddingCodec.decode(reading, at + ".typed_config", adaptive))));
      } else if (Reading.holds(filter.getTypedConfig(), AdmissionControl.getDescriptor())) {
        reading
            .unpack(
                at + ".typed_config",
                filter.getTypedConfig(),
                AdmissionControl.getDescriptor(),
                AdmissionControl.parser())
            .ifPresent(admission ->
                filters.add(
                    new HttpFilter.Admission(
                        filter.getName(),
                        SheddingCodec.decode(reading, at + ".typed_config", admission))));
      } else if (filter.getIsOptional()
          || filter.getTypedConfig().getTypeUrl().endsWith(PEAK_EWMA_FILTER)) {
        reading.ignore(at);
      } else {
        reading.unsupported(
            at,
            filter.getName()
                + " (expected: router, rbac, cors, fault, grpc_web, adaptive_concurrency or"
                + " admission_control)");
      }
    }
    return filters;
  }

  private static ForwardClientCert forward(
      Reading reading, String path, ForwardClientCertDetails details) {
    return switch (details) {
      case SANITIZE -> ForwardClientCert.SANITIZE;
      case APPEND_FORWARD -> ForwardClientCert.APPEND_FORWARD;
      case SANITIZE_SET -> ForwardClientCert.SANITIZE_SET;
      case FORWARD_ONLY, ALWAYS_FORWARD_ONLY, UNRECOGNIZED -> {
        reading.refuse(
            path + ".forward_client_cert_details",
            details + " (expected: SANITIZE, APPEND_FORWARD or SANITIZE_SET)");
        yield ForwardClientCert.SANITIZE;
      }
    };
  }
}
