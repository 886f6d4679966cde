package dev.meshctl.model.source.kinds;

import dev.meshctl.model.resource.Metadata;
import dev.meshctl.model.resource.ReferenceGrant;
import dev.meshctl.model.source.yaml.YamlObject;
import java.util.List;
import java.util.Optional;

/** Gateway API {@code ReferenceGrant}. */
final class ReferenceGrantParser {
  private ReferenceGrantParser() {}

  static ReferenceGrant parse(Metadata metadata, YamlObject root) {
    Optional<YamlObject> written = root.requiredObject("spec");
    if (written.isEmpty()) {
      return new ReferenceGrant(metadata, List.of(), List.of());
    }
    YamlObject spec = written.get();
    for (String list : List.of("from", "to")) {
      if (!spec.has(list)) {
        spec.missing(list);
      }
    }
    return new ReferenceGrant(
        metadata,
        spec.objects("from").stream()
            .map(from ->
                new ReferenceGrant.From(
                    group(from), from.requiredText("kind"), from.requiredText("namespace")))
            .toList(),
        spec.objects("to").stream()
            .map(to ->
                new ReferenceGrant.To(
                    group(to), to.requiredText("kind"), to.text("name").orElse("")))
            .toList());
  }

  /** Required, and empty for the core group. */
  private static String group(YamlObject of) {
    if (!of.has("group")) {
      of.missing("group");
    }
    return of.text("group").filter(group -> !group.equals("core")).orElse("");
  }
}
