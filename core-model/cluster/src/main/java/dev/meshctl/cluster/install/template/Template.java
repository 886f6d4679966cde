package dev.meshctl.cluster.install.template;

import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/** A tree of YAML with holes. */
public sealed interface Template {
  /** A scalar without holes, of whatever type. */
  record Constant(JsonNode value) implements Template {}

  /** Text with holes; always a string. */
  record Text(List<Piece> pieces) implements Template {
    public Text {
      pieces = List.copyOf(pieces);
    }

    boolean hasLines() {
      return pieces.stream()
          .anyMatch(
              piece -> piece instanceof Piece.Literal literal && literal.text().contains("\n"));
    }
  }

  /** A value with its type: a text, a number, a list, a map. */
  record Value(Reference reference) implements Template {}

  /** A value as text in JSON, its keys in order, as Helm's {@code toJson} writes it. */
  record Json(Reference reference) implements Template {}

  /** A map, in the order written. */
  record Mapping(List<Field> fields) implements Template {
    public Mapping {
      fields = List.copyOf(fields);
    }
  }

  /** A list. */
  record Sequence(List<Item> items) implements Template {
    public Sequence {
      items = List.copyOf(items);
    }
  }

  /** A field of a map. */
  record Field(String key, Optional<Condition> condition, Template value) {}

  /** What a list is made of. */
  sealed interface Item {
    /** One item, if its condition holds. */
    record One(Optional<Condition> condition, Template value) implements Item {}

    /** One for each text of a list. */
    record Each(Source list, Template value) implements Item {}
  }

  /** What a text is made of. */
  sealed interface Piece {
    /** As it stands. */
    record Literal(String text) implements Piece {}

    /** A value in text. */
    record Hole(Reference reference) implements Piece {}

    /** A value in JSON. */
    record Json(Reference reference) implements Piece {}

    /** {@code true} or {@code false}. */
    record Holds(Condition condition) implements Piece {}

    /** There if its condition holds. */
    record Guarded(Condition condition, List<Piece> pieces) implements Piece {
      public Guarded {
        pieces = List.copyOf(pieces);
      }
    }
  }

  /**
   * One object to be.
   *
   * @param condition whether it is there at all
   */
  record Document(Optional<Condition> condition, Template object) {}
}
