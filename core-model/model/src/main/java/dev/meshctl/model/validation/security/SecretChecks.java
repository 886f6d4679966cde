package dev.meshctl.model.validation.security;

import dev.meshctl.model.resource.AppProtocol;
import dev.meshctl.model.resource.IstioGateway;
import dev.meshctl.model.resource.IstioGateway.ServerTls;
import dev.meshctl.model.resource.KubernetesGateway;
import dev.meshctl.model.resource.MeshResource;
import dev.meshctl.model.resource.ObjectRef;
import dev.meshctl.model.resource.Secret;
import dev.meshctl.model.resource.Workload;
import dev.meshctl.model.source.Located;
import dev.meshctl.model.tls.ServerCertificate;
import dev.meshctl.model.traffic.HostNames;
import dev.meshctl.model.validation.DiagnosticCode;
import dev.meshctl.model.validation.Suggestion;
import dev.meshctl.model.validation.TlsSecrets;
import dev.meshctl.model.validation.facts.Facts;
import dev.meshctl.model.validation.facts.Findings;
import java.security.GeneralSecurityException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Certificates of gateways: there, permitted, usable, valid now, and for the hosts they are shown
 * for. Findings never tell what is in a Secret.
 */
final class SecretChecks {
  private SecretChecks() {}

  static void run(Facts facts, Findings findings) {
    for (Located<IstioGateway> gateway : facts.all(IstioGateway.class)) {
      List<IstioGateway.Server> servers = gateway.resource().servers();
      for (int i = 0; i < servers.size(); i++) {
        istio(gateway, "spec.servers[" + i + "]", servers.get(i), facts, findings);
      }
    }
    for (Located<KubernetesGateway> gateway : facts.all(KubernetesGateway.class)) {
      List<KubernetesGateway.Listener> listeners = gateway.resource().listeners();
      for (int i = 0; i < listeners.size(); i++) {
        listener(gateway, "spec.listeners[" + i + "]", listeners.get(i), facts, findings);
      }
    }
  }

  private static void istio(
      Located<IstioGateway> gateway,
      String path,
      IstioGateway.Server server,
      Facts facts,
      Findings findings) {
    boolean terminates = server.tlsMode().map(IstioGateway.TlsMode::terminates).orElse(false);
    if (!terminates || server.tls().isEmpty()) {
      return;
    }
    ServerTls tls = server.tls().get();
    if (tls.mode() == IstioGateway.TlsMode.ISTIO_MUTUAL) {
      return;
    }
    if (tls.credential().isEmpty()) {
      findings.add(
          DiagnosticCode.LISTENER_NOT_SERVED,
          gateway,
          path + ".tls",
          "names no certificate (expected: credentialName)",
          "add credentialName: with the name of a Secret");
      return;
    }
    String namespace = namespaceOf(gateway.resource(), facts);
    String at = path + ".tls.credentialName";
    List<String> hosts =
        server.hosts().stream().map(host -> host.substring(host.indexOf('/') + 1)).toList();
    secret(gateway, at, namespace, tls.credential(), hosts, facts, findings);
    if (tls.mode().asksClients()
        && facts.secrets().authorities(namespace, tls.credential(), tls.authorities()).isEmpty()) {
      String named =
          tls.authorities().isEmpty()
              ? tls.credential() + Secret.AUTHORITIES_SUFFIX
              : tls.authorities();
      if (!facts.mayExist("Secret", namespace, named)) {
        findings.add(
            DiagnosticCode.UNKNOWN_SECRET,
            gateway,
            path + ".tls.mode",
            "asks clients for a certificate, and no Secret says who signs them (expected: ca.crt in "
                + namespace
                + "/"
                + tls.credential()
                + ", or in "
                + namespace
                + "/"
                + named
                + ")");
      }
    }
  }

  /** Where the workload of the gateway runs: its Secrets are there. */
  private static String namespaceOf(IstioGateway gateway, Facts facts) {
    return facts.all(Workload.class).stream()
        .map(Located::resource)
        .filter(pods ->
            !gateway.selector().isEmpty()
                && pods.template().labels().entrySet().containsAll(gateway.selector().entrySet()))
        .map(pods -> pods.metadata().namespace())
        .sorted()
        .findFirst()
        .orElse(facts.rootNamespace());
  }

