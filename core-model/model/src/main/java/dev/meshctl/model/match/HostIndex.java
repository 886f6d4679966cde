package dev.meshctl.model.match;

import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Virtual hosts by authority, without case: exact names, then the longest suffix ({@code
 * *.example.com}), then the longest prefix ({@code example.*}), then {@code *}. The authority
 * counts as it stands: a port is part of it, as at Envoy, unless ports are ignored.
 *
 * <p>Thread: any.
 */
final class HostIndex<H> {
  private final ByteTable<H> exact;
  private final ByteTable<H> suffixes;
  private final ByteTable<H> prefixes;
  private final @Nullable H any;
  private final boolean ignorePort;

  private HostIndex(Builder<H> from, boolean ignorePort) {
    this.ignorePort = ignorePort;
    exact = new ByteTable<>(from.exact, true, false);
    suffixes = new ByteTable<>(from.suffixes, true, true);
    prefixes = new ByteTable<>(from.prefixes, true, false);
    any = from.any;
  }

  @Nullable H find(Bytes authority) {
    byte[] array = authority.array();
    int offset = authority.offset();
    int whole = ignorePort ? beforePort(array, offset, authority.length()) : authority.length();
    H found = findExact(array, offset, whole);
    if (found == null && !suffixes.isEmpty()) {
      found = findSuffix(array, offset, whole);
    }
    if (found == null && !prefixes.isEmpty()) {
      found = findPrefix(array, offset, whole);
    }
    return found == null ? any : found;
  }

  /**
   * Up to the last colon that stands behind no address of IPv6; what follows it does not matter.
   */
  private static int beforePort(byte[] array, int offset, int length) {
    for (int i = length - 1; i >= 0; i--) {
      switch (array[offset + i]) {
        case ':' -> {
          return i;
        }
        case ']' -> {
          return length;
        }
        default -> {}
      }
    }
    return length;
  }

  private @Nullable H findExact(byte[] array, int offset, int whole) {
    int hash = ByteTable.SEED;
    for (int i = 0; i < whole; i++) {
      hash = exact.roll(hash, array[offset + i]);
    }
    return exact.find(hash, array, offset, whole);
  }

  private @Nullable H findSuffix(byte[] array, int offset, int length) {
    H longest = null;
    int hash = ByteTable.SEED;
    // Position 0 is left out: the star stands for one byte at least.
    for (int i = length - 1; i > 0; i--) {
      hash = suffixes.roll(hash, array[offset + i]);
      H found = suffixes.find(hash, array, offset + i, length - i);
      if (found != null) {
        longest = found;
      }
    }
    return longest;
  }

  private @Nullable H findPrefix(byte[] array, int offset, int length) {
    H longest = null;
    int hash = ByteTable.SEED;
    for (int i = 0; i < length - 1; i++) {
      hash = prefixes.roll(hash, array[offset + i]);
      H found = prefixes.find(hash, array, offset, i + 1);
      if (found != null) {
        longest = found;
      }
    }
    return longest;
  }

  /** Collects domains; each may be added once. */
  static final class Builder<H> {
    private final Map<String, H> exact = new HashMap<>();
    private final Map<String, H> suffixes = new HashMap<>();
    private final Map<String, H> prefixes = new HashMap<>();
    private @Nullable H any;

    /** False where {@code domain} was added before. */
    boolean add(String domain, H host) {
      String lower = domain.toLowerCase(Locale.ROOT);
      if (lower.equals("*")) {
        boolean first = any == null;
        any = first ? host : any;
        return first;
      }
      if (lower.startsWith("*")) {
        return suffixes.putIfAbsent(lower.substring(1), host) == null;
      }
      if (lower.endsWith("*")) {
        return prefixes.putIfAbsent(lower.substring(0, lower.length() - 1), host) == null;
      }
      return exact.putIfAbsent(lower, host) == null;
    }

    /**
     * @param ignorePort of authorities; domains stay as they are
     */
    HostIndex<H> build(boolean ignorePort) {
      return new HostIndex<>(this, ignorePort);
    }
  }
}
