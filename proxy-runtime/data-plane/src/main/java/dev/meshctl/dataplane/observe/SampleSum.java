package dev.meshctl.dataplane.observe;

import dev.meshctl.model.telemetry.EdgeKey;
import dev.meshctl.model.telemetry.EdgeSample;
import dev.meshctl.model.telemetry.EdgeSample.ResponseCount;
import dev.meshctl.model.telemetry.LatencyHistogram;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Adds the deltas of several loops up to one sample. */
final class SampleSum {
  private final Map<EdgeDelta.Answer, Long> answers = new LinkedHashMap<>();
  private LatencyHistogram.Counts latency = LatencyHistogram.Counts.EMPTY;
  private long requestBytes;
  private long responseBytes;

  void add(EdgeDelta delta) {
    requestBytes += delta.received();
    responseBytes += delta.sent();
    for (EdgeDelta.Cell cell : delta.cells()) {
      answers.merge(cell.answer(), cell.count(), Long::sum);
      latency = latency.total() == 0 ? cell.latency() : latency.plus(cell.latency());
      requestBytes += cell.requestSizes().sum();
      responseBytes += cell.responseSizes().sum();
    }
  }

  EdgeSample toSample(EdgeKey key) {
    List<ResponseCount> responses = new ArrayList<>(answers.size());
    answers.forEach((answer, count) ->
        responses.add(
            new ResponseCount(
                answer.status(), answer.grpcStatus(), ResponseFlag.text(answer.flags()), count)));
    return new EdgeSample(key, responses, requestBytes, responseBytes, latency);
  }
}
