package dev.meshctl.model.traffic;

import dev.meshctl.model.resource.HttpRoute;
import dev.meshctl.model.resource.MeshResource;
import dev.meshctl.model.source.AtomicFile;
import dev.meshctl.model.source.FolderContents;
import dev.meshctl.model.source.FolderSource;
import dev.meshctl.model.source.Located;
import dev.meshctl.model.source.ParsedDocuments;
import dev.meshctl.model.source.Position;
import dev.meshctl.model.source.SourceFile;
import dev.meshctl.model.source.YamlReader;
import dev.meshctl.model.source.yaml.YamlSplice;
import dev.meshctl.model.validation.Diagnostic;
import dev.meshctl.model.validation.DiagnosticCode;
import dev.meshctl.model.validation.Suggestion;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Reads and edits traffic splits in the files that hold them. An edit changes the weights and
 * nothing else: comments, order, quoting and line ends stay. Before an edit is handed out its text
 * is read again, and it is refused unless it gives exactly the weights asked for and otherwise the
 * same resources.
 *
 * <p>Threads: {@link #find} and {@link #edit} pure; {@link #write} blocks.
 */
public final class SplitEditor {
  private final FolderContents contents;
  private final SplitLookup lookup;

  public SplitEditor(FolderContents contents) {
    this.contents = contents;
    this.lookup = new SplitLookup(contents.documents().resources());
  }

  /** What {@link #find} finds. */
  public sealed interface Found {
    record Governed(HostSplit split) implements Found {}

    record Refused(List<Diagnostic> reasons) implements Found {}
  }

  /** What {@link #edit} makes. */
  public sealed interface Edited {
    record Prepared(SplitEdit edit) implements Edited {}

    record Refused(List<Diagnostic> reasons) implements Edited {}
  }

  /** The split of a host as the files have it; {@link SplitRequest#weights} are not looked at. */
  public Found find(SplitRequest request) {
    return switch (govern(request)) {
      case Governed.By(String host, Located<? extends MeshResource> resource) ->
          new Found.Governed(view(host, resource));
      case Governed.Refused(List<Diagnostic> reasons) -> new Found.Refused(reasons);
    };
  }

  /** Works out the new text; writes nothing. */
  public Edited edit(SplitRequest request) {
    return switch (govern(request)) {
      case Governed.Refused(List<Diagnostic> reasons) -> new Edited.Refused(reasons);
      case Governed.By(String host, Located<? extends MeshResource> resource) ->
          switch (choose(resource, request)) {
            case Chosen.Refused(Diagnostic reason) -> new Edited.Refused(List.of(reason));
            case Chosen.Rule(SplitRule rule) ->
                switch (SplitPlan.of(rule, request, lookup)) {
                  case SplitPlan.Planned.Refused(List<Diagnostic> reasons) ->
                      new Edited.Refused(reasons);
                  case SplitPlan.Planned.Change(SplitChange change) -> splice(host, rule, change);
                };
          };
    };
  }

  /**
   * Replaces the file whole, unless it is no longer what was read.
   *
   * @return empty when written, else why not
   * @throws IOException where it cannot be written; the file is then as it was
   */
  public List<Diagnostic> write(SplitEdit edit) throws IOException {
    SourceFile file = edit.file();
    String now = Files.exists(file.path()) ? Files.readString(file.path()) : "";
    if (!FolderSource.sha256(now).equals(file.sha256())) {
      return List.of(
          DiagnosticCode.FILE_CHANGED.at(
              edit.before().resource().toString(),
              edit.before().position(),
              "",
              file.name() + " is not what was read"));
    }
    if (edit.isChange()) {
      AtomicFile.write(file.path(), edit.newText());
    }
    return List.of();
  }

  private sealed interface Governed {
    record By(String host, Located<? extends MeshResource> resource) implements Governed {}

    record Refused(List<Diagnostic> reasons) implements Governed {}
  }

  private Governed govern(SplitRequest request) {
    List<String> hosts = lookup.meanings(request.host(), request.namespace());
    if (hosts.isEmpty()) {
      return notServed(request);
    }
    List<Governed.By> candidates = new ArrayList<>();
    for (String host : hosts) {
      lookup.governing(host).forEach(located -> candidates.add(new Governed.By(host, located)));
    }
    if (candidates.isEmpty()) {
      return notSplit(hosts.getFirst());
    }
    List<Governed.By> meant =
        candidates.size() == 1
            ? candidates
            : candidates.stream().filter(by -> isMeant(by.resource(), request.rule())).toList();
    return meant.size() == 1 ? meant.getFirst() : severalResources(request, candidates);
  }

  /** {@code RESOURCE}, {@code RESOURCE/RULE}, or a rule that only this resource has. */
  private static boolean isMeant(Located<? extends MeshResource> located, String rule) {
    String name = located.resource().metadata().name();
    return rule.equals(name)
        || rule.startsWith(name + "/")
        || (!rule.isEmpty() && SplitRules.of(located).stream().anyMatch(r -> r.isCalled(rule)));
  }

  private Governed notServed(SplitRequest request) {
    List<String> known = lookup.knownHosts();
    Position position =
        contents.files().stream()
            .findFirst()
            .map(file -> new Position(file.name(), 1, 1))
            .orElse(new Position(contents.folder().toString(), 1, 1));
    String where = request.namespace().isEmpty() ? "" : " in namespace " + request.namespace();
    List<Diagnostic> reasons = new ArrayList<>();
    reasons.add(
        DiagnosticCode.HOST_NOT_SERVED.at(
            "host " + request.host(),
            position,
            "",
            "nothing serves '"
                + request.host()
                + "'"
                + where
                + " (expected: "
                + Suggestion.list(known)
                + ")",
            Suggestion.fix(request.host(), known, DiagnosticCode.HOST_NOT_SERVED.fix())));
    // The host may be in a resource that could not be read.
    contents.documents().diagnostics().stream()
        .filter(d -> d.severity() == Diagnostic.Severity.ERROR)
        .forEach(reasons::add);
    return new Governed.Refused(reasons);
  }

  private Governed notSplit(String host) {
    Optional<Located<? extends MeshResource>> declared = lookup.declaration(host);
    return new Governed.Refused(
        List.of(
            DiagnosticCode.HOST_NOT_SPLIT.at(
                declared.map(l -> l.resource().id().toString()).orElse("host " + host),
                declared
                    .map(l -> l.at(""))
                    .orElse(new Position(contents.folder().toString(), 1, 1)),
                "",
                "no VirtualService or HTTPRoute governs " + host)));
  }

  private static Governed severalResources(SplitRequest request, List<Governed.By> candidates) {
    Located<? extends MeshResource> first = candidates.getFirst().resource();
    String list =
        candidates.stream()
            .map(by -> by.resource().resource().id() + " (" + by.resource().at("") + ")")
            .collect(Collectors.joining(", "));
    return new Governed.Refused(
        List.of(
            DiagnosticCode.SEVERAL_RESOURCES.at(
                first.resource().id().toString(),
                first.at(""),
                "",
                "'" + request.host() + "' is governed by " + list)));
  }

  private sealed interface Chosen {
    record Rule(SplitRule rule) implements Chosen {}

    record Refused(Diagnostic reason) implements Chosen {}
  }

  private static Chosen choose(Located<? extends MeshResource> located, SplitRequest request) {
    List<SplitRule> rules = SplitRules.of(located);
    List<SplitRule> forwarding = rules.stream().filter(r -> !r.destinations().isEmpty()).toList();
    String resourceName = located.resource().metadata().name();
    String wanted =
        request.rule().startsWith(resourceName + "/")
            ? request.rule().substring(resourceName.length() + 1)
            : request.rule();
    Optional<SplitRule> named = rules.stream().filter(r -> r.isCalled(wanted)).findFirst();
    if (named.isPresent()) {
      return named.get().destinations().isEmpty()
          ? refused(
              DiagnosticCode.RULE_WITHOUT_DESTINATIONS,
              named.get(),
              "'" + wanted + "' has no destinations",
              DiagnosticCode.RULE_WITHOUT_DESTINATIONS.fix())
          : new Chosen.Rule(named.get());
    }
    List<String> names = forwarding.stream().map(SplitRule::name).toList();
    if (!wanted.isEmpty() && !wanted.equals(resourceName)) {
      return refused(
          DiagnosticCode.UNKNOWN_RULE,
          rules.isEmpty() ? Optional.empty() : Optional.of(rules.getFirst()),
          located,
          "'" + wanted + "' is no rule (expected: " + Suggestion.list(names) + ")",
          Suggestion.fix(wanted, names, DiagnosticCode.UNKNOWN_RULE.fix()));
    }
    if (forwarding.isEmpty()) {
      return refused(
          DiagnosticCode.RULE_WITHOUT_DESTINATIONS,
          Optional.empty(),
          located,
          "no rule has destinations",
          DiagnosticCode.RULE_WITHOUT_DESTINATIONS.fix());
    }
    if (forwarding.size() > 1) {
      return refused(
          DiagnosticCode.SEVERAL_RULES,
          forwarding.getFirst(),
          "has the rules " + described(forwarding),
          "name one of them with --rule");
    }
    return new Chosen.Rule(forwarding.getFirst());
  }

  private static String described(List<SplitRule> rules) {
    return rules.stream()
        .map(r -> r.match().isEmpty() ? r.name() : r.name() + " (" + r.match() + ")")
        .collect(Collectors.joining(", "));
  }

  private static Chosen refused(DiagnosticCode code, SplitRule rule, String problem, String fix) {
    return refused(code, Optional.of(rule), rule.resource(), problem, fix);
  }

  private static Chosen refused(
      DiagnosticCode code,
      Optional<SplitRule> rule,
      Located<? extends MeshResource> located,
      String problem,
      String fix) {
    String kindPath = located.resource() instanceof HttpRoute ? "spec.rules" : "spec.http";
    String path = rule.map(r -> "spec." + r.place()).orElse(kindPath);
    return new Chosen.Refused(
        code.at(located.resource().id().toString(), located.at(path), path, problem, fix));
  }

  private Edited splice(String host, SplitRule rule, SplitChange change) {
    Located<? extends MeshResource> located = rule.resource();
    Optional<SourceFile> found = contents.file(located.at("").source());
    if (found.isEmpty()) {
      return notEditable(rule, "is in no file of this folder");
    }
    SourceFile file = found.get();
    Optional<String> text = newText(file, rule, change);
    if (text.isEmpty()) {
      return notEditable(rule, "the rule's text is shared with another place");
    }
    Optional<Located<? extends MeshResource>> after = reread(file, text.get(), rule, change);
    if (after.isEmpty()) {
      return notEditable(rule, "an edit would change more than the weights asked for");
    }
    return new Edited.Prepared(
        new SplitEdit(
            file,
            text.get(),
            UnifiedDiff.of(file.name(), file.text(), text.get()),
            view(host, located),
            view(host, after.get())));
  }

  private static Optional<String> newText(SourceFile file, SplitRule rule, SplitChange change) {
    Optional<YamlSplice> opened = YamlSplice.of(file.text(), rule.resource().at(""));
    if (opened.isEmpty()) {
      return Optional.empty();
    }
    YamlSplice splice = opened.get();
    boolean possible = true;
    for (int i = 0; i < change.weights().size(); i++) {
      int weight = change.weights().get(i);
      if (weight != rule.destinations().get(i).weight()) {
        possible &= splice.setNumber(rule.listPath() + "[" + i + "]", "weight", weight);
      }
    }
    boolean isRoute = rule.resource().resource() instanceof HttpRoute;
    for (SplitChange.Added added : change.added()) {
      possible &= splice.append(rule.listPath(), isRoute ? added.asBackend() : added.asRoute());
    }
    return possible ? Optional.of(splice.result()) : Optional.empty();
  }

  /** The edited resource, if it and its neighbours are what they have to be. */
  private Optional<Located<? extends MeshResource>> reread(
      SourceFile file, String text, SplitRule rule, SplitChange change) {
    ParsedDocuments parsed = YamlReader.read(file.name(), text);
    List<Located<? extends MeshResource>> before =
        contents.documents().resources().stream()
            .filter(located -> located.at("").source().equals(file.name()))
            .toList();
    if (parsed.resources().size() != before.size()) {
      return Optional.empty();
    }
    Optional<Located<? extends MeshResource>> edited = Optional.empty();
    for (int i = 0; i < before.size(); i++) {
      MeshResource was = before.get(i).resource();
      boolean isTarget = before.get(i).equals(rule.resource());
      MeshResource expected = isTarget ? change.appliedTo(was, rule.place()) : was;
      if (!parsed.resources().get(i).resource().equals(expected)) {
        return Optional.empty();
      }
      if (isTarget) {
        edited = Optional.of(parsed.resources().get(i));
      }
    }
    return edited;
  }

  private static Edited notEditable(SplitRule rule, String problem) {
    return new Edited.Refused(
        List.of(
            DiagnosticCode.NOT_EDITABLE.at(
                rule.resource().resource().id().toString(),
                rule.position(),
                rule.listPath(),
                problem)));
  }

  private static HostSplit view(String host, Located<? extends MeshResource> located) {
    return new HostSplit(
        host,
        located.resource().id(),
        located.at(""),
        SplitRules.of(located).stream().map(SplitRule::view).toList());
  }
}
