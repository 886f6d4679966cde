package dev.meshctl.cluster.install;

import dev.meshctl.cluster.install.Manifests.Manifest;
import dev.meshctl.cluster.install.Setting.Type;
import dev.meshctl.cluster.install.template.HelmText;
import dev.meshctl.cluster.install.template.YamlText;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The Helm chart of the same manifests: {@code helm template --namespace NS} gives what {@link
 * InstallPlan} has for that namespace, but for the namespace itself, which {@code helm install
 * --create-namespace} makes.
 *
 * <p>Pure.
 */
public final class Chart {
  private static final int COLUMNS = 100;

  private Chart() {}

  /**
   * Its files, by their path in the chart.
   *
   * @param version of meshctl, and of the chart
   */
  public static Map<String, String> files(String version) {
    Map<String, String> files = new LinkedHashMap<>();
    files.put("Chart.yaml", description(version));
    files.put("values.yaml", values(version));
    files.put("values.schema.json", schema().toPrettyString() + "\n");
    for (Manifest manifest : Manifests.all()) {
      if (manifest.inChart()) {
        files.put("templates/" + manifest.name(), template(manifest));
      }
    }
    return files;
  }

  private static String description(String version) {
    ObjectNode chart = Trees.object();
    chart.put("apiVersion", "v2");
    chart.put("name", "meshctl");
    chart.put("description", "A service mesh you can see, steer and upgrade while it runs.");
    chart.put("type", "application");
    chart.put("version", version);
    chart.put("appVersion", version);
    chart.put("kubeVersion", ">=" + Versions.LEAST + "-0");
    return YamlText.of(chart);
  }

  private static String template(Manifest manifest) {
    return manifest.head()
        + manifest.documents().stream()
            .map(document -> HelmText.of(document, Chart::isText))
            .collect(Collectors.joining("---\n"));
  }

  private static boolean isText(String path) {
    Type type = Settings.around(path).orElseThrow().type();
    return type instanceof Type.Text || type instanceof Type.Choice;
  }

  /** Every value with its meaning above it. */
  private static String values(String version) {
    StringBuilder text = new StringBuilder();
    List<String> open = List.of();
    for (Setting setting : Settings.all().values()) {
      List<String> path = InstallValues.steps(setting.path());
      List<String> group = path.subList(0, path.size() - 1);
      String indent = "  ".repeat(group.size());
      if (!group.equals(open)) {
        group.forEach(name -> text.append(name).append(":\n"));
        open = group;
      }
      for (String line : wrapped(setting.meaning(), COLUMNS - indent.length() - 2)) {
        text.append(indent).append("# ").append(line).append('\n');
      }
      ObjectNode entry = Trees.object();
      entry.set(path.getLast(), Settings.byDefault(setting, version));
      YamlText.of(entry).lines().forEach(line -> text.append(indent).append(line).append('\n'));
    }
    return text.toString();
  }

  static List<String> wrapped(String text, int columns) {
    StringBuilder lines = new StringBuilder();
    int used = 0;
    for (String word : text.split(" ")) {
      if (used > 0 && used + 1 + word.length() > columns) {
        lines.append('\n');
        used = 0;
      } else if (used > 0) {
        lines.append(' ');
        used++;
      }
      lines.append(word);
      used += word.length();
    }
    return lines.toString().lines().toList();
  }

  /** So that Helm, too, refuses a value that nobody knows. */
  private static ObjectNode schema() {
    ObjectNode root = Trees.object();
    root.put("$schema", "http://json-schema.org/draft-07/schema#");
    closed(root);
    // What Helm itself puts there.
    ((ObjectNode) root.get("properties")).putObject("global").put("type", "object");
    for (Setting setting : Settings.all().values()) {
      ObjectNode at = root;
      List<String> path = InstallValues.steps(setting.path());
      for (String step : path.subList(0, path.size() - 1)) {
        ObjectNode properties = (ObjectNode) at.get("properties");
        at =
            properties.get(step) instanceof ObjectNode there
                ? there
                : closed(properties.putObject(step));
      }
      ObjectNode property = schema(setting.type());
      property.put("description", setting.meaning());
      ((ObjectNode) at.get("properties")).set(path.getLast(), property);
    }
    return root;
  }

  private static ObjectNode closed(ObjectNode object) {
    object.put("type", "object");
    object.put("additionalProperties", false);
    object.putObject("properties");
    return object;
  }

  private static ObjectNode schema(Type type) {
    ObjectNode schema = Trees.object();
    switch (type) {
      case Type.Text text ->
          schema.put("type", "string").put("pattern", "^(?:" + text.pattern() + ")$");
      case Type.Choice choice -> {
        schema.put("type", "string");
        choice.words().forEach(schema.putArray("enum")::add);
      }
      case Type.Number number ->
          schema
              .put("type", "integer")
              .put("minimum", number.least())
              .put("maximum", number.most());
      case Type.Flag flag -> schema.put("type", "boolean");
      case Type.Texts texts -> {
        schema.put("type", "array");
        schema.set("items", schema(texts.each()));
      }
      case Type.Tree tree -> schema.put("type", "object");
      case Type.Trees trees -> schema.put("type", "array").putObject("items").put("type", "object");
    }
    return schema;
  }

  /** The guide's table: each value, what it is by default, what it means. */
  public static String guide() {
    return Settings.all().values().stream()
        .map(setting ->
            "| `"
                + setting.path()
                + "` | `"
                + written(setting.byDefault())
                + "` | "
                + setting.meaning()
                + " |\n")
        .collect(Collectors.joining("", "| value | by default | |\n|---|---|---|\n", ""));
  }

  private static String written(JsonNode value) {
    return value.isString() && value.stringValue().isEmpty()
        ? "\"\""
        : value.isString() ? value.stringValue() : value.toString();
  }
}
