package dev.meshctl.model.validation.security;

import dev.meshctl.model.resource.DestinationRule.TlsMode;
import dev.meshctl.model.resource.PeerAuthentication;
import dev.meshctl.model.resource.PortRef;
import dev.meshctl.model.source.Located;
import dev.meshctl.model.traffic.MeshService;
import dev.meshctl.model.validation.DiagnosticCode;
import dev.meshctl.model.validation.facts.Facts;
import dev.meshctl.model.validation.facts.Findings;
import dev.meshctl.model.validation.facts.Member;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/** Mutual TLS: what clients send against what workloads accept. */
final class SecurityChecks {
  private SecurityChecks() {}

  static void run(Facts facts, Findings findings) {
    Map<String, Located<PeerAuthentication>> scopes = new HashMap<>();
    for (Located<PeerAuthentication> located : facts.all(PeerAuthentication.class)) {
      PeerAuthentication policy = located.resource();
      String scope = policy.metadata().namespace() + new TreeMap<>(policy.selector());
      Located<PeerAuthentication> earlier = scopes.putIfAbsent(scope, located);
      if (earlier != null) {
        findings.add(
            DiagnosticCode.SEVERAL_PEER_AUTHENTICATIONS,
            located,
            "metadata.name",
            "has the scope of " + earlier.resource().id());
      }
    }
    for (SpokenTls spoken : SpokenTls.all(facts)) {
      if (spoken.mode() == TlsMode.DISABLE || spoken.mode() == TlsMode.SIMPLE) {
        spoken
            .first(facts, (service, member) -> isStrict(member, service, facts))
            .ifPresent(strict ->
                findings.add(
                    DiagnosticCode.MTLS_CONFLICT,
                    spoken.rule(),
                    spoken.path(),
                    spoken.mode() + ", but " + strict.id() + " accepts mutual TLS only (STRICT)"));
      }
    }
  }

  private static boolean isStrict(Member member, MeshService service, Facts facts) {
    return service.ports().stream()
        .map(port -> number(port.target(), member))
        .anyMatch(port ->
            facts.peerModes().mode(member.id().namespace(), member.labels(), port)
                == PeerAuthentication.Mode.STRICT);
  }

  private static int number(PortRef target, Member member) {
    return switch (target) {
      case PortRef.Number(int port) -> port;
      case PortRef.Name(String name) -> member.ports().getOrDefault(name, 0);
    };
  }
}
