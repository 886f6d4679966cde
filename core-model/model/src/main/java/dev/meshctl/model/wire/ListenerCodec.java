package dev.meshctl.model.wire;

import com.google.protobuf.Message;
import dev.meshctl.model.xds.DownstreamTls;
import dev.meshctl.model.xds.FilterChain;
import dev.meshctl.model.xds.FilterChain.ChainMatch;
import dev.meshctl.model.xds.FilterChain.Cidr;
import dev.meshctl.model.xds.FilterChain.Transport;
import dev.meshctl.model.xds.ListenerConfig;
import dev.meshctl.model.xds.ListenerConfig.Direction;
import dev.meshctl.model.xds.ProxyProtocol;
import dev.meshctl.model.xds.SocketEndpoint;
import io.envoyproxy.envoy.config.core.v3.CidrRange;
import io.envoyproxy.envoy.config.core.v3.TrafficDirection;
import io.envoyproxy.envoy.config.listener.v3.ApiListener;
import io.envoyproxy.envoy.config.listener.v3.FilterChainMatch;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.config.listener.v3.ListenerFilter;
import io.envoyproxy.envoy.extensions.filters.listener.http_inspector.v3.HttpInspector;
import io.envoyproxy.envoy.extensions.filters.listener.original_dst.v3.OriginalDst;
import io.envoyproxy.envoy.extensions.filters.listener.tls_inspector.v3.TlsInspector;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** {@link ListenerConfig} to and from {@code Listener}. */
final class ListenerCodec {
  /** Envoy's, where no {@code listener_filters_timeout} is set. */
  private static final Duration DEFAULT_DETECT_TIMEOUT = Duration.ofSeconds(15);

  private static final KnownFields LISTENER =
      KnownFields.of(
              Listener.getDescriptor(),
              "name",
              "address",
              "traffic_direction",
              "bind_to_port",
              "use_original_dst",
              "listener_filters",
              "listener_filters_timeout",
              "continue_on_listener_filters_timeout",
              "filter_chains",
              "default_filter_chain",
              "per_connection_buffer_limit_bytes",
              "access_log")
          .leavingAside(
              "stat_prefix",
              "metadata",
              "drain_type",
              "connection_balance_config",
              "reuse_port",
              "enable_reuse_port",
              "enable_mptcp",
              "freebind",
              "tcp_backlog_size",
              "tcp_fast_open_queue_length",
              "socket_options",
              "max_connections_to_accept_per_socket_event",
              "ignore_global_conn_limit",
              "bypass_overload_manager");
  private static final KnownFields CHAIN =
      KnownFields.of(
              io.envoyproxy.envoy.config.listener.v3.FilterChain.getDescriptor(),
              "name",
              "filter_chain_match",
              "filters",
              "transport_socket")
          .leavingAside("metadata", "transport_socket_connect_timeout");
  private static final KnownFields MATCH =
      KnownFields.of(
          FilterChainMatch.getDescriptor(),
          "destination_port",
          "prefix_ranges",
          "server_names",
          "transport_protocol",
          "application_protocols",
          "source_prefix_ranges");

  private ListenerCodec() {}

