package dev.meshctl.dataplane.upstream;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * Who has connections that serve one client only, and so are of no use once it has left.
 *
 * <p>Thread: confined to its loop.
 */
public final class Departures {
  private final Map<ToldClient, Set<HostPools>> interested = new HashMap<>();

  void await(ToldClient client, HostPools pools) {
    interested.computeIfAbsent(client, each -> new HashSet<>(2)).add(pools);
  }

  /** Nobody was told of any client: most proxies never have to ask further. */
  public boolean isEmpty() {
    return interested.isEmpty();
  }

  /** The client's connection is closed. */
  public void left(ToldClient client) {
    Set<HostPools> pools = interested.remove(client);
    if (pools != null) {
      pools.forEach(each -> each.left(client));
    }
  }
}
