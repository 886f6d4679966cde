package dev.meshctl.cluster.install.template;

import dev.meshctl.cluster.install.template.Template.Document;
import dev.meshctl.cluster.install.template.Template.Field;
import dev.meshctl.cluster.install.template.Template.Item;
import dev.meshctl.cluster.install.template.Template.Piece;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.StringNode;

/**
 * Reads manifests with holes. A name that nobody knows is a mistake of ours, and an exception.
 *
 * <p>Thread: one at a time.
 */
public final class TemplateParser {
  private static final String IF = "$if";
  private static final String VALUE = "$value";
  private static final String EACH = "$each";
  private static final String HOLDS = "? ";
  private static final String ITEM = "item";
  private static final String SYSTEM_NAMESPACE = "systemNamespace";
  private static final Pattern HOLE =
      Pattern.compile("\\$\\{(json |\\? )?([^}|]+)(?:\\|([^}]+))?}");

  private final Set<String> settings;
  private final Map<String, Part> fragments = new HashMap<>();

  /** A template that may not be there. */
  private record Part(Optional<Condition> condition, Template template) {}

  /**
   * @param settings paths of all values there are
   */
  public TemplateParser(Set<String> settings) {
    this.settings = Set.copyOf(settings);
  }

  /** Learns fragments: each may mention those before it. */
  public void learn(JsonNode named) {
    named.forEachEntry((name, tree) -> fragments.put(name, part(tree)));
  }

  public Document document(JsonNode tree) {
    Part part = part(tree);
    return new Document(part.condition(), part.template());
  }

  private Part part(JsonNode tree) {
    if (!tree.isObject()) {
      return new Part(Optional.empty(), template(tree));
    }
    Optional<Condition> condition =
        Optional.ofNullable(tree.get(IF)).map(node -> condition(node.stringValue()));
    JsonNode value = tree.get(VALUE);
    return new Part(condition, value == null ? mapping(tree) : template(value));
  }

  private Template template(JsonNode tree) {
    if (tree.isString()) {
      return text(tree.stringValue());
    }
    if (tree.isObject()) {
      return mapping(tree);
    }
    if (tree.isArray()) {
      List<Item> items = new ArrayList<>();
      for (JsonNode item : tree) {
        items.add(item(item));
      }
      return new Template.Sequence(items);
    }
    return new Template.Constant(tree);
  }

  private Item item(JsonNode tree) {
    if (tree.get(EACH) instanceof JsonNode list) {
      return new Item.Each(source(list.stringValue()), template(tree.path(VALUE)));
    }
    Part part = part(tree);
    return new Item.One(part.condition(), part.template());
  }

  private Template.Mapping mapping(JsonNode tree) {
    List<Field> fields = new ArrayList<>();
    tree.forEachEntry((key, value) -> {
      if (!key.equals(IF)) {
        fields.add(field(key, value));
      }
    });
    return new Template.Mapping(fields);
  }

  private Field field(String key, JsonNode value) {
    Part part = part(value);
    if (!key.endsWith("?")) {
      return new Field(key, part.condition(), part.template());
    }
    if (part.template() instanceof Template.Value(Reference reference)) {
      return new Field(
          key.substring(0, key.length() - 1),
          Optional.of(Condition.set(reference.first())),
          part.template());
    }
    throw new IllegalArgumentException(key + ": only a value can be empty");
  }

  private Template text(String text) {
    Matcher hole = HOLE.matcher(text);
    if (hole.matches()) {
      return whole(hole);
    }
    List<Piece> pieces = new ArrayList<>();
    int end = 0;
    hole.reset();
    while (hole.find()) {
      literal(text.substring(end, hole.start()), pieces);
      piece(hole, pieces);
      end = hole.end();
    }
    if (pieces.isEmpty()) {
      return new Template.Constant(StringNode.valueOf(text));
    }
    literal(text.substring(end), pieces);
    return new Template.Text(pieces);
  }

  private Template whole(Matcher hole) {
    Part fragment = fragments.get(hole.group(2));
    if (fragment == null) {
      Reference reference = reference(hole);
      return hole.group(1) == null ? new Template.Value(reference) : new Template.Json(reference);
    }
    if (fragment.condition().isPresent()) {
      List<Piece> pieces = new ArrayList<>();
      piece(hole, pieces);
      return new Template.Text(pieces);
    }
    return fragment.template();
  }

  private static void literal(String text, List<Piece> pieces) {
    if (!text.isEmpty()) {
      pieces.add(new Piece.Literal(text));
    }
  }

  private void piece(Matcher hole, List<Piece> pieces) {
    if (HOLDS.equals(hole.group(1))) {
      pieces.add(new Piece.Holds(condition(hole.group(2))));
      return;
    }
    Part fragment = fragments.get(hole.group(2));
    if (fragment == null) {
      Reference reference = reference(hole);
      pieces.add(hole.group(1) == null ? new Piece.Hole(reference) : new Piece.Json(reference));
      return;
    }
    List<Piece> inner =
        switch (fragment.template()) {
          case Template.Text text -> text.pieces();
          case Template.Value value -> List.of(new Piece.Hole(value.reference()));
          default ->
              throw new IllegalArgumentException(hole.group() + " is no text, and stands in one");
        };
    fragment
        .condition()
        .ifPresentOrElse(
            condition -> pieces.add(new Piece.Guarded(condition, inner)),
            () -> pieces.addAll(inner));
  }

  private Reference reference(Matcher hole) {
    String otherwise = hole.group(3);
    return new Reference(source(hole.group(2)), Optional.ofNullable(otherwise).map(this::source));
  }

  private Source source(String name) {
    if (name.startsWith("'")) {
      return new Source.Literal(name.substring(1, name.length() - 1));
    }
    if (name.equals(ITEM)) {
      return new Source.Item();
    }
    if (name.equals(SYSTEM_NAMESPACE)) {
      return new Source.SystemNamespace();
    }
    if (!settings.contains(name)) {
      throw new IllegalArgumentException("no value and no fragment '" + name + "'");
    }
    return new Source.Setting(name);
  }

  private Condition condition(String text) {
    List<Condition.Term> terms = new ArrayList<>();
    for (String term : text.split(" or ")) {
      if (term.startsWith("!")) {
        terms.add(new Condition.Term.Unset(source(term.substring(1))));
      } else {
        terms.add(new Condition.Term.Set(source(term)));
      }
    }
    return new Condition(terms);
  }
}