  static Listener encode(ListenerConfig listener) {
    if (listener.address().equals(SocketEndpoint.NONE)) {
      return Listener.newBuilder()
          .setName(listener.name())
          .setApiListener(
              ApiListener.newBuilder()
                  .setApiListener(
                      NetworkFilterCodec.encode(listener.chains().getFirst().filter())
                          .getTypedConfig()))
          .build();
    }
    Listener.Builder message =
        Listener.newBuilder()
            .setName(listener.name())
            .setAddress(AddressCodec.encode(listener.address()))
            .setTrafficDirection(encode(listener.direction()))
            .setListenerFiltersTimeout(Packing.duration(listener.detectTimeout()));
    if (listener.bufferBytes() > 0) {
      message.setPerConnectionBufferLimitBytes(Packing.unsigned(listener.bufferBytes()));
    }
    if (!listener.bindToPort()) {
      message.setBindToPort(Packing.FALSE);
    }
    if (listener.useOriginalDestination()) {
      message
          .setUseOriginalDst(Packing.TRUE)
          .addListenerFilters(
              filter("envoy.filters.listener.original_dst", OriginalDst.getDefaultInstance()));
    }
    listener
        .proxyProtocol()
        .ifPresent(header ->
            message.addListenerFilters(
                filter("envoy.filters.listener.proxy_protocol", ProxyHeaderCodec.encode(header))));
    message.setContinueOnListenerFiltersTimeout(
        waitsForBytes(listener) && !listener.closesUndetected());
    if (listener.detectProtocol()) {
      message
          .addListenerFilters(
              filter("envoy.filters.listener.tls_inspector", TlsInspector.getDefaultInstance()))
          .addListenerFilters(
              filter("envoy.filters.listener.http_inspector", HttpInspector.getDefaultInstance()));
    }
    listener.chains().forEach(chain -> message.addFilterChains(encode(chain)));
    listener.defaultChain().ifPresent(chain -> message.setDefaultFilterChain(encode(chain)));
    message.addAllAccessLog(AccessLogCodec.encode(listener.accessLog()));
    return message.build();
  }

  private static boolean waitsForBytes(ListenerConfig listener) {
    return listener.detectProtocol() || listener.proxyProtocol().isPresent();
  }

  private static ListenerFilter filter(String name, Message config) {
    return ListenerFilter.newBuilder().setName(name).setTypedConfig(Packing.pack(config)).build();
  }

  private static TrafficDirection encode(Direction direction) {
    return switch (direction) {
      case UNSPECIFIED -> TrafficDirection.UNSPECIFIED;
      case INBOUND -> TrafficDirection.INBOUND;
      case OUTBOUND -> TrafficDirection.OUTBOUND;
    };
  }

  private static io.envoyproxy.envoy.config.listener.v3.FilterChain encode(FilterChain chain) {
    var message =
        io.envoyproxy.envoy.config.listener.v3.FilterChain.newBuilder()
            .setName(chain.name())
            .addAllFilters(chain.limit().map(ConnectionLimitCodec::encode).stream().toList())
            .addAllFilters(chain.access().stream().map(NetworkFilterCodec::encode).toList())
            .addFilters(NetworkFilterCodec.encode(chain.filter()));
    if (!chain.match().equals(ChainMatch.ANY)) {
      message.setFilterChainMatch(encode(chain.match()));
    }
    chain.tls().ifPresent(tls -> message.setTransportSocket(TlsCodec.encode(tls)));
    return message.build();
  }

  private static FilterChainMatch encode(ChainMatch match) {
    FilterChainMatch.Builder message =
        FilterChainMatch.newBuilder()
            .addAllServerNames(match.serverNames())
            .setTransportProtocol(encode(match.transport()))
            .addAllApplicationProtocols(match.applicationProtocols());
    if (match.destinationPort() > 0) {
      message.setDestinationPort(Packing.unsigned(match.destinationPort()));
    }
    match.destinationPrefixes().forEach(cidr -> message.addPrefixRanges(encode(cidr)));
    match.sourcePrefixes().forEach(cidr -> message.addSourcePrefixRanges(encode(cidr)));
    return message.build();
  }

  private static CidrRange encode(Cidr cidr) {
    return CidrRange.newBuilder()
        .setAddressPrefix(cidr.address())
        .setPrefixLen(Packing.unsigned(cidr.prefixLength()))
        .build();
  }

  private static String encode(Transport transport) {
    return switch (transport) {
      case ANY -> "";
      case RAW -> "raw_buffer";
      case TLS -> "tls";
    };
  }

