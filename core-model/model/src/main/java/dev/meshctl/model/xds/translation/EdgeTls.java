package dev.meshctl.model.xds.translation;

import dev.meshctl.model.resource.Metadata;
import dev.meshctl.model.traffic.HostNames;
import dev.meshctl.model.xds.ClusterNames;
import dev.meshctl.model.xds.DownstreamTls;
import dev.meshctl.model.xds.FilterChain;
import dev.meshctl.model.xds.ListenerConfig;
import dev.meshctl.model.xds.ListenerConfig.Direction;
import dev.meshctl.model.xds.NetworkFilter;
import dev.meshctl.model.xds.NetworkFilter.ForwardClientCert;
import dev.meshctl.model.xds.SocketEndpoint;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * A port of a gateway where TLS arrives: a chain for each set of server names, ended here or passed
 * through. A name belongs to whoever asks for it first. A connection that asks for no name of
 * theirs, or is no TLS, is closed. A request for a host of another chain is misdirected (421): who
 * came in without a client certificate does not reach what asks for one by another Host.
 */
final class EdgeTls {
  private final List<FilterChain> chains = new ArrayList<>();

  /** Server names with the chain that has each. */
  private final Map<String, String> owners = new LinkedHashMap<>();

  /** Of chains and tables, as Istio names them: {@code https.443.LISTENER.GATEWAY.NAMESPACE}. */
  static String name(boolean http, int port, String listener, Metadata gateway) {
    return String.join(
        ".",
        http ? "https" : "tls",
        Integer.toString(port),
        listener,
        gateway.name(),
        gateway.namespace());
  }

  /** TLS ends here, and requests go by the table {@code name}. */
  void terminateHttp(String name, List<String> hosts, DownstreamTls tls) {
    // Workloads are told who a client is that was asked for its certificate.
    ForwardClientCert told =
        tls.trustSecret().isEmpty() ? ForwardClientCert.SANITIZE : ForwardClientCert.SANITIZE_SET;
    terminate(name, hosts, tls, Filters.outboundHttp(name, name, told));
  }

  /** TLS ends here, and {@code filter} goes on. */
  void terminate(String name, List<String> hosts, DownstreamTls tls, NetworkFilter filter) {
    claim(name, hosts)
        .ifPresent(names ->
            chains.add(
                Filters.fromOutside(Filters.serverNames(name, names, Optional.of(tls), filter))));
  }

  /** TLS ends at the upstream. */
  void passThrough(List<String> hosts, NetworkFilter filter) {
    String name = "tls_" + first(hosts);
    claim(name, hosts)
        .ifPresent(names -> chains.add(Filters.serverNames(name, names, Optional.empty(), filter)));
  }

  /** Without a certificate nobody is answered, not even with that of a wider name. */
  void refuse(List<String> hosts) {
    String name = "refused_" + first(hosts);
    NetworkFilter closing = Filters.tcp("refused", ClusterNames.BLACK_HOLE);
    claim(name, hosts)
        .ifPresent(
            names -> chains.add(Filters.serverNames(name, names, Optional.empty(), closing)));
  }

  /** The first of them that is free. */
  private String first(List<String> hosts) {
    return names(hosts).stream()
        .filter(name -> !owners.containsKey(name))
        .findFirst()
        .orElse(HostNames.ANY);
  }

  private static List<String> names(List<String> hosts) {
    return hosts.isEmpty() || hosts.contains(HostNames.ANY)
        ? List.of(HostNames.ANY)
        : hosts.stream().map(host -> host.toLowerCase(Locale.ROOT)).toList();
  }

  /** Server names that nobody had yet; none stand for any. Empty where all were taken. */
  private Optional<List<String>> claim(String chain, List<String> hosts) {
    List<String> free =
        names(hosts).stream().filter(name -> owners.putIfAbsent(name, chain) == null).toList();
    if (free.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(free.contains(HostNames.ANY) ? List.of() : free);
  }

  /**
   * Whether a connection that asks for {@code host} comes to {@code chain}: then its requests for
   * that host are answered there, and nowhere else on the port.
   */
  boolean leads(String host, String chain) {
    return owners.keySet().stream()
        .filter(name -> HostNames.matches(name, host))
        .min(HostNames.MOST_SPECIFIC_FIRST)
        .map(name -> chain.equals(owners.get(name)))
        .orElse(false);
  }

  /** Names of other chains that are within the names of {@code chain}. */
  List<String> narrowerElsewhere(String chain) {
    return owners.entrySet().stream()
        .filter(entry -> !entry.getValue().equals(chain))
        .map(Map.Entry::getKey)
        .filter(name ->
            owners.entrySet().stream()
                .anyMatch(
                    own -> own.getValue().equals(chain) && HostNames.matches(own.getKey(), name)))
        .toList();
  }

  ListenerConfig listener(String name, SocketEndpoint address) {
    return new ListenerConfig(
        name,
        Direction.OUTBOUND,
        address,
        true,
        false,
        true,
        Filters.FIRST_BYTES_TIMEOUT,
        chains,
        Optional.empty());
  }

  boolean isEmpty() {
    return chains.isEmpty();
  }
}
