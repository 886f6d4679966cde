package dev.meshctl.model.patch;

import dev.meshctl.model.xds.RuntimeOrder.Target;

/**
 * The runtime that a proxy runs.
 *
 * @param version for people
 * @param digest of its bundle; empty for the one that came with the image or installation
 */
public record RunningRuntime(String version, String digest) {

  static RunningRuntime of(RuntimeReport report) {
    return new RunningRuntime(report.runningVersion(), report.runningDigest());
  }

  /**
   * What is ordered to get there.
   *
   * @param rollback the version may go down
   */
  Target ordered(boolean rollback) {
    return digest.isEmpty()
        ? new Target.Shipped(version)
        : new Target.Bundle(version, digest, rollback);
  }
}
