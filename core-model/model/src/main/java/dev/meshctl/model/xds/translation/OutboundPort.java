package dev.meshctl.model.xds.translation;

import dev.meshctl.model.resource.AppProtocol;
import dev.meshctl.model.traffic.MeshService;
import dev.meshctl.model.xds.FilterChain;
import dev.meshctl.model.xds.ListenerConfig;
import dev.meshctl.model.xds.ListenerConfig.Direction;
import dev.meshctl.model.xds.SocketEndpoint;
import dev.meshctl.model.xds.WeightedCluster;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * One port of a service as clients reach it: HTTP by routes, everything else by where connections
 * go.
 *
 * @param service under whose address it is reached
 * @param tcp where connections go, by weight
 * @param idle after which a TCP connection without bytes ends
 * @param byServerName where TLS connections go by the name they ask for, before {@code tcp}
 */
record OutboundPort(
    MeshService service,
    int number,
    AppProtocol protocol,
    List<WeightedCluster> tcp,
    List<ServerNames> byServerName,
    Duration idle) {

  OutboundPort(
      MeshService service,
      int number,
      AppProtocol protocol,
      List<WeightedCluster> tcp,
      List<ServerNames> byServerName) {
    this(service, number, protocol, tcp, byServerName, Filters.IDLE_TIMEOUT);
  }

  /** TLS to some names, passed through. */
  record ServerNames(List<String> names, List<WeightedCluster> clusters) {}

  /** The same with connections going elsewhere. */
  OutboundPort leadingTo(List<WeightedCluster> clusters) {
    return new OutboundPort(service, number, protocol, clusters, byServerName, idle);
  }

  /** Names of its listeners, as Istio gives them: {@code 10.96.0.7_9080}. */
  static String listenerName(String address, int port) {
    return address + "_" + port;
  }

  ListenerConfig listenerAt(String address, boolean bindToPort) {
    return listenerAt(
        listenerName(address, number), new SocketEndpoint(address, number), bindToPort, routes());
  }

  /** The table of all services that clients reach at this port. */
  String routes() {
    return Integer.toString(number);
  }

  ListenerConfig listenerAt(
      String name, SocketEndpoint address, boolean bindToPort, String routes) {
    String stat = "outbound_" + name;
    List<FilterChain> chains = new ArrayList<>();
    Optional<FilterChain> last = Optional.empty();
    boolean detect = false;
    Duration timeout = Duration.ZERO;
    switch (protocol) {
      case HTTP, HTTP2, GRPC, GRPC_WEB ->
          chains.add(Filters.chain("http", Filters.outboundHttp(stat, routes)));
      case TCP, UDP -> chains.add(Filters.chain("tcp", Filters.tcp(stat, tcp, idle)));
      case HTTPS, TLS -> {
        byServerName.forEach(names ->
            chains.add(
                Filters.serverNames(
                    "tls_" + names.names().getFirst(),
                    names.names(),
                    Filters.tcp(stat, names.clusters(), idle))));
        last = Optional.of(Filters.chain("tcp", Filters.tcp(stat, tcp, idle)));
        detect = !byServerName.isEmpty();
        timeout = detect ? Filters.FIRST_BYTES_TIMEOUT : Duration.ZERO;
      }
      case UNKNOWN -> {
        chains.add(Filters.detectedHttp("http", Filters.outboundHttp(stat, routes)));
        last = Optional.of(Filters.chain("tcp", Filters.tcp(stat, tcp, idle)));
        detect = true;
        timeout = Filters.DETECT_TIMEOUT;
      }
    }
    return new ListenerConfig(
        name, Direction.OUTBOUND, address, bindToPort, false, detect, timeout, chains, last);
  }
}
