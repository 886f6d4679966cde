package dev.meshctl.model.wire;

import com.google.protobuf.Any;
import com.google.protobuf.Message;
import dev.meshctl.model.xds.ResourceType;
import dev.meshctl.model.xds.RouteTableConfig;
import dev.meshctl.model.xds.RouteTableConfig.FilterOverrides;
import dev.meshctl.model.xds.RouteTableConfig.RequireTls;
import dev.meshctl.model.xds.RouteTableConfig.RouteAction;
import dev.meshctl.model.xds.RouteTableConfig.VirtualHost;
import dev.meshctl.model.xds.SplitRouteTable;
import dev.meshctl.model.xds.VirtualHostConfig;
import dev.meshctl.model.xds.XdsResource;
import dev.meshctl.model.xds.route.Fault;
import io.envoyproxy.envoy.config.core.v3.AggregatedConfigSource;
import io.envoyproxy.envoy.config.core.v3.ApiVersion;
import io.envoyproxy.envoy.config.core.v3.ConfigSource;
import io.envoyproxy.envoy.config.core.v3.DataSource;
import io.envoyproxy.envoy.config.route.v3.DirectResponseAction;
import io.envoyproxy.envoy.config.route.v3.Route;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.envoyproxy.envoy.config.route.v3.Vhds;
import io.envoyproxy.envoy.config.route.v3.VirtualHost.TlsRequirementType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** {@link RouteTableConfig} to and from {@code RouteConfiguration}. */
final class RouteCodec {
  private static final KnownFields TABLE =
      KnownFields.of(
              RouteConfiguration.getDescriptor(),
              "name",
              "virtual_hosts",
              "validate_clusters",
              "most_specific_header_mutations_wins",
              "ignore_port_in_host_matching",
              "typed_per_filter_config",
              "request_headers_to_add",
              "request_headers_to_remove",
              "response_headers_to_add",
              "response_headers_to_remove")
          .leavingAside("internal_only_headers", "max_direct_response_body_size_bytes", "metadata");
  private static final KnownFields HOST =
      KnownFields.of(
              io.envoyproxy.envoy.config.route.v3.VirtualHost.getDescriptor(),
              "name",
              "domains",
              "routes",
              "require_tls",
              "typed_per_filter_config",
              "request_headers_to_add",
              "request_headers_to_remove",
              "response_headers_to_add",
              "response_headers_to_remove")
          .leavingAside(
              "virtual_clusters",
              "include_request_attempt_count",
              "include_attempt_count_in_response",
              "per_request_buffer_limit_bytes",
              "metadata");
  private static final KnownFields ROUTE =
      KnownFields.of(
              Route.getDescriptor(),
              "name",
              "match",
              "route",
              "redirect",
              "direct_response",
              "typed_per_filter_config",
              "request_headers_to_add",
              "request_headers_to_remove",
              "response_headers_to_add",
              "response_headers_to_remove",
              "metadata")
          .leavingAside("decorator", "tracing", "per_request_buffer_limit_bytes", "stat_prefix");

  private RouteCodec() {}

  static RouteConfiguration encode(RouteTableConfig table) {
    RouteConfiguration.Builder message =
        RouteConfiguration.newBuilder()
            .setName(table.name())
            // A cluster may come a moment after the route that names it.
            .setValidateClusters(Packing.FALSE)
            .setMostSpecificHeaderMutationsWins(table.mostSpecificHeadersWin())
            .setIgnorePortInHostMatching(table.ignorePort())
            .addAllRequestHeadersToAdd(HeaderCodec.encode(table.headers().request()))
            .addAllRequestHeadersToRemove(table.headers().request().remove())
            .addAllResponseHeadersToAdd(HeaderCodec.encode(table.headers().response()))
            .addAllResponseHeadersToRemove(table.headers().response().remove())
            .putAllTypedPerFilterConfig(OverridesCodec.encode(table.overrides()));
    table.hosts().forEach(host -> message.addVirtualHosts(encode(host.name(), host)));
    return message.build();
  }

  static RouteConfiguration encode(SplitRouteTable table) {
    return encode(table.rest()).toBuilder()
        .setVhds(
            Vhds.newBuilder()
                .setConfigSource(
                    ConfigSource.newBuilder()
                        .setAds(AggregatedConfigSource.getDefaultInstance())
                        .setResourceApiVersion(ApiVersion.V3)))
        .build();
  }

  static Message encode(VirtualHostConfig host) {
    return encode(host.name(), host.host());
  }

