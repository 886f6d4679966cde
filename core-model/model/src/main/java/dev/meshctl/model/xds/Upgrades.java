package dev.meshctl.model.xds;

import java.util.Collections;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;

/**
 * Protocols that requests may leave HTTP for, {@code upgrade_configs} of a listener or, over it, of
 * a route: names of RFC 9110 7.8 and of {@code :protocol}, lower case, sorted. CONNECT is none of
 * them.
 *
 * @param allowed those with {@code enabled} true or unset
 * @param refused those with {@code enabled: false}, which is worth something on a route only
 */
public record Upgrades(Set<String> allowed, Set<String> refused) {
  /** Says nothing: of a route, that its listener decides; of a listener, that it allows none. */
  public static final Upgrades NONE = new Upgrades(Set.of(), Set.of());

  public static final Upgrades WEB_SOCKET = new Upgrades(Set.of("websocket"), Set.of());

  public Upgrades {
    allowed = lowerCase(allowed);
    refused = lowerCase(refused);
  }

  private static Set<String> lowerCase(Set<String> protocols) {
    Set<String> all = new TreeSet<>();
    protocols.forEach(protocol -> all.add(protocol.toLowerCase(Locale.ROOT)));
    return Collections.unmodifiableSet(all);
  }

  /**
   * Whether a request of this route may leave HTTP for {@code protocol}.
   *
   * @param listener what its listener says
   */
  public boolean allow(String protocol, Upgrades listener) {
    String name = protocol.toLowerCase(Locale.ROOT);
    return allowed.contains(name) || (!refused.contains(name) && listener.allowed.contains(name));
  }
}
