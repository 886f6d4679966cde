package dev.meshctl.model.status;

import java.util.Map;

/**
 * {@code metav1.Condition}, but for what only its writer knows ({@code observedGeneration}, {@code
 * lastTransitionTime}).
 *
 * @param type {@code Accepted}, {@code Programmed}, {@code ResolvedRefs}, {@code Conflicted}
 * @param reason of the API's own where it has one
 * @param message for people
 */
public record Condition(String type, boolean holds, String reason, String message) {
  static final String ACCEPTED = "Accepted";
  static final String PROGRAMMED = "Programmed";
  static final String RESOLVED_REFS = "ResolvedRefs";
  static final String CONFLICTED = "Conflicted";

  static Condition yes(String type, String reason, String message) {
    return new Condition(type, true, reason, message);
  }

  static Condition no(String type, String reason, String message) {
    return new Condition(type, false, reason, message);
  }

  /** {@code True} or {@code False}. */
  public String status() {
    return holds ? "True" : "False";
  }

  Map<String, Object> document() {
    return Documents.of("type", type, "status", status(), "reason", reason, "message", message);
  }
}