  private static void listener(
      Located<KubernetesGateway> gateway,
      String path,
      KubernetesGateway.Listener listener,
      Facts facts,
      Findings findings) {
    boolean arrives =
        listener.protocol() == AppProtocol.HTTPS || listener.protocol() == AppProtocol.TLS;
    if (!arrives) {
      return;
    }
    if (listener.tls().isEmpty()
        || (listener.terminatesTls() && listener.tls().get().certificates().isEmpty())) {
      findings.add(
          DiagnosticCode.LISTENER_NOT_SERVED,
          gateway,
          path + ".tls",
          "names no certificate (expected: certificateRefs, or mode: Passthrough of protocol TLS)",
          "add certificateRefs: with a Secret");
      return;
    }
    if (!listener.terminatesTls()) {
      if (listener.protocol() == AppProtocol.HTTPS) {
        findings.add(
            DiagnosticCode.LISTENER_NOT_SERVED,
            gateway,
            path + ".tls.mode",
            "'Passthrough' of protocol HTTPS (expected: Terminate, or protocol TLS)",
            "write protocol: TLS to pass connections through");
      }
      return;
    }
    ObjectRef ref = listener.tls().get().certificates().getFirst();
    String at = path + ".tls.certificateRefs[0]";
    if (refersWell(gateway, at, ref, List.of(ObjectRef.SECRET), facts, findings)) {
      List<String> hosts = listener.hostname().isEmpty() ? List.of() : List.of(listener.hostname());
      secret(gateway, at, ref.namespace(), ref.name(), hosts, facts, findings);
    }
  }

  /** Whether a kind is known here, and the reference permitted; says so where not. */
  static boolean refersWell(
      Located<? extends MeshResource> from,
      String path,
      ObjectRef ref,
      List<String> kinds,
      Facts facts,
      Findings findings) {
    if (kinds.stream().noneMatch(ref::isCore)) {
      findings.add(
          DiagnosticCode.UNSUPPORTED_REFERENCE,
          from,
          path + ".kind",
          ref + " (expected: " + Suggestion.list(kinds) + ")");
      return false;
    }
    if (!facts.grants().permit(from.resource(), ref)) {
      findings.add(
          DiagnosticCode.REFERENCE_NOT_PERMITTED,
          from,
          path + ".namespace",
          "no ReferenceGrant of namespace "
              + ref.namespace()
              + " lets "
              + from.resource().id()
              + " refer to "
              + ref);
      return false;
    }
    return true;
  }

  private static void secret(
      Located<? extends MeshResource> from,
      String path,
      String namespace,
      String name,
      List<String> hosts,
      Facts facts,
      Findings findings) {
    Optional<Secret> found = facts.secrets().find(namespace, name);
    if (found.isEmpty()) {
      if (!facts.mayExist("Secret", namespace, name)) {
        findings.add(
            DiagnosticCode.UNKNOWN_SECRET,
            from,
            path,
            "there is no Secret " + namespace + "/" + name,
            Suggestion.fix(
                name,
                facts.all(Secret.class).stream()
                    .map(Located::resource)
                    .filter(secret -> secret.metadata().namespace().equals(namespace))
                    .map(secret -> secret.metadata().name())
                    .toList(),
                DiagnosticCode.UNKNOWN_SECRET.fix()));
      }
      return;
    }
    Optional<String> problem = TlsSecrets.problem(found.get());
    if (problem.isPresent()) {
      findings.add(
          DiagnosticCode.UNUSABLE_SECRET, from, path, found.get().id() + " " + problem.get());
      return;
    }
    certificate(from, path, found.get(), hosts, facts, findings);
  }

  private static void certificate(
      Located<? extends MeshResource> from,
      String path,
      Secret secret,
      List<String> hosts,
      Facts facts,
      Findings findings) {
    ServerCertificate certificate;
    try {
      certificate = ServerCertificate.read(secret.certificatePem(), secret.key());
    } catch (GeneralSecurityException checkedBefore) {
      throw new IllegalStateException(checkedBefore);
    }
    Optional<Instant> now = facts.now();
    if (now.isPresent()
        && (!now.get().isBefore(certificate.notAfter())
            || now.get().isBefore(certificate.notBefore()))) {
      findings.add(
          DiagnosticCode.EXPIRED_CERTIFICATE,
          from,
          path,
          secret.id()
              + " is valid from "
              + certificate.notBefore()
              + " to "
              + certificate.notAfter()
              + " (now: "
              + now.get()
              + ")");
    }
    List<String> uncovered =
        hosts.stream()
            .filter(host -> !host.equals(HostNames.ANY) && !certificate.covers(host))
            .toList();
    if (!uncovered.isEmpty()) {
      findings.add(
          DiagnosticCode.CERTIFICATE_WITHOUT_HOST,
          from,
          path,
          secret.id()
              + " is not for "
              + Suggestion.list(uncovered)
              + " (its names: "
              + Suggestion.list(certificate.dnsNames())
              + ")");
    }
  }
}
