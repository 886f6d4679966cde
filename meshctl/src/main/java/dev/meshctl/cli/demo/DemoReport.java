package dev.meshctl.cli.demo;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a demo found; with {@code --json} the last line of output.
 *
 * @param requests sent through the gateway
 * @param failed of them: not answered with 200
 * @param agreed whether every observed share lies within its bound
 * @param confidence of the bounds, two-sided, for each share
 * @param edges what the sidecars and the gateway measured over the last {@code windowSeconds}
 */
record DemoReport(
    String mesh,
    String capture,
    double secondsToFirstRequest,
    long requests,
    long failed,
    boolean agreed,
    double confidence,
    Map<String, Integer> failures,
    List<Phase> phases,
    long windowSeconds,
    List<Edge> edges) {
  DemoReport {
    failures = Map.copyOf(failures);
    phases = List.copyOf(phases);
    edges = List.copyOf(edges);
  }

  /** No request failed and every share is as desired. */
  boolean succeeded() {
    return requests > 0
        && failed == 0
        && agreed
        && phases.stream().noneMatch(p -> p.requests() == 0);
  }

  /**
   * One position of the split.
   *
   * @param desired percent by version
   * @param observed percent by version, as measured by the callers' sidecars
   * @param least by version: the smallest observed percent that chance explains
   * @param most by version: the largest
   * @param requests measured in this phase
   * @param secondsToAcknowledge from the edit until every proxy had acknowledged it
   */
  record Phase(
      Map<String, Double> desired,
      Map<String, Double> observed,
      Map<String, Double> least,
      Map<String, Double> most,
      long requests,
      double secondsToAcknowledge,
      boolean agreed) {
    Phase {
      desired = ordered(desired);
      observed = ordered(observed);
      least = ordered(least);
      most = ordered(most);
    }
  }

  /** Who called whom, how well. */
  record Edge(
      String source,
      String destination,
      String protocol,
      long requests,
      long errors,
      double p50Ms,
      double p90Ms,
      double p99Ms,
      boolean mtls) {}

  private static <V> Map<String, V> ordered(Map<String, V> map) {
    return Collections.unmodifiableMap(new LinkedHashMap<>(map));
  }
}
