package dev.meshctl.injector.mutation;

import dev.meshctl.model.source.yaml.YamlDocuments;
import dev.meshctl.model.source.yaml.YamlTree;
import dev.meshctl.model.validation.Suggestion;
import java.io.IOException;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Settings as YAML or JSON, by the names of {@link InjectionSettings}; what is not written stays as
 * it was.
 *
 * <p>Threads: any.
 */
public final class SettingsText {
  private static final JsonMapper JSON = new JsonMapper();

  private SettingsText() {}

  /**
   * @param source names the text in messages
   * @throws IOException where it does not read as settings; the message says what to correct
   */
  public static InjectionSettings read(String source, String text, InjectionSettings otherwise)
      throws IOException {
    YamlDocuments documents = YamlDocuments.of(source, text);
    if (!documents.diagnostics().isEmpty()) {
      throw new IOException(documents.diagnostics().getFirst().toString());
    }
    if (documents.roots().isEmpty()) {
      return otherwise;
    }
    if (documents.roots().size() > 1
        || !(YamlTree.of(documents.roots().getFirst()) instanceof ObjectNode written)) {
      throw new IOException(source + ": not settings of an injector (expected: one mapping)");
    }
    ObjectNode settings = JSON.valueToTree(otherwise);
    merge(source, "", settings, written);
    try {
      return JSON.treeToValue(settings, InjectionSettings.class);
    } catch (JacksonException unusable) {
      throw new IOException(source + ": " + unusable.getOriginalMessage(), unusable);
    }
  }

  /** The settings as one line of JSON. */
  public static String json(InjectionSettings settings) {
    return JSON.writeValueAsString(settings);
  }

  private static void merge(String source, String path, ObjectNode settings, ObjectNode written)
      throws IOException {
    for (Map.Entry<String, JsonNode> field : written.properties()) {
      JsonNode known = settings.get(field.getKey());
      if (known == null) {
        throw new IOException(
            "%s: %s%s is not known; %s"
                .formatted(
                    source,
                    path,
                    field.getKey(),
                    Suggestion.fix(
                        field.getKey(),
                        settings.propertyNames(),
                        "use one of " + String.join(", ", settings.propertyNames()))));
      }
      if (known instanceof ObjectNode below && field.getValue() instanceof ObjectNode fields) {
        merge(source, path + field.getKey() + ".", below, fields);
      } else {
        settings.set(field.getKey(), field.getValue());
      }
    }
  }
}
