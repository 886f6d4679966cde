package dev.meshctl.model.source.yaml;

import dev.meshctl.model.validation.DiagnosticCode;
import dev.meshctl.model.validation.Suggestion;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/**
 * A typed cursor over one mapping. Every accessor notes that its field was asked for; when the
 * resource is finished, fields that were written and that nobody asked for are unknown. A value of
 * the wrong type is reported and reads as absent; so does {@code null}.
 */
public final class YamlObject {
  private final ResourceContext context;
  private final MappingNode node;
  private final String path;
  private final Map<String, Node> values = new LinkedHashMap<>();
  private final Map<String, Node> keys = new LinkedHashMap<>();
  private final TreeSet<String> asked = new TreeSet<>();
  private final Set<String> ignored = new HashSet<>();
  private boolean lenient;
  private boolean concealed;

  YamlObject(ResourceContext context, MappingNode node, String path) {
    this.context = context;
    this.node = node;
    this.path = path;
    for (NodeTuple tuple : node.getValue()) {
      add(tuple);
    }
    context.opened(this);
  }

  private void add(NodeTuple tuple) {
    Node key = tuple.getKeyNode();
    if (!(key instanceof ScalarNode scalar)) {
      context.report(DiagnosticCode.WRONG_TYPE, key, path, "a key is not text");
      return;
    }
    String name = scalar.getValue();
    Node earlier = keys.get(name);
    if (earlier != null) {
      int first = earlier.getStartMark().map(mark -> mark.getLine() + 1).orElse(0);
      context.report(
          DiagnosticCode.DUPLICATE_KEY,
          key,
          pathOf(name),
          "the key '" + name + "' stands here and at line " + first + " (expected: once)");
      return;
    }
    values.put(name, tuple.getValueNode());
    keys.put(name, key);
  }

  /** Where this object stands in its resource: {@code spec.http[0]}; empty at the top. */
  public String path() {
    return path;
  }

  /** The path of one of its fields. */
  public String pathOf(String key) {
    return path.isEmpty() ? key : path + "." + key;
  }

  /** True where the field is written, and not null. */
  public boolean has(String key) {
    Node value = values.get(key);
    return value != null && !value.getTag().equals(Tag.NULL);
  }

  /** Names of the fields written. */
  public List<String> written() {
    return List.copyOf(values.keySet());
  }

  /** Unread fields of this object have no meaning to a mesh and are fine. */
  public YamlObject lenient() {
    lenient = true;
    return this;
  }

  /** Findings do not tell values of this object; unread fields are fine. */
  public YamlObject concealed() {
    concealed = true;
    return lenient();
  }

  /** Fields that may stand there and change nothing. */
  public YamlObject ignore(String... names) {
    ignored.addAll(Arrays.asList(names));
    return this;
  }

  /** Fields of the API that are not acted on: reported by name where written. */
  public YamlObject notApplied(String... names) {
    for (String name : names) {
      value(name)
          .ifPresent(found ->
              context.report(
                  DiagnosticCode.FIELD_NOT_APPLIED, keyOf(name), pathOf(name), "is not applied"));
    }
    return this;
  }

  /** One value of a field is not acted on. */
  public void valueNotApplied(String key, String why) {
    context.report(DiagnosticCode.FIELD_NOT_APPLIED, valueOrSelf(key), pathOf(key), why);
  }

  /** Reports at a field (at this object where it is not written). */
  public void report(DiagnosticCode code, String key, String problem) {
    context.report(code, valueOrSelf(key), pathOf(key), problem);
  }

  /** Reports at a field, with a fix of its own. */
  public void report(DiagnosticCode code, String key, String problem, String fix) {
    context.report(code, valueOrSelf(key), pathOf(key), problem, fix);
  }

  /** Reports that a required field is not there. */
  public void missing(String key) {
    context.report(
        DiagnosticCode.MISSING_FIELD, node, pathOf(key), "is missing", "add '" + key + ":'");
  }

  public Optional<YamlObject> object(String key) {
    return value(key)
        .flatMap(found -> {
          if (found instanceof MappingNode mapping) {
            return Optional.of(new YamlObject(context, mapping, pathOf(key)));
          }
          wrongType(key, found, "a mapping");
          return Optional.empty();
        });
  }

  public Optional<YamlObject> requiredObject(String key) {
    requireWritten(key);
    return object(key);
  }

