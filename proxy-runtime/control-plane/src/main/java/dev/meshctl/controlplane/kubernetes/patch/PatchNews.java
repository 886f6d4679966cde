package dev.meshctl.controlplane.kubernetes.patch;

import dev.meshctl.cluster.ClusterEvents.News;
import dev.meshctl.cluster.ClusterEvents.Type;
import dev.meshctl.cluster.patch.PatchStatus;
import dev.meshctl.model.patch.PatchState;
import dev.meshctl.model.patch.PatchState.Standing;
import java.util.Optional;

/** What is worth an event: a change of phase, of wave, or of what a patch waits for. Pure. */
final class PatchNews {
  private PatchNews() {}

  static Optional<News> of(PatchStatus before, PatchStatus after) {
    boolean same =
        before.phase().equals(after.phase())
            && before.reason().equals(after.reason())
            && wave(before) == wave(after);
    if (same) {
      return Optional.empty();
    }
    if (after.state().isEmpty() || !after.reason().isEmpty()) {
      return Optional.of(new News(Type.WARNING, after.reason(), after.message()));
    }
    PatchState patch = after.state().get();
    String of = "wave " + (patch.wave() + 1) + " of " + patch.plan().waves().size();
    String to = " to " + patch.plan().target().version();
    int size = patch.standing(Standing.ORDERED).size();
    return Optional.of(
        switch (patch.phase()) {
          case ROLLING ->
              new News(Type.NORMAL, "WaveBegan", of + to + ": " + size + " proxies ordered");
          case SOAKING -> new News(Type.NORMAL, "WaveSettled", of + to + " runs; the gate looks");
          case PAUSED -> new News(Type.NORMAL, "Paused", of);
          case RETURNING -> new News(Type.WARNING, "GoesBack", patch.problem());
          case RETURNED ->
              new News(
                  Type.WARNING,
                  "WentBack",
                  patch.standing(Standing.BEFORE).size()
                      + " proxies run what they ran before"
                      + (patch.standing(Standing.STUCK).isEmpty()
                          ? ""
                          : "; these do not: " + patch.standing(Standing.STUCK))
                      + ": "
                      + patch.problem());
          case DONE ->
              new News(
                  Type.NORMAL,
                  "Done",
                  patch.standing(Standing.PATCHED).size()
                      + " proxies run "
                      + patch.plan().target().version());
        });
  }

  private static int wave(PatchStatus status) {
    return status.state().map(PatchState::wave).orElse(-1);
  }
}