  private static io.envoyproxy.envoy.config.route.v3.VirtualHost encode(
      String name, VirtualHost host) {
    var message =
        io.envoyproxy.envoy.config.route.v3.VirtualHost.newBuilder()
            .setName(name)
            .addAllDomains(host.domains())
            .setRequireTls(requireTls(host.requireTls()))
            .addAllRequestHeadersToAdd(HeaderCodec.encode(host.headers().request()))
            .addAllRequestHeadersToRemove(host.headers().request().remove())
            .addAllResponseHeadersToAdd(HeaderCodec.encode(host.headers().response()))
            .addAllResponseHeadersToRemove(host.headers().response().remove())
            .putAllTypedPerFilterConfig(OverridesCodec.encode(host.overrides()));
    host.routes().forEach(route -> message.addRoutes(encode(route)));
    return message.build();
  }

  private static Route encode(RouteTableConfig.Route route) {
    Route.Builder message =
        Route.newBuilder()
            .setName(route.name())
            .setMatch(RouteMatchCodec.encode(route.match()))
            .putAllTypedPerFilterConfig(OverridesCodec.encode(route.overrides()))
            .addAllRequestHeadersToAdd(HeaderCodec.encode(route.headers().request()))
            .addAllRequestHeadersToRemove(route.headers().request().remove())
            .addAllResponseHeadersToAdd(HeaderCodec.encode(route.headers().response()))
            .addAllResponseHeadersToRemove(route.headers().response().remove());
    route.origin().ifPresent(origin -> message.setMetadata(RouteOriginCodec.encode(origin)));
    switch (route.action()) {
      case RouteAction.Forward forward -> {
        message.setRoute(ForwardCodec.encode(forward, route.match().path()));
        forward
            .fault()
            .ifPresent(fault ->
                message.putTypedPerFilterConfig(FaultCodec.FILTER, FaultCodec.encode(fault)));
      }
      case RouteAction.Redirect redirect -> message.setRedirect(RedirectCodec.encode(redirect));
      case RouteAction.DirectResponse(int status, String body) -> {
        DirectResponseAction.Builder response = message.getDirectResponseBuilder();
        response.setStatus(status);
        if (!body.isEmpty()) {
          response.setBody(DataSource.newBuilder().setInlineString(body));
        }
      }
    }
    return message.build();
  }

  static RouteTableConfig decode(Reading reading, RouteConfiguration message) {
    return decode(reading, "", message);
  }

  /** A table of its own, which may leave hosts to VHDS. */
  static XdsResource decodeResource(Reading reading, RouteConfiguration message) {
    if (!message.hasVhds()) {
      return decode(reading, message);
    }
    reading.source(
        "vhds.config_source", ResourceType.VIRTUAL_HOST, message.getVhds().getConfigSource());
    return new SplitRouteTable(decode(reading, message.toBuilder().clearVhds().build()));
  }

  /** A host by itself: its name says of which table. */
  static XdsResource decodeHost(
      Reading reading, io.envoyproxy.envoy.config.route.v3.VirtualHost message) {
    String name = message.getName();
    int separator = name.lastIndexOf(VirtualHostConfig.SEPARATOR);
    if (separator < 0) {
      reading.refuse("name", name + " (expected: TABLE/HOST)");
    }
    return new VirtualHostConfig(
        name.substring(0, Math.max(0, separator)),
        decode(reading, "", name.substring(separator + 1), message));
  }

  static RouteTableConfig decode(Reading reading, String path, RouteConfiguration message) {
    reading.expect(path, message, TABLE);
    List<VirtualHost> hosts = new ArrayList<>();
    for (int i = 0; i < message.getVirtualHostsCount(); i++) {
      var host = message.getVirtualHosts(i);
      hosts.add(
          decode(
              reading, Reading.join(path, "virtual_hosts[" + i + "]") + ".", host.getName(), host));
    }
    return new RouteTableConfig(
        message.getName(),
        hosts,
        HeaderCodec.decode(
            reading,
            path.isEmpty() ? "" : path + ".",
            message.getRequestHeadersToAddList(),
            message.getRequestHeadersToRemoveList(),
            message.getResponseHeadersToAddList(),
            message.getResponseHeadersToRemoveList()),
        message.getMostSpecificHeaderMutationsWins(),
        overrides(reading, path.isEmpty() ? "" : path + ".", message.getTypedPerFilterConfigMap()),
        message.getIgnorePortInHostMatching());
  }

