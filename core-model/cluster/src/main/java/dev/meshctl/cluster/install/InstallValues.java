package dev.meshctl.cluster.install;

import dev.meshctl.cluster.install.Setting.Type;
import dev.meshctl.model.validation.Suggestion;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.node.StringNode;

/**
 * The values of one installation, all of them: what nobody said is as {@link Settings} has it.
 *
 * @param tree as a values file has it; its holder does not change it
 */
public record InstallValues(ObjectNode tree) {
  private static final Pattern DOT = Pattern.compile("(?<!\\\\)\\.");

  /** A value that is not what it may be; shown with the others of its kind. */
  public record Problem(String origin, String path, String problem, String fix) {
    /** {@code values.yaml: controlPlane.replicas: 0 (expected: 1 to 20)}. */
    @Override
    public String toString() {
      return origin + ": " + (path.isEmpty() ? "" : path + ": ") + problem;
    }
  }

  /** What was said, and what is wrong with it: the values hold only where there are no problems. */
  public record Checked(InstallValues values, List<Problem> problems) {
    public Checked {
      problems = List.copyOf(problems);
    }
  }

  /** What somebody said. */
  public sealed interface Said {
    /** A file of values. */
    record File(String name, String yaml) implements Said {}

    /** {@code --set PATH=VALUE}; a dot that is part of a name has a backslash before it. */
    record Assignment(String text) implements Said {}
  }

  /** All as it is by default. */
  public static InstallValues defaults(String version) {
    ObjectNode tree = Trees.object();
    for (Setting setting : Settings.all().values()) {
      List<String> path = steps(setting.path());
      Trees.parent(tree, path).set(path.getLast(), Settings.byDefault(setting, version));
    }
    return new InstallValues(tree);
  }

  /**
   * The defaults, and over them what was said; the last word counts. As with Helm, maps are merged,
   * and null takes a key out.
   */
  public static Checked of(String version, List<Said> said) {
    ObjectNode tree = defaults(version).tree();
    List<Problem> problems = new ArrayList<>();
    for (Said each : said) {
      switch (each) {
        case Said.File file -> file(file, tree, problems);
        case Said.Assignment assignment -> assignment(assignment.text(), tree, problems);
      }
    }
    InstallValues values = new InstallValues(tree);
    if (values.at("revision").asString().isEmpty() && values.at("defaultRevision").asBoolean()) {
      problems.add(
          new Problem(
              "values",
              "defaultRevision",
              "true (expected: false where the revision has no name, for then it is the default)",
              "leave it out, or name the revision"));
    }
    return new Checked(values, problems);
  }

  private static void file(Said.File file, ObjectNode tree, List<Problem> problems) {
    JsonNode root;
    try {
      root = Trees.parse(file.yaml());
    } catch (JacksonException malformed) {
      problems.add(
          new Problem(file.name(), "", "no YAML: " + malformed.getOriginalMessage(), "correct it"));
      return;
    }
    if (root.isObject()) {
      fields(file.name(), List.of(), root, tree, problems);
    } else if (!root.isNull() && !root.isMissingNode()) {
      problems.add(
          new Problem(file.name(), "", "no map of values", "begin with a name of a value"));
    }
  }

  private static void fields(
      String origin, List<String> at, JsonNode node, ObjectNode tree, List<Problem> problems) {
    node.forEachEntry((key, value) -> {
      List<String> path = new ArrayList<>(at);
      path.add(key);
      String written = String.join(".", path);
      if (Settings.all().containsKey(written)) {
        set(origin, path, value, tree, problems);
      } else if (isGroup(written) && value.isObject()) {
        fields(origin, path, value, tree, problems);
      } else {
        problems.add(unknown(origin, written));
      }
    });
  }

  private static boolean isGroup(String path) {
    return Settings.all().keySet().stream().anyMatch(each -> each.startsWith(path + "."));
  }

  private static Problem unknown(String origin, String path) {
    return new Problem(
        origin,
        path,
        "no such value",
        Suggestion.fix(path, Settings.all().keySet(), "see docs/guide/install.md for all of them"));
  }

  private static void assignment(String text, ObjectNode tree, List<Problem> problems) {
    int equals = text.indexOf('=');
    String origin = "--set " + text;
    if (equals <= 0) {
      problems.add(new Problem(origin, "", "no NAME=VALUE", "write --set NAME=VALUE"));
      return;
    }
    List<String> path = steps(text.substring(0, equals));
    String written = String.join(".", path);
    Optional<Setting> setting = Settings.around(written);
    if (setting.isEmpty()) {
      problems.add(unknown(origin, written));
      return;
    }
    set(origin, path, scalar(setting.get(), written, text.substring(equals + 1)), tree, problems);
  }

  /** A text setting takes the words as they are; everything else is YAML, and {a,b} Helm's list. */
  private static JsonNode scalar(Setting setting, String path, String value) {
    boolean whole = path.equals(setting.path());
    if (whole && (setting.type() instanceof Type.Text || setting.type() instanceof Type.Choice)) {
      return StringNode.valueOf(value);
    }
    if (whole && setting.type() instanceof Type.Texts) {
      ArrayNode texts = Trees.object().arrayNode();
      String bare =
          value.startsWith("{") || value.startsWith("[")
              ? value.substring(1, value.length() - 1)
              : value;
      for (String each : bare.split(",")) {
        if (!each.isBlank()) {
          texts.add(each.strip());
        }
      }
      return texts;
    }
    try {
      return Trees.parse(value);
    } catch (JacksonException malformed) {
      return StringNode.valueOf(value);
    }
  }

  private static void set(
      String origin, List<String> path, JsonNode value, ObjectNode tree, List<Problem> problems) {
    String written = String.join(".", path);
    Setting setting = Settings.around(written).orElseThrow();
    List<String> whole = steps(setting.path());
    ObjectNode changed = tree.deepCopy();
    ObjectNode parent = Trees.parent(changed, path);
    parent.set(path.getLast(), Trees.merged(parent.path(path.getLast()), value));
    JsonNode now = Trees.at(changed, whole);
    setting
        .expected(now)
        .ifPresentOrElse(
            expected ->
                problems.add(
                    new Problem(
                        origin,
                        written,
                        value + " (expected: " + expected + ")",
                        "by default it is " + setting.byDefault())),
            () -> Trees.parent(tree, whole).set(whole.getLast(), now));
  }

  static List<String> steps(String path) {
    return DOT.splitAsStream(path).map(step -> step.replace("\\.", ".")).toList();
  }

  /** The value at a path of {@link Settings}. */
  JsonNode at(String path) {
    return Trees.at(tree, steps(path));
  }

  /** {@code default} where the revision has no name. */
  public String revisionName() {
    String revision = at("revision").asString();
    return revision.isEmpty() ? Followers.DEFAULT : revision;
  }
}
