package dev.meshctl.model.xds;

import java.util.List;

/** Whether references between the resources of a snapshot hold. */
public final class SnapshotConsistency {
  private SnapshotConsistency() {}

  /** One sentence for each reference that dangles; empty when the snapshot is whole. */
  public static List<String> check(XdsSnapshot snapshot) {
    throw new UnsupportedOperationException();
  }
}
