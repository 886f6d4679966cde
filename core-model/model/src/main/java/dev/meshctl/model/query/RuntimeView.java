package dev.meshctl.model.query;

import dev.meshctl.model.patch.PatchState;
import dev.meshctl.model.patch.RuntimeReport;
import java.util.List;

/**
 * The runtimes of a mesh: what there is, what runs, what is under way.
 *
 * @param bundles that the control plane has and can give out, the one used last first
 * @param aside those that it has and does not give out
 * @param proxies those that said what they run; others cannot be patched
 * @param patches the newest last
 */
public record RuntimeView(
    List<Bundle> bundles,
    List<Aside> aside,
    List<RuntimeReport> proxies,
    List<PatchState> patches) {
  public RuntimeView {
    bundles = List.copyOf(bundles);
    // A control plane of before does not say.
    aside = aside == null ? List.of() : List.copyOf(aside);
    proxies = List.copyOf(proxies);
    patches = List.copyOf(patches);
  }

  /**
   * A bundle.
   *
   * @param bytes of its file
   * @param memoryBytes that one process of it needs
   * @param usedEpochMillis when it came to the mesh or was pushed again; 0 where that is not known
   */
  public record Bundle(
      String digest,
      String version,
      String buildId,
      String signer,
      long bytes,
      long memoryBytes,
      long usedEpochMillis) {}

  /**
   * A file that is here and is not given out.
   *
   * @param file its name
   * @param refused whether it was found bad; else it is yet to be verified
   * @param reason why
   */
  public record Aside(String file, boolean refused, String reason) {}
}
