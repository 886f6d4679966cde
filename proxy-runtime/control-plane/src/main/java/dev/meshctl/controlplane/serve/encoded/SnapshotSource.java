package dev.meshctl.controlplane.serve.encoded;

import dev.meshctl.model.xds.ProxyNode;

/** What each node should have now. */
@FunctionalInterface
public interface SnapshotSource {
  /** Thread: any, at once. */
  EncodedSnapshot snapshotFor(ProxyNode node);
}
