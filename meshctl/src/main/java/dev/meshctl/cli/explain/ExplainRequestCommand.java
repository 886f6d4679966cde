package dev.meshctl.cli.explain;

import dev.meshctl.cli.Action;
import dev.meshctl.cli.CommandFailure;
import dev.meshctl.cli.ExitCode;
import dev.meshctl.cli.Session;
import dev.meshctl.cli.command.FolderOption;
import dev.meshctl.cli.command.FormatOption;
import dev.meshctl.cli.command.HeaderOption;
import dev.meshctl.cli.context.Folders;
import dev.meshctl.cli.render.Format;
import dev.meshctl.model.explain.Explanation;
import dev.meshctl.model.explain.Question;
import dev.meshctl.model.explain.RequestExplainer;
import dev.meshctl.model.explain.Scene;
import dev.meshctl.model.explain.UnknownSubject;
import dev.meshctl.model.explain.hindsight.LookBack;
import dev.meshctl.model.query.RunningMesh;
import dev.meshctl.model.source.FolderContents;
import dev.meshctl.model.source.FolderSource;
import dev.meshctl.model.source.SourceFile;
import dev.meshctl.model.validation.ValidatedMesh;
import dev.meshctl.model.xds.MeshInventory;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code meshctl explain request}. */
@Command(
    name = "request",
    description = {
      "Show every decision on the way of a request, without sending it; or what became of one that"
          + " has been (--access-log, --id, --failed), beside what would now.",
      "Asks the running mesh, or with -f a folder alone: then the replicas are those that its"
          + " workloads ask for."
    })
public final class ExplainRequestCommand implements Action {
  @Option(
      names = "--from",
      paramLabel = "[NAMESPACE/]NAME",
      defaultValue = "",
      description =
          "A workload, Service or service account; or a gateway, for a request from outside.")
  private String from = "";

  @Option(
      names = "--to",
      paramLabel = "HOST[:PORT]",
      defaultValue = "",
      description = "As the caller would write it (port 80 unless told).")
  private String to = "";

  @Option(
      names = "--method",
      paramLabel = "METHOD",
      defaultValue = "GET",
      description = "(default: ${DEFAULT-VALUE}).")
  private String method = "GET";

  @Option(
      names = "--path",
      paramLabel = "PATH",
      defaultValue = "/",
      description = "With query (default: ${DEFAULT-VALUE}).")
  private String path = "/";

  @Option(
      names = "--source-ip",
      paramLabel = "ADDRESS",
      defaultValue = "",
      description = "Where the client comes from, for policies that ask (default: what it has).")
  private String source = "";

  @Option(names = "--json", description = "Short for -o json.")
  private boolean json;

  @Mixin private HeaderOption headers = new HeaderOption();
  @Mixin private PastOptions past = new PastOptions();
  @Mixin private FolderOption where = new FolderOption();
  @Mixin private FormatOption format = new FormatOption();

  @Override
  public ExitCode run(Session session) throws IOException {
    Format asked = json ? Format.json : format.format();
    refuseHalves();
    if (where.onCluster()) {
      // Its Pods are part of what was read: nothing runs beside them.
      Scene scene = Scene.of(where.configured(session), Optional.of(MeshInventory.EMPTY));
      return past.given()
          ? hindsight(scene, known(Map.of(), ""), Optional.empty(), asked, session)
          : shown(explained(scene), asked, session);
    }
    FolderContents contents = FolderSource.read(where.folder(session));
    Optional<RunningMesh> mesh = where.watching(session);
    Optional<MeshInventory> running = running(mesh, session);
    return past.given()
        ? hindsight(contents, mesh, running, asked, session)
        : shown(explained(Scene.of(Folders.mesh(contents), running)), asked, session);
  }

  /** What was logged is told of a broken folder, too: it may be why somebody asks. */
  private ExitCode hindsight(
      FolderContents contents,
      Optional<RunningMesh> mesh,
      Optional<MeshInventory> running,
      Format asked,
      Session session)
      throws IOException {
    String broken = "";
    ValidatedMesh configured;
    try {
      configured = Folders.mesh(contents);
    } catch (CommandFailure failure) {
      broken = failure.problem();
      session.output().note(broken + ":");
      failure.details().forEach(line -> session.output().note("  " + line));
      configured = Folders.empty();
    }
    return hindsight(
        Scene.of(configured, running), known(changes(contents), broken), mesh, asked, session);
  }

  private LookBack.Known known(Map<String, Instant> changes, String broken) {
    return new LookBack.Known(from, headers.byName(), changes, broken);
  }

  private ExitCode hindsight(
      Scene scene, LookBack.Known known, Optional<RunningMesh> mesh, Format asked, Session session)
      throws IOException {
    new PastRequests(scene, known, mesh, session).show(past, asked);
    return ExitCode.OK;
  }

  private static ExitCode shown(Explanation explanation, Format asked, Session session) {
    if (asked == Format.text) {
      ExplanationText.show(explanation, session.output());
    } else {
      session.output().value(explanation, asked);
    }
    return ExitCode.OK;
  }

  private void refuseHalves() {
    if (past.given() && !to.isEmpty()) {
      throw CommandFailure.refused(
          "--to asks of a request to come, and --access-log, --id and --failed of one that has"
              + " been",
          List.of(),
          "leave one of them out");
    }
    if (!past.given() && (from.isEmpty() || to.isEmpty())) {
      throw CommandFailure.refused(
          "no request to explain",
          List.of(),
          "name it by --from and --to; or one that has been by --access-log, --id or --failed");
    }
  }

  private Explanation explained(Scene scene) {
    try {
      return RequestExplainer.of(scene)
          .explain(
              new Question(
                  from, to, method.toUpperCase(Locale.ROOT), path, headers.byName(), source));
    } catch (UnknownSubject unknown) {
      throw CommandFailure.refused(unknown.problem(), List.of(), unknown.fix());
    }
  }

  private static Map<String, Instant> changes(FolderContents contents) throws IOException {
    Map<String, Instant> changes = new LinkedHashMap<>();
    for (SourceFile file : contents.files()) {
      changes.put(file.name(), Files.getLastModifiedTime(file.path()).toInstant());
    }
    return changes;
  }

  private static Optional<MeshInventory> running(Optional<RunningMesh> mesh, Session session)
      throws IOException {
    return mesh.isEmpty()
        ? Optional.empty()
        : Optional.of(FolderOption.inventory(mesh.get(), session));
  }
}
