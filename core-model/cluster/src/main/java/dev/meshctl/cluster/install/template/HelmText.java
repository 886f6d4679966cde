package dev.meshctl.cluster.install.template;

import dev.meshctl.cluster.install.template.Template.Item;
import dev.meshctl.cluster.install.template.Template.Piece;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/** Writes the holes in Helm's language: Go templates over YAML. */
public final class HelmText {
  private final StringBuilder out = new StringBuilder();
  private final Predicate<String> isText;

  private HelmText(Predicate<String> isText) {
    this.isText = isText;
  }

  /**
   * One document.
   *
   * @param isText whether the value of this path is a text, and needs quotes
   */
  public static String of(Template.Document document, Predicate<String> isText) {
    HelmText text = new HelmText(isText);
    text.guarded(document.condition(), () -> text.block(document.object(), "", ""));
    return text.out.toString();
  }

  private void guarded(Optional<Condition> condition, Runnable part) {
    condition.ifPresent(c -> out.append("{{- if ").append(condition(c)).append(" }}\n"));
    part.run();
    condition.ifPresent(c -> out.append("{{- end }}\n"));
  }

  private void block(Template tree, String first, String indent) {
    switch (tree) {
      case Template.Mapping mapping -> {
        String begin = first;
        for (Template.Field field : mapping.fields()) {
          String at = begin;
          guarded(
              field.condition(),
              () -> {
                out.append(at).append(YamlText.string(field.key())).append(':');
                after(field.value(), indent);
              });
          begin = indent;
        }
      }
      case Template.Sequence sequence -> {
        String begin = first;
        for (Item item : sequence.items()) {
          item(item, begin, indent);
          begin = indent;
        }
      }
      default -> throw new IllegalArgumentException("no block: " + tree);
    }
  }

  private void item(Item item, String begin, String indent) {
    switch (item) {
      case Item.One one ->
          guarded(
              one.condition(),
              () -> {
                out.append(begin).append('-');
                if (isBlock(one.value())) {
                  block(one.value(), " ", indent + "  ");
                } else {
                  out.append(' ').append(inline(one.value())).append('\n');
                }
              });
      case Item.Each each -> {
        out.append("{{- range ").append(source(each.list())).append(" }}\n");
        item(new Item.One(Optional.empty(), each.value()), begin, indent);
        out.append("{{- end }}\n");
      }
    }
  }

  private void after(Template value, String indent) {
    if (value instanceof Template.Text text && text.hasLines()) {
      out.append(" |\n");
      text(text.pieces())
          .lines()
          .forEach(line -> out.append(indent).append("  ").append(line).append('\n'));
      return;
    }
    if (!isBlock(value)) {
      out.append(' ').append(inline(value)).append('\n');
      return;
    }
    String deeper = value instanceof Template.Sequence ? indent : indent + "  ";
    out.append('\n');
    block(value, deeper, deeper);
  }

  private static boolean isBlock(Template value) {
    return switch (value) {
      case Template.Mapping mapping -> !mapping.fields().isEmpty();
      case Template.Sequence sequence -> !sequence.items().isEmpty();
      default -> false;
    };
  }

  private String inline(Template value) {
    return switch (value) {
      case Template.Constant constant -> YamlText.scalar(constant.value());
      case Template.Text text -> '"' + text(text.pieces()) + '"';
      case Template.Value whole -> "{{ " + reference(whole.reference()) + typed(whole) + " }}";
      case Template.Json json -> "{{ toJson " + source(json.reference().first()) + " | quote }}";
      case Template.Mapping empty -> "{}";
      case Template.Sequence empty -> "[]";
    };
  }

  /** Numbers come as floating point, and large ones would be written as such. */
  private String typed(Template.Value value) {
    return switch (value.reference().first()) {
      case Source.Setting setting -> isText.test(setting.path()) ? " | quote" : " | toJson";
      case Source.Item item -> " | quote";
      case Source.SystemNamespace namespace -> " | quote";
      case Source.Literal literal -> " | quote";
    };
  }

  private String text(List<Piece> pieces) {
    StringBuilder text = new StringBuilder();
    for (Piece piece : pieces) {
      text.append(
          switch (piece) {
            case Piece.Literal literal -> literal.text();
            case Piece.Hole hole -> "{{ " + reference(hole.reference()) + " }}";
            case Piece.Json json -> "{{ toJson " + reference(json.reference()) + " }}";
            case Piece.Holds asked -> "{{ " + condition(asked.condition()) + " }}";
            case Piece.Guarded guarded ->
                "{{ if "
                    + condition(guarded.condition())
                    + " }}"
                    + text(guarded.pieces())
                    + "{{ end }}";
          });
    }
    return text.toString();
  }

  private static String reference(Reference reference) {
    String first = source(reference.first());
    return reference.otherwise().map(other -> first + " | default " + source(other)).orElse(first);
  }

  private static String source(Source source) {
    return switch (source) {
      case Source.Setting setting -> ".Values." + setting.path();
      case Source.Item item -> ".";
      case Source.SystemNamespace namespace -> ".Release.Namespace";
      case Source.Literal literal -> '"' + literal.text() + '"';
    };
  }

  private static String condition(Condition condition) {
    List<String> terms = condition.anyOf().stream().map(HelmText::term).toList();
    return terms.size() == 1 ? terms.getFirst() : "or (" + String.join(") (", terms) + ")";
  }

  private static String term(Condition.Term term) {
    return switch (term) {
      case Condition.Term.Set set -> source(set.source());
      case Condition.Term.Unset unset -> "not " + source(unset.source());
    };
  }
}
