package dev.meshctl.cluster.install.template;

import java.util.List;

/**
 * When a part is there: when any of the terms holds.
 *
 * <p>Empty are, as in Helm, {@code ""}, 0, false, and lists and maps of nothing.
 */
public record Condition(List<Term> anyOf) {
  public Condition {
    anyOf = List.copyOf(anyOf);
  }

  /** One thing asked. */
  public sealed interface Term {
    /** The value is not empty. */
    record Set(Source source) implements Term {}

    /** The value is empty. */
    record Unset(Source source) implements Term {}
  }

  static Condition set(Source source) {
    return new Condition(List.of(new Term.Set(source)));
  }
}
