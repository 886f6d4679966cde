package dev.meshctl.controlplane;

import dev.meshctl.controlplane.intake.MeshConfiguration;
import dev.meshctl.controlplane.serve.ProxySessions;
import dev.meshctl.controlplane.serve.encoded.MeshSnapshots;
import dev.meshctl.model.topology.MeshGraph;
import dev.meshctl.model.xds.translation.MeshTranslation;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What happens when a configuration is accepted: it is translated, put in force and pushed.
 *
 * <p>Thread: the intake's, one at a time.
 */
final class Acceptance implements Consumer<MeshConfiguration> {
  private final MeshSnapshots snapshots;
  private final ProxySessions sessions;
  private final MeshAnswers answers;
  private @Nullable MeshTranslation translation;

  Acceptance(MeshSnapshots snapshots, ProxySessions sessions, MeshAnswers answers) {
    this.snapshots = snapshots;
    this.sessions = sessions;
    this.answers = answers;
  }

  @Override
  public void accept(MeshConfiguration fresh) {
    MeshTranslation before = translation;
    MeshTranslation now =
        before == null
            ? MeshTranslation.of(fresh.mesh(), fresh.inventory())
            : before.next(fresh.mesh(), fresh.inventory());
    translation = now;
    answers.graph(() -> MeshGraph.of(fresh.mesh(), fresh.inventory()));
    snapshots.publish(fresh.generation(), now::layersFor);
    sessions.changed();
  }
}