  /** The mappings of a list; absent is empty. */
  public List<YamlObject> objects(String key) {
    List<YamlObject> objects = new ArrayList<>();
    items(
        key,
        (item, itemPath) -> {
          if (item instanceof MappingNode mapping) {
            objects.add(new YamlObject(context, mapping, itemPath));
          } else {
            wrongType(itemPath, item, "a mapping", "");
          }
        });
    return objects;
  }

  /** A list of text; absent is empty. */
  public List<String> texts(String key) {
    List<String> texts = new ArrayList<>();
    items(key, (item, itemPath) -> textOf(item, itemPath).ifPresent(texts::add));
    return texts;
  }

  /** A mapping from text to text, in the order written; absent is empty. */
  public Map<String, String> textMap(String key) {
    Map<String, String> texts = new LinkedHashMap<>();
    object(key)
        .ifPresent(entries -> {
          for (String name : entries.written()) {
            texts.put(name, entries.text(name).orElse(""));
          }
        });
    return texts;
  }

  /** A mapping from text to mappings, in the order written; absent is empty. */
  public Map<String, YamlObject> objectMap(String key) {
    Map<String, YamlObject> objects = new LinkedHashMap<>();
    object(key)
        .ifPresent(entries -> {
          for (String name : entries.written()) {
            entries.object(name).ifPresent(object -> objects.put(name, object));
          }
        });
    return objects;
  }

  public Optional<String> text(String key) {
    return value(key).flatMap(found -> textOf(found, pathOf(key)));
  }

  /** Required; reads as empty where it is missing, which is reported. */
  public String requiredText(String key) {
    requireWritten(key);
    return text(key).orElse("");
  }

  public Optional<Boolean> flag(String key) {
    return value(key)
        .flatMap(found -> {
          if (found instanceof ScalarNode scalar && found.getTag().equals(Tag.BOOL)) {
            return Optional.of(Boolean.parseBoolean(scalar.getValue()));
          }
          wrongType(key, found, "true or false");
          return Optional.empty();
        });
  }

  /** A whole number from {@code min} to {@code max}. */
  public Optional<Integer> number(String key, int min, int max) {
    return value(key).flatMap(found -> numberOf(found, pathOf(key), min, max));
  }

  /** Required; reads as {@code min} where it is missing, which is reported. */
  public int requiredNumber(String key, int min, int max) {
    requireWritten(key);
    return number(key, min, max).orElse(min);
  }

  /** A list of whole numbers; absent is empty. */
  public List<Integer> numbers(String key, int min, int max) {
    List<Integer> numbers = new ArrayList<>();
    items(key, (item, at) -> numberOf(item, at, min, max).ifPresent(numbers::add));
    return numbers;
  }

  /** A number, whole or not, from {@code min} to {@code max}. */
  public Optional<Double> decimal(String key, double min, double max) {
    return value(key)
        .flatMap(found -> {
          if (!(found instanceof ScalarNode scalar) || !isNumber(found)) {
            wrongType(key, found, "a number");
            return Optional.empty();
          }
          double number =
              Double.parseDouble(
                  scalar.getValue().replace(".inf", "Infinity").replace(".nan", "NaN"));
          if (number >= min && number <= max) {
            return Optional.of(number);
          }
          context.report(
              DiagnosticCode.OUT_OF_RANGE,
              found,
              pathOf(key),
              scalar.getValue() + " (expected: " + plain(min) + " to " + plain(max) + ")");
          return Optional.empty();
        });
  }

  /** One of a fixed set of words, in the case given. */
  public <T> Optional<T> word(String key, Map<String, T> words) {
    return text(key)
        .flatMap(written -> {
          T known = words.get(written);
          if (known == null) {
            context.report(
                DiagnosticCode.UNKNOWN_VALUE,
                valueOrSelf(key),
                pathOf(key),
                "'"
                    + written
                    + "' (expected: "
                    + Suggestion.list(new TreeSet<>(words.keySet()))
                    + ")",
                Suggestion.fix(written, words.keySet(), DiagnosticCode.UNKNOWN_VALUE.fix()));
          }
          return Optional.ofNullable(known);
        });
  }

  /** A whole number or a text, as text; {@code ofNumber} and {@code ofText} make the value. */
  public <T> Optional<T> numberOrText(
      String key, int min, int max, Function<Integer, T> ofNumber, Function<String, T> ofText) {
    return value(key)
        .flatMap(found ->
            found.getTag().equals(Tag.INT)
                ? numberOf(found, pathOf(key), min, max).map(ofNumber)
                : textOf(found, pathOf(key)).map(ofText));
  }

  /** Whether a field's value is a list. */
  public boolean isList(String key) {
    return values.get(key) instanceof SequenceNode;
  }

