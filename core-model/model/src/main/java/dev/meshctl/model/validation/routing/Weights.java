package dev.meshctl.model.validation.routing;

import dev.meshctl.model.resource.MeshResource;
import dev.meshctl.model.source.Located;
import dev.meshctl.model.validation.DiagnosticCode;
import dev.meshctl.model.validation.facts.Findings;
import java.util.List;

/** Weights of one rule. */
final class Weights {
  /** The Gateway API's largest. */
  static final int LARGEST = 1_000_000;

  private Weights() {}

  /**
   * @param listPath of the destinations, {@code spec.http[0].route}
   * @param aloneMayBeZero a single destination without a weight takes all (Istio)
   */
  static void check(
      Located<? extends MeshResource> where,
      String listPath,
      List<Integer> weights,
      boolean aloneMayBeZero,
      Findings findings) {
    boolean outOfRange = false;
    for (int i = 0; i < weights.size(); i++) {
      int weight = weights.get(i);
      if (weight < 0 || weight > LARGEST) {
        outOfRange = true;
        findings.add(
            DiagnosticCode.NEGATIVE_WEIGHT,
            where,
            listPath + "[" + i + "].weight",
            weight + " (expected: 0 to " + LARGEST + ")",
            weight < 0 ? "raise it" : "lower it");
      }
    }
    boolean alone = weights.size() == 1 && aloneMayBeZero;
    if (!outOfRange
        && !weights.isEmpty()
        && !alone
        && weights.stream().allMatch(weight -> weight == 0)) {
      findings.add(
          DiagnosticCode.ALL_WEIGHTS_ZERO,
          where,
          listPath + "[0].weight",
          "all weights of the rule are 0 (expected: one above 0)");
    }
  }
}
