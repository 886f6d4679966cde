package dev.meshctl.integration.soak;

import java.util.List;
import java.util.stream.Collectors;

/**
 * What was seen.
 *
 * @param capacity requests a second without a pace, measured before
 * @param wanted requests a second that were aimed at
 * @param pushes of routes, and as many of endpoints
 * @param closings requests that an upstream answered by closing the connection
 * @param rssKib each second
 * @param samples each minute
 */
record SoakReport(
    long seconds,
    long seed,
    double capacity,
    double wanted,
    long requests,
    long deaths,
    long pushes,
    long resets,
    long closings,
    List<String> failures,
    ProcessFigures before,
    ProcessFigures after,
    List<Long> rssKib,
    List<Sample> samples) {

  SoakReport {
    failures = List.copyOf(failures);
    rssKib = List.copyOf(rssKib);
    samples = List.copyOf(samples);
  }

  /**
   * @param figures heap as it is, garbage included
   */
  record Sample(long second, long requests, long failed, ProcessFigures figures) {
    String json() {
      return """
      {"second": %d, "requests": %d, "failed": %d, "rssKib": %d, "descriptors": %d, "heapKib": %d}\
      """
          .formatted(
              second, requests, failed, figures.rssKib(), figures.descriptors(), figures.heapKib());
    }
  }

  /** Of the second half, by least squares. */
  double rssSlopeKibPerMinute() {
    List<Long> late = rssKib.subList(rssKib.size() / 2, rssKib.size());
    double meanX = (late.size() - 1) / 2.0;
    double meanY = late.stream().mapToLong(Long::longValue).average().orElse(0);
    double above = 0;
    double below = 0;
    for (int i = 0; i < late.size(); i++) {
      above += (i - meanX) * (late.get(i) - meanY);
      below += (i - meanX) * (i - meanX);
    }
    return below == 0 ? 0 : above / below * 60;
  }

  String json() {
    return """
    {"seconds": %d, "seed": %d, "capacityPerSecond": %.0f, "wantedPerSecond": %.0f,
     "requests": %d, "failed": %d,
     "upstreamDeaths": %d, "pushes": %d, "clientResets": %d, "upstreamClosings": %d,
     "rssKibBefore": %d, "rssKibAfter": %d, "rssSlopeKibPerMinute": %.1f,
     "descriptorsBefore": %d, "descriptorsAfter": %d, "heapKibBefore": %d, "heapKibAfter": %d,
     "samples": [
      %s],
     "failures": [%s]}\
    """
        .formatted(
            seconds,
            seed,
            capacity,
            wanted,
            requests,
            failures.size(),
            deaths,
            pushes,
            resets,
            closings,
            before.rssKib(),
            after.rssKib(),
            rssSlopeKibPerMinute(),
            before.descriptors(),
            after.descriptors(),
            before.heapKib(),
            after.heapKib(),
            samples.stream().map(Sample::json).collect(Collectors.joining(",\n      ")),
            failures.stream().map(SoakReport::quoted).collect(Collectors.joining(",\n      ")));
  }

  private static String quoted(String text) {
    return '"' + text.replace('"', '\'').replaceAll("\\s+", " ") + '"';
  }
}
