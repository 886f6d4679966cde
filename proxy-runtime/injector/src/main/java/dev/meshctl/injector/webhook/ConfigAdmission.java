package dev.meshctl.injector.webhook;

import dev.meshctl.injector.webhook.Admission.Answer;
import dev.meshctl.model.resource.MeshResource;
import dev.meshctl.model.source.Located;
import dev.meshctl.model.source.ParsedDocuments;
import dev.meshctl.model.source.YamlReader;
import dev.meshctl.model.validation.Diagnostic;
import dev.meshctl.model.validation.DiagnosticCode;
import dev.meshctl.model.validation.MeshValidator;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Looks at configuration with the eyes of {@code analyze}. Refused is what is wrong in itself; what
 * does not fit the rest of the mesh is a warning, because the rest may come later.
 */
final class ConfigAdmission {
  /** What no other object can put right. */
  private static final Set<String> WRONG_IN_ITSELF =
      EnumSet.of(
              DiagnosticCode.UNPARSABLE_YAML,
              DiagnosticCode.NOT_AN_OBJECT,
              DiagnosticCode.UNKNOWN_FIELD,
              DiagnosticCode.MISSING_FIELD,
              DiagnosticCode.WRONG_TYPE,
              DiagnosticCode.OUT_OF_RANGE,
              DiagnosticCode.UNKNOWN_VALUE,
              DiagnosticCode.INVALID_NAME,
              DiagnosticCode.INVALID_DURATION,
              DiagnosticCode.CONFLICTING_FIELDS,
              DiagnosticCode.INVALID_REGEX,
              DiagnosticCode.INVALID_CONDITION,
              DiagnosticCode.NEGATIVE_WEIGHT,
              DiagnosticCode.ALL_WEIGHTS_ZERO,
              DiagnosticCode.DUPLICATE_NAME,
              DiagnosticCode.NO_EGRESS_HOST)
          .stream()
          .map(DiagnosticCode::code)
          .collect(Collectors.toUnmodifiableSet());

  private static final int MOST_WARNINGS = 10;

  private final String trustDomain;
  private final String rootNamespace;
  private final Supplier<Collection<Located<? extends MeshResource>>> mesh;

  /**
   * @param mesh what the cluster holds now; empty where it is not known
   */
  ConfigAdmission(
      String trustDomain,
      String rootNamespace,
      Supplier<Collection<Located<? extends MeshResource>>> mesh) {
    this.trustDomain = trustDomain;
    this.rootNamespace = rootNamespace;
    this.mesh = mesh;
  }

  Answer answer(Admission.Request request) {
    if (!request.operation().equals("CREATE") && !request.operation().equals("UPDATE")) {
      return Answer.asItIs();
    }
    ObjectNode object = request.object().deepCopy();
    // What servers add is not what a user wrote.
    object.remove("status");
    if (object.get("metadata") instanceof ObjectNode metadata) {
      metadata.remove("managedFields");
    }
    String source = request.subject();
    ParsedDocuments read = YamlReader.read(source, object.toString());
    List<Diagnostic> found = new ArrayList<>(read.diagnostics());
    Collection<Located<? extends MeshResource>> others = mesh.get();
    found.addAll(validated(read, others));
    boolean asked = saysSomethingNew(request);
    List<Diagnostic> wrong =
        found.stream()
            .filter(one -> asked)
            .filter(one -> one.severity() == Diagnostic.Severity.ERROR)
            .filter(one -> WRONG_IN_ITSELF.contains(one.code()))
            .toList();
    List<String> warnings =
        found.stream()
            .filter(one -> !wrong.contains(one))
            .filter(one -> one.severity() != Diagnostic.Severity.INFO)
            // Alone in the world, everything that it refers to is missing.
            .filter(one ->
                !others.isEmpty()
                    || read.diagnostics().contains(one)
                    || WRONG_IN_ITSELF.contains(one.code()))
            .map(ConfigAdmission::line)
            .distinct()
            .limit(MOST_WARNINGS)
            .toList();
    if (wrong.isEmpty()) {
      return new Answer.Allowed(JsonNodeFactory.instance.arrayNode(), warnings);
    }
    return new Answer.Denied(
        400,
        wrong.stream().map(ConfigAdmission::line).collect(Collectors.joining("\n")),
        wrong.stream()
            .map(one -> new Answer.Cause(one.code(), one.field(), one.problem()))
            .toList(),
        warnings);
  }

  /**
   * Whether what it says of the mesh was changed. What was stored before we looked at it can still
   * be labelled, and let go of by whoever finalizes it.
   */
  private static boolean saysSomethingNew(Admission.Request request) {
    return !request.object().path("metadata").has("deletionTimestamp")
        && !(request.operation().equals("UPDATE")
            && request.before().path("spec").equals(request.object().path("spec")));
  }

  /** Findings about the object itself, in the mesh as it would be. */
  private List<Diagnostic> validated(
      ParsedDocuments read, Collection<Located<? extends MeshResource>> others) {
    Set<String> subjects =
        read.resources().stream()
            .map(one -> one.resource().id().toString())
            .collect(Collectors.toSet());
    List<Located<? extends MeshResource>> all =
        Stream.concat(
                others.stream()
                    .filter(other -> !subjects.contains(other.resource().id().toString())),
                read.resources().stream())
            .collect(Collectors.toList());
    return MeshValidator.validate(trustDomain, rootNamespace, all, List.of()).diagnostics().stream()
        .filter(one -> subjects.contains(one.subject()))
        .toList();
  }

  /** As {@code analyze} says it, without a place: what a server is sent has lost its lines. */
  private static String line(Diagnostic found) {
    return found.code()
        + " "
        + found.subject()
        + ": "
        + (found.field().isEmpty() ? "" : found.field() + ": ")
        + found.problem()
        + (found.fix().isEmpty() ? "" : "; " + found.fix());
  }
}
