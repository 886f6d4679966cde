package dev.meshctl.model.xds.translation;

import dev.meshctl.model.resource.Metadata;
import dev.meshctl.model.traffic.HostNames;
import dev.meshctl.model.xds.DownstreamTls;
import dev.meshctl.model.xds.FilterChain;
import dev.meshctl.model.xds.ListenerConfig;
import dev.meshctl.model.xds.ListenerConfig.Direction;
import dev.meshctl.model.xds.NetworkFilter;
import dev.meshctl.model.xds.NetworkFilter.ForwardClientCert;
import dev.meshctl.model.xds.SocketEndpoint;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * A port of a gateway where TLS arrives: a chain for each set of server names, ended here or passed
 * through. A name belongs to whoever asks for it first. A connection that asks for no name of
 * theirs, or is no TLS, is closed.
 */
final class EdgeTls {
  private final List<FilterChain> chains = new ArrayList<>();
  private final Set<String> claimed = new HashSet<>();

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
    free(hosts)
        .ifPresent(names ->
            chains.add(
                Filters.fromOutside(Filters.serverNames(name, names, Optional.of(tls), filter))));
  }

  /** TLS ends at the upstream. */
  void passThrough(List<String> hosts, NetworkFilter filter) {
    free(hosts)
        .ifPresent(names ->
            chains.add(
                Filters.serverNames("tls_" + first(names), names, Optional.empty(), filter)));
  }

  /** Without a certificate nobody is answered, not even with that of a wider name. */
  void refuse(List<String> hosts) {
    free(hosts)
        .ifPresent(names ->
            chains.add(
                Filters.serverNames(
                    "refused_" + first(names),
                    names,
                    Optional.empty(),
                    Filters.tcp("refused", ClusterNames.BLACK_HOLE))));
  }

  private static String first(List<String> names) {
    return names.isEmpty() ? HostNames.ANY : names.getFirst();
  }

  /** Server names that nobody has yet; none stand for any. Empty where all are taken. */
  private Optional<List<String>> free(List<String> hosts) {
    List<String> names =
        hosts.isEmpty() || hosts.contains(HostNames.ANY)
            ? List.of(HostNames.ANY)
            : hosts.stream().map(host -> host.toLowerCase(Locale.ROOT)).toList();
    List<String> free = names.stream().filter(claimed::add).toList();
    if (free.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(free.contains(HostNames.ANY) ? List.of() : free);
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
