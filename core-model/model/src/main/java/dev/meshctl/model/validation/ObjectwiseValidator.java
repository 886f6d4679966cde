package dev.meshctl.model.validation;

import dev.meshctl.model.resource.AuthorizationPolicy;
import dev.meshctl.model.resource.MeshResource;
import dev.meshctl.model.resource.Metadata;
import dev.meshctl.model.resource.PeerAuthentication;
import dev.meshctl.model.resource.ResourceId;
import dev.meshctl.model.source.Located;
import dev.meshctl.model.source.Position;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Judges a cluster, which many teams write at once: what is wrong with one object is a finding of
 * that object and holds up no other.
 *
 * <p>An object that contradicts itself stays as it was when it last made sense. One that never did
 * is left out; a policy that restricts is closed instead: an AuthorizationPolicy denies all that it
 * covers and a PeerAuthentication takes mutual TLS only, because what is left out permits. An
 * object whose references lead nowhere is in force as it is: requests there are answered with an
 * error, as in the reference, and the rest of it goes on.
 *
 * <p>Threads: any; pure.
 */
public final class ObjectwiseValidator {
  /** What is wrong lies between objects: it comes and goes as others do. */
  private static final Set<String> RELATIONS =
      Set.of(
          DiagnosticCode.UNKNOWN_HOST.code(),
          DiagnosticCode.UNKNOWN_SUBSET.code(),
          DiagnosticCode.UNKNOWN_GATEWAY.code(),
          DiagnosticCode.UNKNOWN_SERVICE_ACCOUNT.code(),
          DiagnosticCode.UNKNOWN_PORT.code(),
          DiagnosticCode.AMBIGUOUS_PORT.code(),
          DiagnosticCode.PORT_CONFLICT.code(),
          DiagnosticCode.MTLS_CONFLICT.code(),
          DiagnosticCode.UNKNOWN_TARGET_PORT.code(),
          DiagnosticCode.UNKNOWN_TARGET.code());

  private ObjectwiseValidator() {}

  /**
   * An object as it is now.
   *
   * @param source names it in positions: {@code cluster/NAMESPACE/KIND/NAME}
   * @param resources that it was read as, usually one; none where it could not be read
   * @param findings of reading it
   * @param selector {@code spec.selector.matchLabels}, even where the rest could not be read
   */
  public record Candidate(
      ResourceId id,
      String source,
      Map<String, String> selector,
      List<Located<? extends MeshResource>> resources,
      List<Diagnostic> findings) {
    public Candidate {
      selector = Map.copyOf(selector);
      resources = List.copyOf(resources);
      findings = List.copyOf(findings);
    }

    boolean isReadable() {
      return findings.stream().noneMatch(d -> d.severity() == Diagnostic.Severity.ERROR);
    }
  }

  /**
   * What came of it.
   *
   * @param diagnostics in the order of objects
   * @param inForce what each object was written as that counts; without those left out or closed
   * @param allNewest no object is left behind
   */
  public record Outcome(
      ValidatedMesh mesh,
      List<Diagnostic> diagnostics,
      Map<ResourceId, List<Located<? extends MeshResource>>> inForce,
      boolean allNewest) {
    public Outcome {
      diagnostics = List.copyOf(diagnostics);
      inForce = Map.copyOf(inForce);
    }
  }

  /**
   * Judges.
   *
   * @param before {@link Outcome#inForce} of the last time; empty at first
   */
  public static Outcome validate(
      String trustDomain,
      String rootNamespace,
      List<Candidate> candidates,
      Map<ResourceId, List<Located<? extends MeshResource>>> before,
      Instant now) {
    Map<ResourceId, Candidate> byId = new LinkedHashMap<>();
    Map<ResourceId, List<Located<? extends MeshResource>>> chosen = new LinkedHashMap<>();
    List<Diagnostic> findings = new ArrayList<>();
    Set<ResourceId> behind = new HashSet<>();
    Set<ResourceId> closed = new HashSet<>();
    for (Candidate candidate : candidates) {
      byId.put(candidate.id(), candidate);
      findings.addAll(candidate.findings());
      if (candidate.isReadable()) {
        chosen.put(candidate.id(), candidate.resources());
      } else {
        behind.add(candidate.id());
        stepBack(candidate, before, findings, closed)
            .ifPresent(resources -> chosen.put(candidate.id(), resources));
      }
    }
    while (true) {
      MeshValidator.Judgement judged =
          MeshValidator.judge(
              trustDomain,
              rootNamespace,
              chosen.values().stream().flatMap(List::stream).toList(),
              findings,
              Optional.of(now));
      List<Diagnostic> wrong = judged.findings().stream().filter(d -> isItsOwn(d)).toList();
      Map<ResourceId, List<Diagnostic>> byObject = byObject(wrong, chosen);
      if (byObject.isEmpty()) {
        findings.addAll(judged.findings());
        findings.sort(Diagnostic.BY_PLACE);
        chosen.keySet().removeAll(closed);
        return new Outcome(judged.mesh(), findings, chosen, behind.isEmpty());
      }
      byObject.forEach((id, problems) -> {
        findings.addAll(problems);
        Candidate candidate = byId.get(id);
        // Who has stepped back once is not asked again: this ends.
        Optional<List<Located<? extends MeshResource>>> instead =
            candidate == null || !behind.add(id)
                ? Optional.empty()
                : stepBack(candidate, before, findings, closed);
        instead.ifPresentOrElse(resources -> chosen.put(id, resources), () -> chosen.remove(id));
      });
    }
  }

