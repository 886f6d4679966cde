package dev.meshctl.model.query;

import dev.meshctl.model.patch.PatchState;
import dev.meshctl.model.patch.RuntimeReport;
import java.util.List;

/**
 * The runtimes of a mesh: what there is, what runs, what is under way.
 *
 * @param bundles that the control plane has and can give out, the one used last first
 * @param proxies those that said what they run; others cannot be patched
 * @param patches the newest last
 */
public record RuntimeView(
    List<Bundle> bundles, List<RuntimeReport> proxies, List<PatchState> patches) {
  public RuntimeView {
    bundles = List.copyOf(bundles);
    proxies = List.copyOf(proxies);
    patches = List.copyOf(patches);
  }

  /**
   * A bundle.
   *
   * @param bytes of its file
   * @param memoryBytes that one process of it needs
   */
  public record Bundle(
      String digest, String version, String buildId, String signer, long bytes, long memoryBytes) {}
}
