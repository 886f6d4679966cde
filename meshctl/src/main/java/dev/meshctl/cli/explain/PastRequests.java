package dev.meshctl.cli.explain;

import dev.meshctl.cli.CommandFailure;
import dev.meshctl.cli.Session;
import dev.meshctl.cli.command.Plural;
import dev.meshctl.cli.render.Format;
import dev.meshctl.cli.render.Output;
import dev.meshctl.model.explain.Scene;
import dev.meshctl.model.explain.hindsight.AccessLogLines;
import dev.meshctl.model.explain.hindsight.Hindsight;
import dev.meshctl.model.explain.hindsight.Hop;
import dev.meshctl.model.explain.hindsight.LookBack;
import dev.meshctl.model.query.RunningMesh;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Chooses among what was logged, and shows it beside what the mesh does now. */
final class PastRequests {
  /** More kinds are counted and not shown: who has more wants another tool first. */
  private static final int MOST_KINDS = 5;

  private final Scene scene;
  private final LookBack.Known known;
  private final Optional<RunningMesh> running;
  private final Session session;

  PastRequests(Scene scene, LookBack.Known known, Optional<RunningMesh> running, Session session) {
    this.scene = scene;
    this.known = known;
    this.running = running;
    this.session = session;
  }

  /** One to be shown in full, for so many of its kind. */
  private record Chosen(long times, Hop hop) {}

  /** As one value. */
  record Answer(long lines, long notRead, List<Told> requests) {}

  /**
   * @param times that the like of it was logged, itself included
   * @param proxy how the proxy that logged it stands now; absent where it cannot be asked
   */
  record Told(long times, Hindsight request, Optional<ProxyStanding> proxy) {}

  void show(PastOptions options, Format format) throws IOException {
    LookBack lookBack = LookBack.over(scene);
    PastOptions.Read read =
        options.read(AccessLogLines.of(scene.mesh()), lookBack, known, running, session);
    List<Hop> hops = LookBack.hops(read.entries());
    if (hops.isEmpty()) {
      throw nothing(options, read);
    }
    boolean oneRequest = options.id().isPresent();
    List<Chosen> chosen =
        oneRequest || read.lines() == 1 && !options.failed()
            ? ofOne(hops, format != Format.text)
            : ofKinds(hops.stream().filter(Hop::failed).toList());
    if (chosen.isEmpty() && !oneRequest) {
      session
          .output()
          .note(
              "nothing failed: %s in %s; choose one with --id"
                  .formatted(Plural.of(read.lines(), "request"), read.where()));
    }
    if (format == Format.text) {
      text(lookBack, oneRequest && hops.size() > 1 ? hops : List.of(), chosen);
    } else {
      List<Told> told = chosen.stream().map(each -> told(lookBack, each)).toList();
      session.output().value(new Answer(read.lines(), read.others(), told), format);
    }
    if (read.others() > 0) {
      session
          .output()
          .note(
              "%s of %s are of no known format of access logs"
                  .formatted(Plural.of(read.others(), "line"), read.where()));
    }
  }

  private static CommandFailure nothing(PastOptions options, PastOptions.Read read) {
    String what = options.id().map(id -> "request " + id).orElse("request");
    return CommandFailure.failed(
        "no line of %s tells of a %s (%s read, %d of no known format)"
            .formatted(
                read.where(), what, Plural.of(read.lines() + read.others(), "line"), read.others()),
        read.others() > 0 && read.lines() == 0
            ? "lines are read in Istio's and Envoy's own formats, and in that of MeshConfig"
                + " (accessLogFormat) in the folder"
            : "proxies write a line when the request has ended, within a second");
  }

  /** Where a failure was made; where none was, the innermost; of a single one, that. */
  private static List<Chosen> ofOne(List<Hop> hops, boolean all) {
    List<Hop> made = hops.stream().filter(Hop::failedHere).toList();
    List<Hop> failed = hops.stream().filter(Hop::failed).toList();
    List<Hop> chosen =
        all || hops.size() == 1
            ? hops
            : !made.isEmpty() ? made : failed.isEmpty() ? List.of() : List.of(failed.getLast());
    return chosen.stream().map(hop -> new Chosen(1, hop)).toList();
  }

  /** The newest of each kind; what was only passed on is left out where its cause is there. */
  private static List<Chosen> ofKinds(List<Hop> failed) {
    boolean causes = failed.stream().anyMatch(Hop::failedHere);
    Map<Hop.Kind, Chosen> kinds = new LinkedHashMap<>();
    for (Hop hop : failed) {
      if (!causes || hop.failedHere()) {
        kinds.merge(
            hop.kind(),
            new Chosen(1, hop),
            (before, now) -> new Chosen(before.times() + 1, now.hop()));
      }
    }
    List<Chosen> all = new ArrayList<>(kinds.values());
    all.sort(Comparator.comparing(Chosen::times).reversed());
    return all;
  }

  private void text(LookBack lookBack, List<Hop> way, List<Chosen> chosen) {
    Output output = session.output();
    HindsightText text = new HindsightText(output, lookBack::nameOf);
    if (!way.isEmpty()) {
      text.way(way);
    }
    boolean first = way.isEmpty();
    for (Chosen each : chosen.subList(0, Math.min(MOST_KINDS, chosen.size()))) {
      if (!first) {
        output.line("");
      }
      first = false;
      Told told = told(lookBack, each);
      text.whole(told.request(), told.times(), told.proxy());
    }
    if (chosen.size() > MOST_KINDS) {
      output.line("");
      output.line("and of other kinds:");
      chosen
          .subList(MOST_KINDS, chosen.size())
          .forEach(each -> output.line("  " + HindsightText.line(each.hop(), each.times())));
    }
    if (!way.isEmpty() && chosen.isEmpty()) {
      output.note("nothing failed; -o json explains each");
    }
  }

  private Told told(LookBack lookBack, Chosen chosen) {
    Hindsight past = lookBack.explain(chosen.hop(), known);
    return new Told(
        chosen.times(),
        past,
        past.at().isEmpty()
            ? Optional.empty()
            : running.flatMap(mesh -> ProxyStanding.of(past.at(), mesh, session.meshes())));
  }
}
