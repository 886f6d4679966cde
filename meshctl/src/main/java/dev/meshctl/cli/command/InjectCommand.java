package dev.meshctl.cli.command;

import dev.meshctl.cli.Action;
import dev.meshctl.cli.CommandFailure;
import dev.meshctl.cli.ExitCode;
import dev.meshctl.cli.Session;
import dev.meshctl.cli.render.Diagnostics;
import dev.meshctl.cli.render.Format;
import dev.meshctl.cli.render.Output;
import dev.meshctl.cli.render.Style;
import dev.meshctl.injector.mutation.InjectedText;
import dev.meshctl.injector.mutation.InjectedText.Outcome;
import dev.meshctl.injector.mutation.Injection;
import dev.meshctl.injector.mutation.InjectionSettings;
import dev.meshctl.injector.mutation.SettingsText;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;

/** {@code meshctl inject}. */
@Command(
    name = "inject",
    description = {
      "Print YAML with the sidecar added to its pods, as the webhook would add it to them.",
      "Comments stay where they can. What was not injected, and why, is said on standard error."
          + " Exit code 2, and nothing printed, where a pod asks for something that cannot be done."
    })
public final class InjectCommand implements Action {
  private static final String STANDARD_INPUT = "-";
  private static final String IMAGE = "meshctl:latest";
  private static final String DISCOVERY = "meshctl-control-plane.meshctl-system.svc:15012";

  @Option(
      names = {"-f", "--filename"},
      paramLabel = "FILE",
      required = true,
      description = "YAML or JSON; - for standard input.")
  private String file = STANDARD_INPUT;

  @Option(
      names = "--settings",
      paramLabel = "FILE",
      description = "Settings of the injector, as its ConfigMap has them.")
  private @Nullable Path settings;

  @Option(names = "--image", paramLabel = "IMAGE", description = "Of the sidecar.")
  private @Nullable String image;

  @Option(
      names = {"-n", "--namespace"},
      paramLabel = "NAMESPACE",
      defaultValue = "default",
      description = "Of objects that name none (default: ${DEFAULT-VALUE}).")
  private String namespace = "default";

  /** {@code -o}. */
  enum Form {
    yaml,
    json
  }

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FORMAT",
      defaultValue = "yaml",
      description = "${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
  private Form form = Form.yaml;

  @Override
  public ExitCode run(Session session) throws IOException {
    String source = file.equals(STANDARD_INPUT) ? "standard input" : file;
    InjectedText injected = InjectedText.of(source, text(), namespace, settings());
    if (!injected.errors().isEmpty()) {
      throw CommandFailure.refused(
          source + " is no YAML", Diagnostics.lines(injected.errors()), "correct it");
    }
    Output output = session.output();
    boolean refused = false;
    int without = 0;
    for (Outcome outcome : injected.outcomes()) {
      switch (outcome.injection()) {
        case Injection.Injected(var object, var warnings) ->
            say(output, outcome, Style.GOOD, "injected", warnings);
        case Injection.Skipped(var reason, var because) -> {
          if (reason == Injection.Reason.NO_PODS) {
            without++;
          } else {
            say(output, outcome, Style.QUIET, "not injected: " + because, List.of());
          }
        }
        case Injection.Refused(var problems) -> {
          refused = true;
          say(output, outcome, Style.BAD, "cannot be injected", problems);
        }
      }
    }
    if (without > 0) {
      output.note(Plural.of(without, "object") + " without pods");
    }
    if (refused) {
      throw CommandFailure.refused(
          "nothing was printed", List.of(), "correct the annotations shown, then try again");
    }
    switch (form) {
      case yaml -> output.out().print(injected.text());
      case json -> output.value(whole(injected.documents()), Format.json);
    }
    output.out().flush();
    return ExitCode.OK;
  }

  private static void say(
      Output output, Outcome outcome, Style style, String what, List<String> lines) {
    output.note(
        outcome.position() + " " + outcome.subject() + ": " + output.paintNote(style, what));
    lines.forEach(line -> output.note("  " + line));
  }

  /** Several documents as a List, which is what JSON has for them. */
  private static Object whole(List<JsonNode> documents) {
    if (documents.size() == 1) {
      return documents.getFirst();
    }
    Map<String, Object> list = new LinkedHashMap<>();
    list.put("apiVersion", "v1");
    list.put("kind", "List");
    list.put("items", new ArrayList<>(documents));
    return list;
  }

  private InjectionSettings settings() throws IOException {
    InjectionSettings usual = InjectionSettings.of(image == null ? IMAGE : image, DISCOVERY);
    if (settings == null) {
      return usual;
    }
    InjectionSettings read =
        SettingsText.read(settings.toString(), Files.readString(settings), usual);
    return image == null
        ? read
        : SettingsText.read("--image", "image: '" + image.replace("'", "''") + "'", read);
  }

  private String text() throws IOException {
    return file.equals(STANDARD_INPUT)
        ? new String(System.in.readAllBytes(), StandardCharsets.UTF_8)
        : Files.readString(Path.of(file));
  }
}
