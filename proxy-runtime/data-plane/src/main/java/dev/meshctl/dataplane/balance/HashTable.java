package dev.meshctl.dataplane.balance;

/**
 * Hosts by hashes of requests, well and unwell ones. Who is unwell is walked past: so the table is
 * made anew only when hosts come and go, and only the keys of a host that fails move, to come back
 * with it.
 *
 * <p>Thread: any; immutable.
 */
sealed interface HashTable permits HashRing, MaglevTable {
  /** Entries, at least one. */
  int size();

  /** The entry of {@code hash}. */
  int first(long hash);

  /** The position of the host at {@code entry}. */
  int at(int entry);

  /** The position of the host for {@code hash}. */
  default int owner(long hash) {
    return at(first(hash));
  }

  /**
   * The position of the first host for {@code hash} that may be used.
   *
   * @param usable of each host; at least one may
   */
  default int owner(long hash, boolean[] usable) {
    int entry = first(hash);
    for (int steps = size(); steps > 0; steps--) {
      if (usable[at(entry)]) {
        return at(entry);
      }
      entry = entry + 1 < size() ? entry + 1 : 0;
    }
    for (int host = 0; host < usable.length; host++) {
      // A host of small weight may have no entry.
      if (usable[host]) {
        return host;
      }
    }
    throw new IllegalStateException("no host is usable (expected: at least one)");
  }
}
