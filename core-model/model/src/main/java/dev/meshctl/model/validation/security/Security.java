package dev.meshctl.model.validation.security;

import dev.meshctl.model.validation.facts.Facts;
import dev.meshctl.model.validation.facts.Findings;

/** All checks of who may call whom, and of what proves it. */
public final class Security {
  private Security() {}

  public static void check(Facts facts, Findings findings) {
    SecurityChecks.run(facts, findings);
    AccessChecks.run(facts, findings);
    PrincipalChecks.run(facts, findings);
    TlsUseChecks.run(facts, findings);
    SecretChecks.run(facts, findings);
    BackendPolicyChecks.run(facts, findings);
    UnenforcedChecks.run(facts, findings);
  }
}
