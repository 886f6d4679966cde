package dev.meshctl.model.validation;

import dev.meshctl.model.resource.MeshConfig;
import dev.meshctl.model.resource.MeshResource;
import dev.meshctl.model.resource.ResourceId;
import dev.meshctl.model.source.Located;
import dev.meshctl.model.validation.facts.Facts;
import dev.meshctl.model.validation.facts.Findings;
import dev.meshctl.model.validation.routing.Routing;
import dev.meshctl.model.validation.security.Security;
import dev.meshctl.model.validation.workloads.Workloads;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.stream.Collectors;

/**
 * Checks that what was read makes a mesh. Accumulates: one run reports everything. What refers to a
 * resource that could not be read is not called dangling, so that one mistake is one error.
 *
 * <p>Threads: any; pure.
 */
public final class MeshValidator {
  /** Every check, in no particular order: findings are sorted by their place. */
  private static final List<BiConsumer<Facts, Findings>> CHECKS =
      List.of(Routing::check, Workloads::check, Security::check);

  private MeshValidator() {}

  /**
   * At no time in particular: certificates count as valid.
   *
   * @param earlier findings of reading; an error among them makes the result invalid
   */
  public static ValidationResult validate(
      String trustDomain,
      String rootNamespace,
      Collection<? extends Located<? extends MeshResource>> resources,
      List<Diagnostic> earlier) {
    return validate(trustDomain, rootNamespace, resources, earlier, Optional.empty());
  }

  /**
   * As it is {@code now}.
   *
   * @param earlier findings of reading; an error among them makes the result invalid
   */
  public static ValidationResult validate(
      String trustDomain,
      String rootNamespace,
      Collection<? extends Located<? extends MeshResource>> resources,
      List<Diagnostic> earlier,
      Instant now) {
    return validate(trustDomain, rootNamespace, resources, earlier, Optional.of(now));
  }

  private static ValidationResult validate(
      String trustDomain,
      String rootNamespace,
      Collection<? extends Located<? extends MeshResource>> resources,
      List<Diagnostic> earlier,
      Optional<Instant> now) {
    Judgement judged = judge(trustDomain, rootNamespace, resources, earlier, now);
    List<Diagnostic> all = new ArrayList<>(earlier);
    all.addAll(judged.findings());
    all.sort(Diagnostic.BY_PLACE);
    return all.stream().anyMatch(d -> d.severity() == Diagnostic.Severity.ERROR)
        ? new ValidationResult.Invalid(all)
        : new ValidationResult.Valid(judged.mesh(), all);
  }

  /**
   * @param mesh of all that was given, whatever was found
   * @param findings of validation alone
   */
  record Judgement(ValidatedMesh mesh, List<Diagnostic> findings) {}

  static Judgement judge(
      String trustDomain,
      String rootNamespace,
      Collection<? extends Located<? extends MeshResource>> resources,
      List<Diagnostic> earlier,
      Optional<Instant> now) {
    Findings findings = new Findings();
    List<Located<? extends MeshResource>> unique = withoutDuplicates(resources, findings);
    String root = rootNamespace(unique, rootNamespace);
    Facts facts = new Facts(unique, root, broken(earlier), isIncomplete(earlier), now);
    CHECKS.forEach(check -> check.accept(facts, findings));
    MeshConfigChecks.run(trustDomain, facts, findings);
    unique.sort(Comparator.comparing(located -> located.resource().id().toString()));
    return new Judgement(
        new ValidatedMesh(trustDomain, root, unique), List.copyOf(findings.diagnostics()));
  }

  /** A MeshConfig has the word before whoever started us. */
  private static String rootNamespace(
      List<Located<? extends MeshResource>> resources, String started) {
    String written =
        MeshConfig.in(resources.stream().map(Located::resource).toList()).rootNamespace();
    return written.isEmpty() ? started : written;
  }

  private static List<Located<? extends MeshResource>> withoutDuplicates(
      Collection<? extends Located<? extends MeshResource>> resources, Findings findings) {
    Map<ResourceId, Located<? extends MeshResource>> first = new LinkedHashMap<>();
    for (Located<? extends MeshResource> located : resources) {
      Located<? extends MeshResource> earlier = first.putIfAbsent(located.resource().id(), located);
      if (earlier != null) {
        findings.add(
            DiagnosticCode.DUPLICATE_RESOURCE,
            located,
            "metadata.name",
            "'"
                + located.resource().metadata().name()
                + "' stands at "
                + earlier.at("metadata.name")
                + " too (expected: a name of its own)");
      }
    }
    return new ArrayList<>(first.values());
  }

  private static Set<String> broken(List<Diagnostic> earlier) {
    return earlier.stream()
        .filter(d -> d.severity() == Diagnostic.Severity.ERROR)
        .map(Diagnostic::subject)
        .collect(Collectors.toSet());
  }

  private static boolean isIncomplete(List<Diagnostic> earlier) {
    Set<String> unread =
        Set.of(
            DiagnosticCode.UNPARSABLE_YAML.code(),
            DiagnosticCode.UNREADABLE_FILE.code(),
            DiagnosticCode.NOT_AN_OBJECT.code(),
            DiagnosticCode.UNKNOWN_KIND.code());
    return earlier.stream().anyMatch(d -> unread.contains(d.code()));
  }
}
