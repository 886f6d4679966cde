package dev.meshctl.model.validation.security;

import dev.meshctl.model.resource.DestinationRule.TlsMode;
import dev.meshctl.model.resource.PeerAuthentication.Mode;
import dev.meshctl.model.validation.DiagnosticCode;
import dev.meshctl.model.validation.facts.Facts;
import dev.meshctl.model.validation.facts.Findings;

/** Mutual TLS that clients are told to speak to workloads that take none. */
final class TlsUseChecks {
  private TlsUseChecks() {}

  static void run(Facts facts, Findings findings) {
    for (SpokenTls spoken : SpokenTls.all(facts)) {
      if (spoken.mode() == TlsMode.ISTIO_MUTUAL) {
        spoken
            .first(
                facts,
                (service, member) ->
                    facts.peerModes().mode(service.namespace(), member.labels(), 0) == Mode.DISABLE)
            .ifPresent(without ->
                findings.add(
                    DiagnosticCode.MUTUAL_TLS_NOT_TAKEN,
                    spoken.rule(),
                    spoken.path(),
                    "ISTIO_MUTUAL, but " + without.id() + " takes no TLS of the mesh (DISABLE)"));
      }
    }
  }
}
