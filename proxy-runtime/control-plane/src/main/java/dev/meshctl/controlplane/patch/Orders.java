package dev.meshctl.controlplane.patch;

import dev.meshctl.model.patch.PatchBook.Beginning;
import dev.meshctl.model.patch.PatchEvent;
import dev.meshctl.model.patch.PatchPlan;
import dev.meshctl.model.patch.PatchState;
import dev.meshctl.model.patch.RuntimeReport;
import dev.meshctl.model.xds.RuntimeOrder;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Patches, wherever they are kept, and what proxies said of their runtimes.
 *
 * <p>Thread: any.
 */
public interface Orders extends AutoCloseable {
  /** Begins to look at the mesh. */
  void start();

  /** The order in force for a proxy. */
  Optional<RuntimeOrder> order(String proxyId);

  /**
   * Addresses of the bundles that must stay: what patches lead to and back to, and what proxies
   * run. Empty while that is not known.
   */
  Optional<Set<String>> needed();

  /** Whether a bundle that is not here may come by itself: then a proxy is to ask again. */
  default boolean mayCome(String digest) {
    return false;
  }

  /** All patches, the newest last. */
  List<PatchState> all();

  /** What each proxy said last; those that never said anything cannot be patched. */
  Map<String, RuntimeReport> reports();

  /** Generations from which the orders of a new patch go on. */
  Map<String, Long> generations();

  /**
   * @throws IOException where it cannot be kept; nothing has begun then
   */
  Beginning begin(PatchPlan plan) throws IOException;

  /**
   * What an operator asks of one patch.
   *
   * @throws IOException where it cannot be kept; nothing has changed then
   */
  void ask(String id, PatchEvent event) throws IOException;

  /**
   * @throws IOException where it cannot be kept; the proxy should say it again
   */
  void reported(RuntimeReport report) throws IOException;

  @Override
  void close();
}
