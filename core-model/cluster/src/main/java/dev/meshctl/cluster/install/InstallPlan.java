package dev.meshctl.cluster.install;

import dev.meshctl.cluster.ClusterObject;
import dev.meshctl.cluster.install.template.Evaluation;
import dev.meshctl.cluster.install.template.YamlText;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The objects of one installation, in the order in which they are made: what others need comes
 * first, and what reaches into other people's work, the webhooks, last.
 *
 * <p>Pure.
 */
public record InstallPlan(
    String systemNamespace, InstallValues values, List<ClusterObject> objects) {
  /** Where the mesh is installed unless said otherwise. */
  public static final String SYSTEM_NAMESPACE = "meshctl-system";

  public InstallPlan {
    objects = List.copyOf(objects);
  }

  public static InstallPlan of(String systemNamespace, InstallValues values) {
    Evaluation evaluation = Evaluation.of(systemNamespace, values::at);
    return new InstallPlan(
        systemNamespace,
        values,
        Manifests.all().stream()
            .flatMap(manifest -> manifest.documents().stream())
            .flatMap(document -> evaluation.object(document).stream())
            .map(ClusterObject::new)
            .toList());
  }

  /** All of it as a file for {@code kubectl apply --server-side}. */
  public String yaml() {
    return objects.stream()
        .map(object -> YamlText.of(object.tree()))
        .collect(Collectors.joining("---\n"));
  }
}