  void reportUnread() {
    if (lenient) {
      return;
    }
    for (String name : values.keySet()) {
      if (!asked.contains(name) && !ignored.contains(name)) {
        context.report(
            DiagnosticCode.UNKNOWN_FIELD,
            keyOf(name),
            pathOf(name),
            "is no field of this object (expected: " + Suggestion.list(asked) + ")",
            Suggestion.fix(name, asked, DiagnosticCode.UNKNOWN_FIELD.fix()));
      }
    }
  }

  private Optional<Node> value(String key) {
    asked.add(key);
    Node found = values.get(key);
    if (found == null) {
      return Optional.empty();
    }
    context.read(pathOf(key), found);
    return found.getTag().equals(Tag.NULL) ? Optional.empty() : Optional.of(found);
  }

  private interface ItemVisitor {
    void visit(Node item, String itemPath);
  }

  private void items(String key, ItemVisitor visitor) {
    Optional<Node> found = value(key);
    if (found.isEmpty()) {
      return;
    }
    if (!(found.get() instanceof SequenceNode list)) {
      wrongType(key, found.get(), "a list");
      return;
    }
    int index = 0;
    for (Node item : list.getValue()) {
      String itemPath = pathOf(key) + "[" + index++ + "]";
      context.read(itemPath, item);
      visitor.visit(item, itemPath);
    }
  }

  private Optional<String> textOf(Node found, String at) {
    if (found instanceof ScalarNode scalar) {
      if (found.getTag().equals(Tag.STR) || !scalar.isPlain()) {
        return Optional.of(scalar.getValue());
      }
      wrongType(at, found, "text", concealed ? "" : "write \"" + scalar.getValue() + "\"");
      return Optional.empty();
    }
    wrongType(at, found, "text", "");
    return Optional.empty();
  }

  private Optional<Integer> numberOf(Node found, String at, int min, int max) {
    if (!(found instanceof ScalarNode scalar) || !found.getTag().equals(Tag.INT)) {
      wrongType(at, found, "a whole number", "");
      return Optional.empty();
    }
    Optional<Long> number = wholeNumber(scalar.getValue());
    if (number.isPresent() && number.get() >= min && number.get() <= max) {
      return Optional.of(number.get().intValue());
    }
    context.report(
        DiagnosticCode.OUT_OF_RANGE,
        found,
        at,
        scalar.getValue() + " (expected: " + min + " to " + max + ")");
    return Optional.empty();
  }

  private static Optional<Long> wholeNumber(String written) {
    try {
      if (written.startsWith("0x")) {
        return Optional.of(Long.parseLong(written.substring(2), 16));
      }
      if (written.startsWith("0o")) {
        return Optional.of(Long.parseLong(written.substring(2), 8));
      }
      return Optional.of(Long.parseLong(written));
    } catch (NumberFormatException tooLong) {
      return Optional.empty();
    }
  }

  private static boolean isNumber(Node found) {
    return found.getTag().equals(Tag.INT) || found.getTag().equals(Tag.FLOAT);
  }

  private static String plain(double number) {
    return number == Math.rint(number) ? Long.toString((long) number) : Double.toString(number);
  }

  private void requireWritten(String key) {
    if (!has(key)) {
      missing(key);
    }
  }

  private Node keyOf(String key) {
    return keys.getOrDefault(key, node);
  }

  private Node valueOrSelf(String key) {
    return context.nodeAt(pathOf(key)).orElse(values.getOrDefault(key, node));
  }

  private void wrongType(String key, Node found, String expected) {
    wrongType(pathOf(key), found, expected, "");
  }

  private void wrongType(String at, Node found, String expected, String fix) {
    String problem = "is " + describe(found) + " (expected: " + expected + ")";
    context.report(
        DiagnosticCode.WRONG_TYPE,
        found,
        at,
        problem,
        fix.isEmpty() ? DiagnosticCode.WRONG_TYPE.fix() : fix);
  }

  private String describe(Node found) {
    if (concealed) {
      return "something else";
    }
    return switch (found.getNodeType()) {
      case MAPPING -> "a mapping";
      case SEQUENCE -> "a list";
      case SCALAR -> {
        String kind = "the text";
        if (isNumber(found)) {
          kind = "the number";
        } else if (found.getTag().equals(Tag.BOOL)) {
          kind = "the flag";
        } else if (found.getTag().equals(Tag.NULL)) {
          yield "null";
        }
        yield kind + " " + ((ScalarNode) found).getValue();
      }
      case ANCHOR -> "an alias";
    };
  }
}
