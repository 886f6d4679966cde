package dev.meshctl.model.validation.routing;

import dev.meshctl.model.validation.facts.Facts;
import dev.meshctl.model.validation.facts.Findings;

/** All checks of where requests go. */
public final class Routing {
  private Routing() {}

  public static void check(Facts facts, Findings findings) {
    VirtualServiceChecks.run(facts, findings);
    HostConflictChecks.run(facts, findings);
    RuleOrderChecks.run(facts, findings);
    ExpressionChecks.run(facts, findings);
    DestinationRuleChecks.run(facts, findings);
    DestinationUseChecks.run(facts, findings);
    RouteChecks.run(facts, findings);
    GatewayChecks.run(facts, findings);
    GatewayHostChecks.run(facts, findings);
  }
}