  private static boolean isItsOwn(Diagnostic finding) {
    return finding.severity() == Diagnostic.Severity.ERROR && !RELATIONS.contains(finding.code());
  }

  private static Map<ResourceId, List<Diagnostic>> byObject(
      List<Diagnostic> wrong, Map<ResourceId, List<Located<? extends MeshResource>>> chosen) {
    Map<String, ResourceId> subjects = new HashMap<>();
    chosen.forEach((id, resources) -> {
      subjects.put(id.toString(), id);
      resources.forEach(located -> subjects.put(located.resource().id().toString(), id));
    });
    Map<ResourceId, List<Diagnostic>> byObject = new LinkedHashMap<>();
    for (Diagnostic finding : wrong) {
      ResourceId id = subjects.get(finding.subject());
      if (id != null) {
        byObject.computeIfAbsent(id, _ -> new ArrayList<>()).add(finding);
      }
    }
    return byObject;
  }

  /** What counts instead; empty where the object is left out. */
  private static Optional<List<Located<? extends MeshResource>>> stepBack(
      Candidate candidate,
      Map<ResourceId, List<Located<? extends MeshResource>>> before,
      List<Diagnostic> findings,
      Set<ResourceId> closedSoFar) {
    List<Located<? extends MeshResource>> last = before.getOrDefault(candidate.id(), List.of());
    if (!last.isEmpty() && !last.equals(candidate.resources())) {
      findings.add(
          told(
              candidate,
              DiagnosticCode.KEPT_AS_IT_WAS,
              "stays in force as it last was, until this is mended"));
      return Optional.of(last);
    }
    Optional<MeshResource> closed = closed(candidate);
    if (closed.isPresent()) {
      closedSoFar.add(candidate.id());
      findings.add(
          told(
              candidate,
              DiagnosticCode.CLOSED_UNTIL_MENDED,
              closed.get() instanceof AuthorizationPolicy
                  ? "denies everything that it covers, until this is mended"
                  : "takes mutual TLS only, until this is mended"));
      Located<? extends MeshResource> located =
          new Located<>(closed.get(), Map.of("", place(candidate)));
      return Optional.of(List.of(located));
    }
    findings.add(told(candidate, DiagnosticCode.LEFT_OUT, "is not in force, until this is mended"));
    return Optional.empty();
  }

  private static Diagnostic told(Candidate candidate, DiagnosticCode code, String what) {
    return code.at(candidate.id().toString(), place(candidate), "", what);
  }

  private static Position place(Candidate candidate) {
    return new Position(candidate.source(), 1, 1);
  }

  /**
   * The closest that the policy may have meant; for all of its namespace if nobody knows better.
   */
  private static Optional<MeshResource> closed(Candidate candidate) {
    ResourceId id = candidate.id();
    Metadata metadata = new Metadata(id.namespace(), id.name(), Map.of(), Map.of());
    MeshResource read =
        candidate.resources().isEmpty() ? null : candidate.resources().getFirst().resource();
    return switch (id.kind()) {
      case "AuthorizationPolicy" -> {
        AuthorizationPolicy written = read instanceof AuthorizationPolicy policy ? policy : null;
        yield Optional.of(
            new AuthorizationPolicy(
                metadata,
                candidate.selector(),
                written == null ? List.of() : written.targets(),
                AuthorizationPolicy.Action.DENY,
                List.of(new AuthorizationPolicy.Rule(List.of(), List.of(), List.of(), false))));
      }
      case "PeerAuthentication" -> {
        yield Optional.of(
            new PeerAuthentication(
                metadata, candidate.selector(), PeerAuthentication.Mode.STRICT, Map.of()));
      }
      default -> Optional.empty();
    };
  }
}
