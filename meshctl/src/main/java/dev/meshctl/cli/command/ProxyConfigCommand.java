package dev.meshctl.cli.command;

import dev.meshctl.cli.Action;
import dev.meshctl.cli.ExitCode;
import dev.meshctl.cli.Session;
import dev.meshctl.cli.context.MeshReplicas;
import dev.meshctl.cli.context.MeshReplicas.Told;
import dev.meshctl.cli.render.Format;
import dev.meshctl.cli.render.Output;
import dev.meshctl.cli.render.Style;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/** {@code meshctl proxy config}: what a proxy was sent and took. */
@Command(
    name = "config",
    description = "Show the configuration that a proxy holds, as xDS resources.")
public final class ProxyConfigCommand implements Action {
  /** Kinds of resources, as users say them. */
  enum Kind {
    listeners,
    routes,
    clusters,
    endpoints
  }

  @Parameters(
      index = "0",
      paramLabel = "PROXY",
      description = "Its name as `proxy status` shows it; a beginning will do.")
  private String proxy = "";

  @Parameters(
      index = "1",
      arity = "0..1",
      paramLabel = "KIND",
      description = "${COMPLETION-CANDIDATES}; all unless told.")
  private @Nullable Kind kind;

  @Mixin private MeshOption mesh = new MeshOption();
  @Mixin private FormatOption format = new FormatOption();

  @Override
  public ExitCode run(Session session) {
    List<Kind> kinds = kind == null ? List.of(Kind.values()) : List.of(kind);
    Map<String, JsonNode> resources = new LinkedHashMap<>();
    try (MeshReplicas replicas = mesh.replicas(session)) {
      Told found = ProxyNames.find(replicas.proxies(), proxy);
      for (Kind each : kinds) {
        resources.put(
            each.name(), found.by().client().proxyConfig(found.proxy().id(), each.name()));
      }
    }
    Output output = session.output();
    if (format.format() != Format.text) {
      if (kind == null) {
        output.value(resources, format.format());
      } else {
        resources.values().forEach(array -> output.value(array, format.format()));
      }
      return ExitCode.OK;
    }
    boolean first = true;
    for (Kind each : kinds) {
      if (kind == null) {
        output.line(
            (first ? "" : "\n") + output.paint(Style.STRONG, each.name().toUpperCase(Locale.ROOT)));
        first = false;
      }
      JsonNode array = resources.get(each.name());
      if (array != null) {
        output.table(table(each, array));
      }
    }
    return ExitCode.OK;
  }

  private static dev.meshctl.cli.render.Table table(Kind kind, JsonNode resources) {
    return switch (kind) {
      case listeners -> XdsTables.listeners(resources);
      case routes -> XdsTables.routes(resources);
      case clusters -> XdsTables.clusters(resources);
      case endpoints -> XdsTables.endpoints(resources);
    };
  }
}