  /**
   * @param prefix of paths: empty, or ends with a dot
   */
  private static VirtualHost decode(
      Reading reading,
      String prefix,
      String name,
      io.envoyproxy.envoy.config.route.v3.VirtualHost host) {
    reading.expect(prefix.isEmpty() ? "" : prefix.substring(0, prefix.length() - 1), host, HOST);
    List<RouteTableConfig.Route> routes = new ArrayList<>();
    for (int j = 0; j < host.getRoutesCount(); j++) {
      routes.add(decode(reading, prefix + "routes[" + j + "]", host.getRoutes(j)));
    }
    return new VirtualHost(
        name,
        List.copyOf(host.getDomainsList()),
        routes,
        HeaderCodec.decode(
            reading,
            prefix,
            host.getRequestHeadersToAddList(),
            host.getRequestHeadersToRemoveList(),
            host.getResponseHeadersToAddList(),
            host.getResponseHeadersToRemoveList()),
        requireTls(reading, prefix, host.getRequireTls()),
        overrides(reading, prefix, host.getTypedPerFilterConfigMap()));
  }

  private static TlsRequirementType requireTls(Optional<RequireTls> required) {
    if (required.isEmpty()) {
      return TlsRequirementType.NONE;
    }
    return switch (required.get()) {
      case EXTERNAL_ONLY -> TlsRequirementType.EXTERNAL_ONLY;
      case ALL -> TlsRequirementType.ALL;
    };
  }

  private static Optional<RequireTls> requireTls(
      Reading reading, String prefix, TlsRequirementType type) {
    return switch (type) {
      case NONE -> Optional.empty();
      case EXTERNAL_ONLY -> Optional.of(RequireTls.EXTERNAL_ONLY);
      case ALL -> Optional.of(RequireTls.ALL);
      case UNRECOGNIZED -> {
        reading.refuse(
            prefix + "require_tls", "unknown value (expected: NONE, EXTERNAL_ONLY, ALL)");
        yield Optional.empty();
      }
    };
  }

  private static FilterOverrides overrides(
      Reading reading, String path, Map<String, Any> perFilter) {
    OverridesCodec.Read read = OverridesCodec.decode(reading, path, perFilter);
    if (read.fault().isPresent()) {
      reading.refuse(
          path + "typed_per_filter_config[" + FaultCodec.FILTER + "]",
          "a fault for many routes (expected: faults on single routes)");
    }
    return read.overrides();
  }

  private static RouteTableConfig.Route decode(Reading reading, String path, Route message) {
    reading.expect(path, message, ROUTE);
    OverridesCodec.Read perFilter =
        OverridesCodec.decode(reading, path + ".", message.getTypedPerFilterConfigMap());
    return new RouteTableConfig.Route(
        message.getName(),
        RouteMatchCodec.decode(reading, path + ".match", message.getMatch()),
        action(reading, path, message, perFilter.fault()),
        HeaderCodec.decode(
            reading,
            path + ".",
            message.getRequestHeadersToAddList(),
            message.getRequestHeadersToRemoveList(),
            message.getResponseHeadersToAddList(),
            message.getResponseHeadersToRemoveList()),
        perFilter.overrides(),
        RouteOriginCodec.decode(reading, path + ".metadata", message.getMetadata()));
  }

  private static RouteAction action(
      Reading reading, String path, Route message, Optional<Fault> fault) {
    return switch (message.getActionCase()) {
      case ROUTE -> ForwardCodec.decode(reading, path + ".route", message.getRoute(), fault);
      case REDIRECT -> RedirectCodec.decode(reading, path + ".redirect", message.getRedirect());
      case DIRECT_RESPONSE -> {
        DataSource body = message.getDirectResponse().getBody();
        if (body.hasFilename() || body.hasEnvironmentVariable()) {
          reading.refuse(
              path + ".direct_response.body",
              body.getSpecifierCase() + " (expected: inline_string or inline_bytes)");
        }
        yield new RouteAction.DirectResponse(
            message.getDirectResponse().getStatus(),
            body.hasInlineBytes() ? body.getInlineBytes().toStringUtf8() : body.getInlineString());
      }
      case FILTER_ACTION, NON_FORWARDING_ACTION, ACTION_NOT_SET -> {
        if (message.getActionCase() == Route.ActionCase.ACTION_NOT_SET) {
          reading.refuse(path, "no action (expected: route, redirect or direct_response)");
        }
        yield new RouteAction.DirectResponse(500, "");
      }
    };
  }
}