  static ListenerConfig decode(Reading reading, Listener message) {
    reading.expect("", message, LISTENER);
    if (message.getAddress().hasPipe()
        && message.hasBindToPort()
        && !message.getBindToPort().getValue()) {
      reading.refuse("bind_to_port", "false for a pipe (expected: true)");
    }
    boolean original = message.getUseOriginalDst().getValue();
    boolean detect = false;
    Optional<ProxyProtocol> header = Optional.empty();
    for (int i = 0; i < message.getListenerFiltersCount(); i++) {
      var config = message.getListenerFilters(i).getTypedConfig();
      if (Reading.holds(config, OriginalDst.getDescriptor())) {
        original = true;
      } else if (Reading.holds(config, TlsInspector.getDescriptor())
          || Reading.holds(config, HttpInspector.getDescriptor())) {
        detect = true;
      } else if (Reading.holds(config, ProxyHeaderCodec.TYPE)) {
        header =
            ProxyHeaderCodec.decode(reading, "listener_filters[" + i + "].typed_config", config);
      } else {
        reading.unsupported(
            "listener_filters[" + i + "]",
            message.getListenerFilters(i).getName()
                + " (expected: original_dst, proxy_protocol, tls_inspector or http_inspector)");
      }
    }
    List<FilterChain> chains = new ArrayList<>();
    for (int i = 0; i < message.getFilterChainsCount(); i++) {
      chains.add(decode(reading, "filter_chains[" + i + "]", message.getFilterChains(i)));
    }
    return new ListenerConfig(
        message.getName(),
        direction(message.getTrafficDirection()),
        AddressCodec.decode(reading, "address", message.getAddress()),
        !message.hasBindToPort() || message.getBindToPort().getValue(),
        original,
        detect,
        detectTimeout(reading, message, detect || header.isPresent()),
        chains,
        message.hasDefaultFilterChain()
            ? Optional.of(decode(reading, "default_filter_chain", message.getDefaultFilterChain()))
            : Optional.empty(),
        Reading.unsigned(message.getPerConnectionBufferLimitBytes()),
        header,
        (detect || header.isPresent()) && !message.getContinueOnListenerFiltersTimeout(),
        AccessLogCodec.decode(reading, "", message.getAccessLogList()));
  }

  private static Duration detectTimeout(Reading reading, Listener message, boolean detect) {
    if (message.hasListenerFiltersTimeout()) {
      return reading.duration("listener_filters_timeout", message.getListenerFiltersTimeout());
    }
    return detect ? DEFAULT_DETECT_TIMEOUT : Duration.ZERO;
  }

  private static Direction direction(TrafficDirection direction) {
    return switch (direction) {
      case INBOUND -> Direction.INBOUND;
      case OUTBOUND -> Direction.OUTBOUND;
      case UNSPECIFIED, UNRECOGNIZED -> Direction.UNSPECIFIED;
    };
  }

  private static FilterChain decode(
      Reading reading, String path, io.envoyproxy.envoy.config.listener.v3.FilterChain message) {
    reading.expect(path, message, CHAIN);
    Optional<DownstreamTls> tls =
        TlsCodec.downstream(reading, path + ".transport_socket", message.getTransportSocket());
    return new FilterChain(
        message.getName(),
        match(reading, path + ".filter_chain_match", message.getFilterChainMatch()),
        tls,
        NetworkFilterCodec.access(reading, path, message.getFiltersList()),
        NetworkFilterCodec.decode(reading, path, message.getFiltersList()),
        NetworkFilterCodec.limit(reading, path, message.getFiltersList()));
  }

  private static ChainMatch match(Reading reading, String path, FilterChainMatch message) {
    reading.expect(path, message, MATCH);
    Transport transport =
        switch (message.getTransportProtocol()) {
          case "" -> Transport.ANY;
          case "raw_buffer" -> Transport.RAW;
          case "tls" -> Transport.TLS;
          default -> {
            reading.refuse(
                path + ".transport_protocol",
                message.getTransportProtocol() + " (expected: raw_buffer or tls)");
            yield Transport.ANY;
          }
        };
    return new ChainMatch(
        Reading.unsigned(message.getDestinationPort()),
        cidrs(message.getPrefixRangesList()),
        List.copyOf(message.getServerNamesList()),
        transport,
        List.copyOf(message.getApplicationProtocolsList()),
        cidrs(message.getSourcePrefixRangesList()));
  }

  private static List<Cidr> cidrs(List<CidrRange> ranges) {
    return ranges.stream()
        .map(range -> new Cidr(range.getAddressPrefix(), Reading.unsigned(range.getPrefixLen())))
        .toList();
  }
}
