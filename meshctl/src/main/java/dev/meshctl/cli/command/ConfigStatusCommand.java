package dev.meshctl.cli.command;

import dev.meshctl.cli.Action;
import dev.meshctl.cli.ExitCode;
import dev.meshctl.cli.Session;
import dev.meshctl.cli.context.MeshReplicas;
import dev.meshctl.cli.context.MeshReplicas.Told;
import dev.meshctl.cli.render.Diagnostics;
import dev.meshctl.cli.render.Format;
import dev.meshctl.cli.render.Output;
import dev.meshctl.cli.render.Style;
import dev.meshctl.cli.render.Table;
import dev.meshctl.cli.render.Table.Cell;
import dev.meshctl.model.query.MeshStatus;
import dev.meshctl.model.query.ProxyView;
import dev.meshctl.model.query.ProxyView.TypeStatus;
import dev.meshctl.model.query.ResourceStatus;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code meshctl config status}: from the files to what every proxy has in force. */
@Command(
    name = "status",
    description = {
      "Show which configuration is in force: the files it was read from, and how far the proxies"
          + " followed, with each resource that one of them lacks or refused.",
      "Exit code 1 where the files are broken or a proxy refused something."
    })
public final class ConfigStatusCommand implements Action {
  @Mixin private MeshOption mesh = new MeshOption();
  @Mixin private FormatOption format = new FormatOption();

  @Override
  public ExitCode run(Session session) {
    MeshStatus status;
    List<Told> proxies;
    List<ResourceTable.Of> behind = new ArrayList<>();
    try (MeshReplicas replicas = mesh.replicas(session)) {
      status = replicas.all().getFirst().client().status();
      proxies =
          replicas.proxies().stream()
              .filter(told -> told.proxy().state() != ProxyView.State.DISCONNECTED)
              .toList();
      for (Told told : proxies) {
        ProxyView proxy = told.proxy();
        if (proxy.state() != ProxyView.State.SYNCED) {
          List<ResourceStatus> resources =
              told.by().client().resources(proxy.id()).stream()
                  .filter(resource -> resource.state() != ResourceStatus.State.SYNCED)
                  .toList();
          behind.add(new ResourceTable.Of(proxy, resources));
        }
      }
    }
    if (format.format() == Format.text) {
      show(status, proxies, behind, session.output());
    } else {
      Map<String, Object> all = new LinkedHashMap<>();
      all.put("status", status);
      all.put("types", types(proxies));
      all.put("behind", behind);
      session.output().value(all, format.format());
    }
    return status.accepted()
            && proxies.stream().noneMatch(told -> told.proxy().state() == ProxyView.State.REJECTED)
        ? ExitCode.OK
        : ExitCode.FAILED;
  }

  private static void show(
      MeshStatus status, List<Told> proxies, List<ResourceTable.Of> behind, Output output) {
    boolean onCluster =
        status.sources().keySet().stream().anyMatch(name -> name.startsWith("cluster/"));
    output.line(
        output.paint(Style.STRONG, "generation " + status.generation())
            + " is in force"
            + (status.accepted()
                ? ""
                : ": "
                    + output.paint(
                        Style.BAD,
                        onCluster
                            ? "not all objects are, as they are written"
                            : "the files have changed since, and are broken")));
    Table files =
        (onCluster ? Table.of("OBJECT", "VERSION") : Table.of("FILE", "SHA-256")).shrinkable(0);
    new TreeMap<>(status.sources())
        .forEach(
            (file, digest) -> files.row(file, digest.substring(0, Math.min(12, digest.length()))));
    output.table(files);
    Diagnostics.lines(status.diagnostics()).forEach(output::line);
    if (proxies.isEmpty()) {
      output.note("no proxy is connected");
      return;
    }
    output.line("");
    Table types = Table.of("TYPE", "IN STEP", "REFUSED BY", "SLOWEST ANSWER").right(1, 2, 3);
    types(proxies)
        .forEach(type ->
            types.row(
                ResourceTable.type(type.type),
                type.inStep + " of " + type.proxies,
                type.refusing == 0 ? "-" : Cell.of(Style.BAD, Plural.of(type.refusing, "proxy")),
                ResourceTable.millis(type.slowestMillis)));
    output.table(types);
    if (behind.stream().anyMatch(each -> !each.resources().isEmpty())) {
      output.line("");
      ResourceTable.show(behind, output);
    }
  }

  /**
   * A type over all proxies that take it.
   *
   * @param slowestMillis of the last answers; -1 before any
   */
  record Type(String type, int proxies, int inStep, int refusing, long slowestMillis) {
    private Type and(TypeStatus one, long generation) {
      return new Type(
          type,
          proxies + 1,
          inStep + (one.ackedGeneration() == generation ? 1 : 0),
          refusing + (one.error().isEmpty() ? 0 : 1),
          Math.max(slowestMillis, one.tookMillis()));
    }
  }

  /** Each replica counts generations for itself. */
  private static List<Type> types(List<Told> proxies) {
    Map<String, Long> newest = new HashMap<>();
    for (Told told : proxies) {
      newest.merge(told.by().name(), newest(told.proxy()), Math::max);
    }
    Map<String, Type> byName = new LinkedHashMap<>();
    for (Told told : proxies) {
      long generation = newest.getOrDefault(told.by().name(), 0L);
      for (TypeStatus one : told.proxy().types()) {
        byName.compute(
            one.type(),
            (name, sum) -> (sum == null ? new Type(name, 0, 0, 0, -1) : sum).and(one, generation));
      }
    }
    return List.copyOf(byName.values());
  }

  /** Of what a proxy was sent, which may be ahead of the status asked for a moment before. */
  private static long newest(ProxyView proxy) {
    return proxy.types().stream().mapToLong(TypeStatus::sentGeneration).max().orElse(0);
  }
}
