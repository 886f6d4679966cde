package dev.meshctl.dataplane.observe;

import org.jspecify.annotations.Nullable;

/**
 * Finds an {@link Edge} by the things that a request was resolved to, by identity: one look-up
 * without hashing text or making garbage. Belongs to one configuration: a new one brings new things
 * and so a new cache, while the edges stay in the {@link EdgeMeter}.
 *
 * <p>Thread: one event loop.
 */
public final class EdgeCache {
  private static final int START = 64;

  private Object[] targets = new Object[START];
  private @Nullable Object[] hosts = new Object[START];
  private int[] variants = new int[START];
  private @Nullable Edge[] edges = new Edge[START];
  private int size;

  /**
   * The edge put for exactly these; null where none was.
   *
   * @param target for example the route's target
   * @param host null where no host was found
   * @param variant for example protocol and mTLS as a small number
   */
  public @Nullable Edge find(Object target, @Nullable Object host, int variant) {
    return edges[slot(target, host, variant)];
  }

  public void put(Object target, @Nullable Object host, int variant, Edge edge) {
    int slot = slot(target, host, variant);
    boolean added = edges[slot] == null;
    targets[slot] = target;
    hosts[slot] = host;
    variants[slot] = variant;
    edges[slot] = edge;
    if (added && ++size * 2 > edges.length) {
      grow();
    }
  }

  private int slot(Object target, @Nullable Object host, int variant) {
    int hash = System.identityHashCode(target) * 31 + System.identityHashCode(host) + variant;
    int mask = edges.length - 1;
    int slot = (hash * 0x9E3779B9) >>> 7 & mask;
    while (edges[slot] != null
        && (targets[slot] != target || hosts[slot] != host || variants[slot] != variant)) {
      slot = (slot + 1) & mask;
    }
    return slot;
  }

  private void grow() {
    Object[] oldTargets = targets;
    @Nullable Object[] oldHosts = hosts;
    int[] oldVariants = variants;
    @Nullable Edge[] oldEdges = edges;
    targets = new Object[oldEdges.length * 2];
    hosts = new Object[oldEdges.length * 2];
    variants = new int[oldEdges.length * 2];
    edges = new Edge[oldEdges.length * 2];
    size = 0;
    for (int i = 0; i < oldEdges.length; i++) {
      Edge edge = oldEdges[i];
      if (edge != null) {
        put(oldTargets[i], oldHosts[i], oldVariants[i], edge);
      }
    }
  }
}
