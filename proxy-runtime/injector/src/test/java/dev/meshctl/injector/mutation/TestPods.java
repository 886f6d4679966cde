package dev.meshctl.injector.mutation;

import dev.meshctl.model.source.yaml.YamlDocuments;
import dev.meshctl.model.source.yaml.YamlTree;
import java.util.List;
import tools.jackson.databind.JsonNode;

/** What the tests inject with. */
final class TestPods {
  static final InjectionSettings SETTINGS =
      InjectionSettings.of(
          "registry.example/meshctl:1", "meshctl-control-plane.meshctl-system.svc:15012");

  private TestPods() {}

  static List<JsonNode> documents(String text) {
    return YamlDocuments.of("t", text).roots().stream().map(YamlTree::of).toList();
  }
}
