package dev.meshctl.model.validation;

import dev.meshctl.model.source.Position;
import java.util.Comparator;

/**
 * One finding: what, where, what was expected, what to do. Printed as {@code MESH0112
 * VirtualService shop/cart (cart.yaml:18:15): spec.http[0].route[1].weight: -1 (expected: >= 0);
 * raise it}.
 *
 * @param code stable, never reused ({@code MESH0112})
 * @param subject the resource, or the file where there is none
 * @param field path within the resource, may be empty
 * @param problem the offending value and what was expected
 * @param fix what to do, may be empty
 */
public record Diagnostic(
    String code,
    Severity severity,
    String subject,
    Position position,
    String field,
    String problem,
    String fix) {
  /** By file, line and column, then by code. */
  public static final Comparator<Diagnostic> BY_PLACE =
      Comparator.comparing((Diagnostic d) -> d.position().source())
          .thenComparingInt(d -> d.position().line())
          .thenComparingInt(d -> d.position().column())
          .thenComparing(Diagnostic::code)
          .thenComparing(Diagnostic::field);

  /** The same at another place. */
  public Diagnostic at(Position place) {
    return new Diagnostic(code, severity, subject, place, field, problem, fix);
  }

  public enum Severity {
    ERROR,
    WARNING,
    INFO
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder(code).append(' ').append(subject);
    text.append(" (").append(position).append("): ");
    if (!field.isEmpty()) {
      text.append(field).append(": ");
    }
    text.append(problem);
    if (!fix.isEmpty()) {
      text.append("; ").append(fix);
    }
    return text.toString();
  }
}
