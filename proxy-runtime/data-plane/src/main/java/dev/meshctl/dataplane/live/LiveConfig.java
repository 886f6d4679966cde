package dev.meshctl.dataplane.live;

import dev.meshctl.dataplane.listener.CompiledListener;
import dev.meshctl.dataplane.route.RouteTable;
import dev.meshctl.dataplane.upstream.Cluster;
import dev.meshctl.model.xds.NameTable;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One configuration, compiled.
 *
 * <p>Thread: any; immutable.
 */
public final class LiveConfig {
  public static final LiveConfig EMPTY =
      new LiveConfig(0, Map.of(), Map.of(), Map.of(), Optional.empty());

  private final long generation;
  private final Map<String, CompiledListener> listeners;
  private final Map<String, RouteTable> routes;
  private final Map<String, Cluster> clusters;
  private final Optional<NameTable> names;
  private final Map<InetSocketAddress, CompiledListener> virtual = new LinkedHashMap<>();

  /**
   * @param routes by name; those inside a chain under {@link #inlineName}
   */
  LiveConfig(
      long generation,
      Map<String, CompiledListener> listeners,
      Map<String, RouteTable> routes,
      Map<String, Cluster> clusters,
      Optional<NameTable> names) {
    this.generation = generation;
    this.listeners = Map.copyOf(listeners);
    this.routes = Map.copyOf(routes);
    this.clusters = Map.copyOf(clusters);
    this.names = names;
    for (CompiledListener listener : listeners.values()) {
      if (!listener.config().bindToPort() && !listener.config().address().isPipe()) {
        var address = listener.config().address();
        virtual.put(new InetSocketAddress(address.address(), address.port()), listener);
      }
    }
  }

  /** The name under which a chain's own table is kept. */
  public static String inlineName(String listener, String chain) {
    return "inline|" + listener + "|" + chain;
  }

  public long generation() {
    return generation;
  }

  public @Nullable CompiledListener listener(String name) {
    return listeners.get(name);
  }

  /** Those with a socket of their own. */
  public List<CompiledListener> bound() {
    return listeners.values().stream().filter(l -> l.config().bindToPort()).toList();
  }

  /** The listener without socket for this original destination: its address, else its port. */
  public @Nullable CompiledListener virtual(InetSocketAddress original) {
    CompiledListener exact = virtual.get(original);
    if (exact != null) {
      return exact;
    }
    CompiledListener ofFamily =
        original.getAddress() instanceof Inet6Address
            ? virtual.get(new InetSocketAddress("::", original.getPort()))
            : null;
    return ofFamily != null
        ? ofFamily
        : virtual.get(new InetSocketAddress("0.0.0.0", original.getPort()));
  }

  public @Nullable RouteTable routes(String name) {
    return routes.get(name);
  }

  public @Nullable Cluster cluster(String name) {
    return clusters.get(name);
  }

  public Map<String, Cluster> clusters() {
    return clusters;
  }

  public Optional<NameTable> names() {
    return names;
  }
}
