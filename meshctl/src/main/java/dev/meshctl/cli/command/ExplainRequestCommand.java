package dev.meshctl.cli.command;

import dev.meshctl.app.config.ConfigFiles;
import dev.meshctl.cli.Action;
import dev.meshctl.cli.CommandFailure;
import dev.meshctl.cli.ExitCode;
import dev.meshctl.cli.Session;
import dev.meshctl.cli.context.Folders;
import dev.meshctl.cli.render.Format;
import dev.meshctl.cli.render.Output;
import dev.meshctl.cli.render.Style;
import dev.meshctl.model.explain.Explanation;
import dev.meshctl.model.explain.Explanation.Outcome;
import dev.meshctl.model.explain.Question;
import dev.meshctl.model.explain.RequestExplainer;
import dev.meshctl.model.explain.UnknownSubject;
import dev.meshctl.model.query.RunningMesh;
import dev.meshctl.model.validation.ValidatedMesh;
import dev.meshctl.model.xds.MeshInventory;
import java.io.IOException;
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
      "Show every decision on the way of a request, without sending it.",
      "Asks the running mesh, or with -f a folder alone: then the replicas are those that its"
          + " workloads ask for."
    })
public final class ExplainRequestCommand implements Action {
  @Option(
      names = "--from",
      paramLabel = "[NAMESPACE/]NAME",
      required = true,
      description =
          "A workload, Service or service account; or a gateway, for a request from outside.")
  private String from = "";

  @Option(
      names = "--to",
      paramLabel = "HOST[:PORT]",
      required = true,
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
      names = {"-H", "--header"},
      paramLabel = "'NAME: VALUE'",
      description = "As often as needed.")
  private List<String> headers = List.of();

  @Option(
      names = "--source-ip",
      paramLabel = "ADDRESS",
      defaultValue = "",
      description = "Where the client comes from, for policies that ask (default: what it has).")
  private String source = "";

  @Option(names = "--json", description = "Short for -o json.")
  private boolean json;

  @Mixin private FolderOption where = new FolderOption();
  @Mixin private FormatOption format = new FormatOption();

  @Override
  public ExitCode run(Session session) throws IOException {
    ValidatedMesh mesh = Folders.mesh(where.folder(session));
    Explanation explanation;
    try {
      explanation =
          RequestExplainer.of(mesh, running(session))
              .explain(
                  new Question(from, to, method.toUpperCase(Locale.ROOT), path, headers(), source));
    } catch (UnknownSubject unknown) {
      throw CommandFailure.refused(unknown.problem(), List.of(), unknown.fix());
    }
    Format asked = json ? Format.json : format.format();
    if (asked == Format.text) {
      show(explanation, session.output());
    } else {
      session.output().value(explanation, asked);
    }
    return ExitCode.OK;
  }

  private Optional<MeshInventory> running(Session session) throws IOException {
    Optional<RunningMesh> mesh = where.watching(session);
    return mesh.isEmpty()
        ? Optional.empty()
        : Optional.of(
            ConfigFiles.readInventory(
                session.meshes().folder(mesh.get().name()).resolve("inventory.json")));
  }

  private Map<String, String> headers() {
    Map<String, String> byName = new LinkedHashMap<>();
    for (String header : headers) {
      int colon = header.indexOf(':', 1);
      if (colon < 0) {
        throw CommandFailure.refused(
            "no header: " + header, List.of(), "write it as -H 'NAME: VALUE'");
      }
      byName.merge(
          header.substring(0, colon).strip(),
          header.substring(colon + 1).strip(),
          (first, second) -> first + "," + second);
    }
    return byName;
  }

  private static void show(Explanation explanation, Output output) {
    output.line(heading(explanation, output));
    String before = "";
    for (Explanation.Step step : explanation.steps()) {
      String layer = step.layer().equals(before) ? "" : step.layer();
      before = step.layer();
      Explanation.Source source = step.source();
      output.line(
          output.paint(Style.NAME, String.format(Locale.ROOT, "  %-10s", layer))
              + step.decision()
              + (source == null ? "" : output.paint(Style.QUIET, "  " + source)));
    }
  }

  private static String heading(Explanation explanation, Output output) {
    Outcome outcome = explanation.outcome();
    Style style =
        switch (outcome) {
          case ROUTED -> Style.GOOD;
          case REDIRECTED, DIRECT_RESPONSE -> Style.STRONG;
          case NO_ROUTE -> Style.CAREFUL;
          case DENIED, REJECTED -> Style.BAD;
        };
    String where =
        explanation.service().isEmpty()
            ? ""
            : " "
                + explanation.service()
                + (explanation.subset().isEmpty() ? "" : ", subset " + explanation.subset());
    String answer =
        switch (outcome) {
          case REDIRECTED -> " " + explanation.status() + " to " + explanation.location();
          case DIRECT_RESPONSE -> " " + explanation.status();
          case ROUTED, NO_ROUTE, DENIED, REJECTED -> "";
        };
    return output.paint(style, outcome.word()) + where + answer;
  }
}
