package dev.meshctl.cluster.install.template;

import dev.meshctl.cluster.install.template.Template.Item;
import dev.meshctl.cluster.install.template.Template.Piece;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.cfg.JsonNodeFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.MissingNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.node.StringNode;

/**
 * Fills the holes.
 *
 * @param values by path; every path that a template may mention is there
 * @param item of the list that is gone through; missing outside of one
 */
public record Evaluation(String systemNamespace, Function<String, JsonNode> values, JsonNode item) {
  private static final JsonMapper SORTED =
      JsonMapper.builder()
          .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
          .enable(JsonNodeFeature.WRITE_PROPERTIES_SORTED)
          .build();

  public static Evaluation of(String systemNamespace, Function<String, JsonNode> values) {
    return new Evaluation(systemNamespace, values, MissingNode.getInstance());
  }

  /** The object, or empty where its condition does not hold. */
  public Optional<ObjectNode> object(Template.Document document) {
    return holds(document.condition())
        ? Optional.of((ObjectNode) tree(document.object()))
        : Optional.empty();
  }

  private JsonNode tree(Template template) {
    return switch (template) {
      case Template.Constant constant -> constant.value();
      case Template.Text text -> StringNode.valueOf(text(text.pieces()));
      case Template.Value value -> value(value.reference());
      case Template.Json json -> StringNode.valueOf(json(value(json.reference())));
      case Template.Mapping mapping -> {
        ObjectNode object = JsonNodeFactory.instance.objectNode();
        for (Template.Field field : mapping.fields()) {
          if (holds(field.condition())) {
            object.set(field.key(), tree(field.value()));
          }
        }
        yield object;
      }
      case Template.Sequence sequence -> {
        ArrayNode array = JsonNodeFactory.instance.arrayNode();
        for (Item item : sequence.items()) {
          switch (item) {
            case Item.One one -> {
              if (holds(one.condition())) {
                array.add(tree(one.value()));
              }
            }
            case Item.Each each ->
                value(each.list())
                    .forEach(one ->
                        array.add(new Evaluation(systemNamespace, values, one).tree(each.value())));
          }
        }
        yield array;
      }
    };
  }

  private String text(List<Piece> pieces) {
    StringBuilder text = new StringBuilder();
    for (Piece piece : pieces) {
      text.append(
          switch (piece) {
            case Piece.Literal literal -> literal.text();
            case Piece.Hole hole -> value(hole.reference()).asString();
            case Piece.Json json -> json(value(json.reference()));
            case Piece.Holds asked -> String.valueOf(holds(Optional.of(asked.condition())));
            case Piece.Guarded guarded ->
                holds(Optional.of(guarded.condition())) ? text(guarded.pieces()) : "";
          });
    }
    return text.toString();
  }

  private JsonNode value(Reference reference) {
    JsonNode first = value(reference.first());
    return isEmpty(first) && reference.otherwise().isPresent()
        ? value(reference.otherwise().get())
        : first;
  }

  private JsonNode value(Source source) {
    return switch (source) {
      case Source.Setting setting -> values.apply(setting.path());
      case Source.Item one -> item;
      case Source.SystemNamespace namespace -> StringNode.valueOf(systemNamespace);
      case Source.Literal literal -> StringNode.valueOf(literal.text());
    };
  }

  private boolean holds(Optional<Condition> condition) {
    return condition.isEmpty() || condition.get().anyOf().stream().anyMatch(this::holds);
  }

  private boolean holds(Condition.Term term) {
    return switch (term) {
      case Condition.Term.Set set -> !isEmpty(value(set.source()));
      case Condition.Term.Unset unset -> isEmpty(value(unset.source()));
    };
  }

  private static boolean isEmpty(JsonNode value) {
    return switch (value.getNodeType()) {
      case STRING -> value.stringValue().isEmpty();
      case NUMBER -> value.doubleValue() == 0;
      case BOOLEAN -> !value.booleanValue();
      default -> value.isEmpty();
    };
  }

  /** Go's encoder writes three characters as HTML wants them. */
  private static String json(JsonNode value) {
    return SORTED
        .writeValueAsString(value)
        .replace("<", "\\u003c")
        .replace(">", "\\u003e")
        .replace("&", "\\u0026");
  }
}
