package dev.meshctl.model.query;

import dev.meshctl.model.patch.Gate;
import dev.meshctl.model.patch.PatchPlan.Undo;
import dev.meshctl.model.xds.RuntimeOrder.Limits;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * What an operator asks of runtimes.
 *
 * @param to version of a bundle, or its digest or the beginning of it
 * @param namespace of the proxies; empty for any
 * @param selector labels that they have; empty for any
 * @param proxies their ids, names of instances, or {@code INSTANCE.NAMESPACE}; empty for any
 * @param waves as {@link dev.meshctl.model.patch.Waves} reads them
 * @param perNode how many of a node begin at once
 * @param dryRun answer with the plan and begin nothing
 */
public record PatchRequest(
    String to,
    String namespace,
    Map<String, String> selector,
    List<String> proxies,
    String waves,
    Gate gate,
    Duration soak,
    Limits limits,
    Undo undo,
    int perNode,
    boolean dryRun) {
  public PatchRequest {
    selector = Map.copyOf(selector);
    proxies = List.copyOf(proxies);
  }
}
