package dev.meshctl.model.validation.routing;

import dev.meshctl.model.resource.DestinationRule;
import dev.meshctl.model.resource.MeshResource;
import dev.meshctl.model.resource.VirtualService.Destination;
import dev.meshctl.model.source.Located;
import dev.meshctl.model.traffic.HostNames;
import dev.meshctl.model.traffic.MeshService;
import dev.meshctl.model.validation.DiagnosticCode;
import dev.meshctl.model.validation.Suggestion;
import dev.meshctl.model.validation.facts.Facts;
import dev.meshctl.model.validation.facts.Findings;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Whether a destination of a VirtualService leads somewhere. */
final class Destinations {
  private Destinations() {}

  /**
   * @param path of the destination
   * @param portRequired where the request's own port cannot stand in (at a gateway)
   */
  static void check(
      Located<? extends MeshResource> where,
      String path,
      Destination destination,
      boolean portRequired,
      Facts facts,
      Findings findings) {
    String namespace = where.resource().metadata().namespace();
    Optional<MeshService> found = facts.services().find(destination.host(), namespace);
    if (found.isEmpty()) {
      unknownHost(where, path + ".host", destination.host(), facts, findings);
      return;
    }
    MeshService service = found.get();
    if (!destination.subset().isEmpty()) {
      subset(where, path + ".subset", destination.subset(), service, facts, findings);
    }
    port(where, path + ".port", destination.port(), portRequired, service, findings);
  }

  private static void unknownHost(
      Located<? extends MeshResource> where,
      String path,
      String host,
      Facts facts,
      Findings findings) {
    String namespace = where.resource().metadata().namespace();
    String full = HostNames.resolve(host, namespace);
    if (facts.hostMayExist(full)) {
      return;
    }
    findings.add(
        DiagnosticCode.UNKNOWN_HOST,
        where,
        path,
        "'" + host + "' is no service of the mesh" + (full.equals(host) ? "" : " (" + full + ")"),
        hostFix(host, namespace, facts));
  }

  /** A near name, or the full name where only the namespace was forgotten. */
  static String hostFix(String host, String namespace, Facts facts) {
    List<MeshService> services = facts.services().all();
    Optional<String> elsewhere =
        services.stream()
            .filter(service ->
                service.name().equals(host)
                    || host.equals(service.name() + "." + service.namespace())
                    || host.equals(service.name() + "." + service.namespace() + ".svc"))
            .map(MeshService::hostname)
            .findFirst();
    if (elsewhere.isPresent()) {
      return "write the full name '" + elsewhere.get() + "'";
    }
    List<String> known = new ArrayList<>();
    for (MeshService service : services) {
      known.add(service.hostname());
      if (service.namespace().equals(namespace)) {
        known.add(service.name());
      }
    }
    return Suggestion.fix(host, known, DiagnosticCode.UNKNOWN_HOST.fix());
  }

  private static void subset(
      Located<? extends MeshResource> where,
      String path,
      String subset,
      MeshService service,
      Facts facts,
      Findings findings) {
    String namespace = where.resource().metadata().namespace();
    Optional<DestinationRule> rule = facts.destinationRules().forHost(service, namespace);
    List<String> known =
        facts.destinationRules().anyFor(service, namespace).stream()
            .flatMap(r -> r.subsets().stream())
            .map(DestinationRule.Subset::name)
            .distinct()
            .toList();
    if (known.contains(subset)) {
      return;
    }
    boolean ruleMayExist =
        rule.isEmpty()
            && Stream.of(namespace, service.namespace())
                .anyMatch(ns -> facts.mayExist("DestinationRule", ns, service.name()));
    if (ruleMayExist) {
      return;
    }
    String problem =
        rule.map(r -> "no subset of " + r.id() + " (expected: " + Suggestion.list(known) + ")")
            .orElse("not defined: no DestinationRule is for " + service.hostname());
    findings.add(
        DiagnosticCode.UNKNOWN_SUBSET,
        where,
        path,
        "'" + subset + "' is " + problem,
        Suggestion.fix(subset, known, DiagnosticCode.UNKNOWN_SUBSET.fix()));
  }

  private static void port(
      Located<? extends MeshResource> where,
      String path,
      int port,
      boolean required,
      MeshService service,
      Findings findings) {
    List<Integer> numbers = service.ports().stream().map(MeshService.Port::number).toList();
    List<String> known = numbers.stream().map(String::valueOf).toList();
    if (numbers.isEmpty() || numbers.contains(port)) {
      return;
    }
    if (port != 0) {
      findings.add(
          DiagnosticCode.UNKNOWN_PORT,
          where,
          path + ".number",
          port
              + " is no port of "
              + service.hostname()
              + " (expected: "
              + Suggestion.list(known)
              + ")");
    } else if (required && numbers.size() > 1) {
      findings.add(
          DiagnosticCode.AMBIGUOUS_PORT,
          where,
          path,
          "is not written, and "
              + service.hostname()
              + " has several (expected: "
              + Suggestion.list(known)
              + ")");
    }
  }
}
