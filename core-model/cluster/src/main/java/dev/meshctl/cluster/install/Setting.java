package dev.meshctl.cluster.install;

import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/**
 * One value of an installation.
 *
 * @param path {@code controlPlane.replicas}
 * @param byDefault what it is where nobody says otherwise
 * @param meaning a sentence or two for people
 */
public record Setting(String path, Type type, JsonNode byDefault, String meaning) {

  /** What a value may be. */
  public sealed interface Type {
    /**
     * Text.
     *
     * @param pattern what all of it matches; such a text needs no quotes anywhere
     * @param form the same for people
     */
    record Text(String pattern, String form) implements Type {}

    /** One of some words. */
    record Choice(List<String> words) implements Type {
      public Choice {
        words = List.copyOf(words);
      }
    }

    /** A whole number, both ends included. */
    record Number(int least, int most) implements Type {}

    /** Yes or no. */
    record Flag() implements Type {}

    /**
     * Texts.
     *
     * @param each what each of them matches
     */
    record Texts(Text each) implements Type {}

    /** A map of whatever Kubernetes or Istio has there. */
    record Tree() implements Type {}

    /** A list of such maps. */
    record Trees() implements Type {}
  }

  /** What is wrong with a value for this setting; empty where nothing is. */
  public Optional<String> expected(JsonNode value) {
    return switch (type) {
      case Type.Text text -> when(isText(value, text), text.form());
      case Type.Choice choice ->
          when(
              value.isString() && choice.words().contains(value.stringValue()),
              String.join(", ", choice.words()));
      case Type.Number number ->
          when(
              value.isIntegralNumber()
                  && value.longValue() >= number.least()
                  && value.longValue() <= number.most(),
              number.least() + " to " + number.most());
      case Type.Flag flag -> when(value.isBoolean(), "true or false");
      case Type.Texts texts ->
          when(
              value.isArray() && value.valueStream().allMatch(v -> isText(v, texts.each())),
              "a list, each " + texts.each().form());
      case Type.Tree tree -> when(value.isObject(), "a map");
      case Type.Trees trees ->
          when(
              value.isArray() && value.valueStream().allMatch(JsonNode::isObject),
              "a list of maps");
    };
  }

  private static Optional<String> when(boolean right, String expected) {
    return right ? Optional.empty() : Optional.of(expected);
  }

  private static boolean isText(JsonNode value, Type.Text text) {
    return value.isString() && value.stringValue().matches(text.pattern());
  }
}
