package dev.meshctl.cluster.install;

import dev.meshctl.cluster.ClusterException;
import dev.meshctl.cluster.ClusterException.Reason;
import dev.meshctl.cluster.ClusterObject;
import dev.meshctl.cluster.ClusterObjects;
import dev.meshctl.cluster.install.Foreseen.Fate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Makes a cluster what a plan says, by server-side apply, one object after the other. Nothing is
 * kept outside the cluster: run again, after whatever end, it does what is left to do.
 *
 * <p>Thread: blocks its caller.
 */
public final class Installer {
  private static final Set<String> NEEDED_WHOEVERS = Set.of("Namespace", "ConfigMap");

  private final ClusterObjects cluster;
  private final boolean force;

  /**
   * @param force take fields over from whoever owns them
   */
  public Installer(ClusterObjects cluster, boolean force) {
    this.cluster = cluster;
    this.force = force;
  }

  /** What applying the plan would do, as the API server says; it changes nothing. */
  public List<Foreseen> foresee(InstallPlan plan) throws ClusterException {
    List<Foreseen> foreseen = new ArrayList<>();
    for (ClusterObject object : plan.objects()) {
      foreseen.add(new Foreseen(object, fate(object)));
    }
    return foreseen;
  }

  private Fate fate(ClusterObject object) throws ClusterException {
    Optional<ClusterObject> there = cluster.get(object.kind(), object.namespace(), object.name());
    if (there.isEmpty() || there.get().isBeingDeleted()) {
      return new Fate.Create();
    }
    return switch (Ownership.of(there.get())) {
      case Ownership.Helms helm ->
          new Fate.Refuse(
              "is of the Helm release " + helm.release(),
              "go on with Helm, or end with it: helm uninstall " + helm.release());
      case Ownership.Foreign foreign when mayBeForeign(object) ->
          new Fate.Leave("is of " + foreign.by());
      case Ownership.Foreign foreign ->
          new Fate.Refuse(
              "is there and is of " + foreign.by(),
              "delete it, or label it "
                  + Ownership.PART_OF
                  + "="
                  + Ownership.MESHCTL
                  + " if it may be changed");
      case Ownership.Ours ours -> ours(object, there.get());
    };
  }

  /** Namespaces, MeshConfig and Istio's kinds do as well if they are somebody else's. */
  private static boolean mayBeForeign(ClusterObject object) {
    return NEEDED_WHOEVERS.contains(object.kind().kind())
        || object.kind().kind().equals("CustomResourceDefinition")
            && object.name().endsWith(".istio.io");
  }

  private Fate ours(ClusterObject object, ClusterObject there) throws ClusterException {
    try {
      ClusterObject after = cluster.apply(object, how().asDryRun()).object();
      List<String> changes = Changes.between(there.tree(), after.tree());
      return changes.isEmpty() ? new Fate.Unchanged() : new Fate.Change(changes);
    } catch (ClusterException refused) {
      return switch (refused.reason()) {
        case CONFLICT ->
            new Fate.Refuse(
                String.valueOf(refused.getMessage()),
                "leave those fields to their owner by values, or take them: --force-conflicts");
        default -> throw refused;
      };
    }
  }

  private ClusterObjects.Apply how() {
    return new ClusterObjects.Apply(ClusterObjects.FIELD_MANAGER, force, false);
  }

  /**
   * Applies one object; what is left alone or as it should be is not touched.
   *
   * @throws ClusterException where the API server does not take it
   */
  public void apply(Foreseen foreseen) throws ClusterException {
    switch (foreseen.fate()) {
      case Fate.Create create -> cluster.apply(foreseen.object(), how());
      case Fate.Change change -> cluster.apply(foreseen.object(), how());
      case Fate.Unchanged unchanged -> {}
      case Fate.Leave leave -> {}
      case Fate.Refuse refuse ->
          throw new ClusterException(Reason.CONFLICT, foreseen.object() + " " + refuse.why());
    }
  }

  /** What of the plan is still on its way out, from an installation before. */
  public List<ClusterObject> leaving(InstallPlan plan) throws ClusterException {
    List<ClusterObject> leaving = new ArrayList<>();
    for (ClusterObject object : plan.objects()) {
      cluster
          .get(object.kind(), object.namespace(), object.name())
          .filter(ClusterObject::isBeingDeleted)
          .ifPresent(leaving::add);
    }
    return leaving;
  }
}
