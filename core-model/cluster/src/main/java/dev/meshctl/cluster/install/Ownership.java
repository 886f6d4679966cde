package dev.meshctl.cluster.install;

import dev.meshctl.cluster.ClusterObject;
import java.util.Map;

/**
 * Whose an object is, by its labels and annotations: what we made carries our mark, and what does
 * not is left alone.
 */
sealed interface Ownership {
  /** Every object of an installation has it. */
  String PART_OF = "app.kubernetes.io/part-of";

  String MESHCTL = "meshctl";

  /** Of one revision: its name. */
  String REVISION = "install.meshctl.dev/revision";

  /** Of all revisions. */
  String SHARED = "install.meshctl.dev/shared";

  /** Made by {@code meshctl install}, or as its output was applied. */
  record Ours() implements Ownership {}

  /** Made by Helm, from our chart or another. */
  record Helms(String release) implements Ownership {}

  /** Somebody else's, as far as it says. */
  record Foreign(String by) implements Ownership {}

  static Ownership of(ClusterObject object) {
    Map<String, String> labels = object.labels();
    String release = object.annotations().getOrDefault("meta.helm.sh/release-name", "");
    if (!release.isEmpty()) {
      return new Helms(release);
    }
    if (labels.getOrDefault(PART_OF, "").equals(MESHCTL)) {
      return new Ours();
    }
    return new Foreign(
        labels.getOrDefault(
            "app.kubernetes.io/managed-by", labels.getOrDefault(PART_OF, "somebody else")));
  }
}
