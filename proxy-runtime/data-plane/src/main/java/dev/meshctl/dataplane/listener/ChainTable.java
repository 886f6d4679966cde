package dev.meshctl.dataplane.listener;

import dev.meshctl.dataplane.detect.Detected;
import dev.meshctl.model.xds.FilterChain.ChainMatch;
import dev.meshctl.model.xds.FilterChain.Cidr;
import dev.meshctl.model.xds.FilterChain.Transport;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Chooses the filter chain of a connection as Envoy does: destination port, destination prefix,
 * server name, transport protocol, application protocol, source prefix, each narrowing to its most
 * specific match and never going back.
 *
 * <p>Thread: any; immutable.
 */
public final class ChainTable {
  private static final int NO = -1;

  private final Map<Integer, List<CompiledChain>> byPort = new HashMap<>();
  private final Optional<CompiledChain> fallback;

  public ChainTable(List<CompiledChain> chains, Optional<CompiledChain> fallback) {
    for (CompiledChain chain : chains) {
      byPort
          .computeIfAbsent(chain.config().match().destinationPort(), p -> new ArrayList<>())
          .add(chain);
    }
    this.fallback = fallback;
  }

  /** The chain for a connection that was going to {@code destination}; empty closes it. */
  public Optional<CompiledChain> find(
      InetSocketAddress destination, InetSocketAddress source, Detected detected) {
    List<CompiledChain> left = byPort.get(destination.getPort());
    if (left == null) {
      left = byPort.getOrDefault(0, List.of());
    }
    left = mostSpecific(left, m -> prefix(m.destinationPrefixes(), destination.getAddress()));
    left = mostSpecific(left, m -> serverName(m, detected.serverName()));
    left = mostSpecific(left, m -> transport(m, detected.tls()));
    left = mostSpecific(left, m -> protocol(m, detected.applicationProtocols()));
    left = mostSpecific(left, m -> prefix(m.sourcePrefixes(), source.getAddress()));
    return left.isEmpty() ? fallback : Optional.of(left.getFirst());
  }

  private static List<CompiledChain> mostSpecific(
      List<CompiledChain> chains, ToIntFunction<ChainMatch> rank) {
    List<CompiledChain> best = new ArrayList<>(chains.size());
    int bestRank = NO;
    for (CompiledChain chain : chains) {
      int each = rank.applyAsInt(chain.config().match());
      if (each > bestRank) {
        best.clear();
        bestRank = each;
      }
      if (each >= 0 && each == bestRank) {
        best.add(chain);
      }
    }
    return best;
  }

  private static int prefix(List<Cidr> prefixes, InetAddress address) {
    int best = prefixes.isEmpty() ? 0 : NO;
    for (Cidr cidr : prefixes) {
      if (holds(cidr, address)) {
        best = Math.max(best, cidr.prefixLength() + 1);
      }
    }
    return best;
  }

  private static boolean holds(Cidr cidr, InetAddress address) {
    byte[] network = NetUtil.createByteArrayFromIpAddressString(cidr.address());
    byte[] actual = address.getAddress();
    if (network == null || network.length != actual.length) {
      return false;
    }
    for (int bit = 0; bit < cidr.prefixLength(); bit++) {
      int mask = 0x80 >> (bit & 7);
      if ((network[bit >> 3] & mask) != (actual[bit >> 3] & mask)) {
        return false;
      }
    }
    return true;
  }

  /** Exact is best, then the longest suffix, then none asked for. */
  private static int serverName(ChainMatch match, String name) {
    int best = match.serverNames().isEmpty() ? 0 : NO;
    for (String wanted : match.serverNames()) {
      if (wanted.equals(name)) {
        return Integer.MAX_VALUE;
      }
      if (wanted.startsWith("*.")
          && name.length() > wanted.length() - 1
          && name.endsWith(wanted.substring(1))) {
        best = Math.max(best, wanted.length());
      }
    }
    return best;
  }

  private static int transport(ChainMatch match, boolean tls) {
    return switch (match.transport()) {
      case ANY -> 0;
      case TLS -> tls ? 1 : NO;
      case RAW -> tls ? NO : 1;
    };
  }

  private static int protocol(ChainMatch match, List<String> offered) {
    if (match.applicationProtocols().isEmpty()) {
      return 0;
    }
    for (int i = 0; i < offered.size(); i++) {
      if (match.applicationProtocols().contains(offered.get(i))) {
        // The client's first choice decides.
        return offered.size() - i;
      }
    }
    return NO;
  }

  /** Some chain asks for what only the first bytes tell. */
  public boolean needsFirstBytes() {
    return byPort.values().stream()
        .flatMap(List::stream)
        .map(chain -> chain.config().match())
        .anyMatch(m ->
            m.transport() != Transport.ANY
                || !m.serverNames().isEmpty()
                || !m.applicationProtocols().isEmpty());
  }

  /** Each chain once. */
  public List<CompiledChain> all() {
    List<CompiledChain> all = new ArrayList<>();
    byPort.values().forEach(all::addAll);
    fallback.ifPresent(all::add);
    return all;
  }

  /** A chain by name, null where there is none any more. */
  public @Nullable CompiledChain byName(String name) {
    for (List<CompiledChain> chains : byPort.values()) {
      for (CompiledChain chain : chains) {
        if (chain.config().name().equals(name)) {
          return chain;
        }
      }
    }
    return fallback.filter(chain -> chain.config().name().equals(name)).orElse(null);
  }
}
