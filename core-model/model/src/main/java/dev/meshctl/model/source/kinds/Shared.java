package dev.meshctl.model.source.kinds;

import dev.meshctl.model.resource.HeaderEdits;
import dev.meshctl.model.resource.LabelSelector;
import dev.meshctl.model.resource.LabelSelector.Operator;
import dev.meshctl.model.source.yaml.YamlObject;
import java.util.LinkedHashMap;
import java.util.Map;

/** Pieces that several kinds have, and the limits of their numbers. */
final class Shared {
  static final int MAX_PORT = 65_535;

  private Shared() {}

  /** {@code port.number}; 0 where no port is written. */
  static int portNumber(YamlObject from, String key) {
    return from.object(key).map(port -> port.requiredNumber("number", 1, MAX_PORT)).orElse(0);
  }

  /** {@code selector.matchLabels}. */
  static Map<String, String> matchLabels(YamlObject from, String key) {
    return from.object(key)
        .map(selector -> selector.notApplied("matchExpressions").textMap("matchLabels"))
        .orElse(Map.of());
  }

  /** {@code metav1.LabelSelector} itself. */
  static LabelSelector labelSelector(YamlObject selector) {
    return new LabelSelector(
        selector.textMap("matchLabels"),
        selector.objects("matchExpressions").stream().map(Shared::expression).toList());
  }

  private static LabelSelector.Expression expression(YamlObject expression) {
    return new LabelSelector.Expression(
        expression.requiredText("key"),
        expression
            .word(
                "operator",
                Map.of(
                    "In", Operator.IN,
                    "NotIn", Operator.NOT_IN,
                    "Exists", Operator.EXISTS,
                    "DoesNotExist", Operator.DOES_NOT_EXIST))
            .orElse(Operator.EXISTS),
        expression.texts("values"));
  }

  /** Istio {@code headers}. */
  static HeaderEdits headers(YamlObject from) {
    return from.object("headers")
        .map(headers -> new HeaderEdits(edits(headers, "request"), edits(headers, "response")))
        .orElse(HeaderEdits.NONE);
  }

  private static HeaderEdits.Edits edits(YamlObject headers, String key) {
    return headers
        .object(key)
        .map(edits ->
            new HeaderEdits.Edits(
                edits.textMap("set"), edits.textMap("add"), edits.texts("remove")))
        .orElse(HeaderEdits.Edits.NONE);
  }

  /** Gateway API header modifier: lists of name and value. */
  static HeaderEdits.Edits headerModifier(YamlObject modifier) {
    return new HeaderEdits.Edits(
        namedValues(modifier, "set"), namedValues(modifier, "add"), modifier.texts("remove"));
  }

  private static Map<String, String> namedValues(YamlObject from, String key) {
    Map<String, String> values = new LinkedHashMap<>();
    for (YamlObject header : from.objects(key)) {
      values.put(header.requiredText("name"), header.requiredText("value"));
    }
    return values;
  }
}
