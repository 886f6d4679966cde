package dev.meshctl.cli.security;

import dev.meshctl.cli.Action;
import dev.meshctl.cli.ExitCode;
import dev.meshctl.cli.Session;
import dev.meshctl.cli.command.FormatOption;
import dev.meshctl.cli.command.MeshOption;
import dev.meshctl.cli.command.Plural;
import dev.meshctl.cli.render.Format;
import dev.meshctl.cli.render.Style;
import dev.meshctl.model.query.CertificatesView;
import dev.meshctl.model.query.CertificatesView.Root;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code meshctl trust status}. */
@Command(
    name = "status",
    description = {
      "Show the roots that workloads are told to trust, which of them signs, and how many"
          + " certificates in use end at each. Two roots: one takes the place of the other."
    })
final class TrustStatusCommand implements Action {
  @Mixin private MeshOption mesh = new MeshOption();
  @Mixin private FormatOption format = new FormatOption();

  /**
   * @param certificates in use that end at it
   */
  record Standing(Root root, long certificates) {}

  @Override
  public ExitCode run(Session session) {
    CertificatesView view = ReplicaViews.of(mesh, session);
    List<Standing> roots =
        view.roots().stream()
            .map(root ->
                new Standing(
                    root,
                    view.certificates().stream()
                        .filter(each -> each.root().equals(root.name()))
                        .count()))
            .toList();
    if (format.format() != Format.text) {
      Map<String, Object> all = new LinkedHashMap<>();
      all.put("rotating", roots.size() > 1);
      all.put("roots", roots);
      session.output().value(all, format.format());
      return ExitCode.OK;
    }
    for (Standing each : roots) {
      session
          .output()
          .line(
              session.output().paint(Style.STRONG, each.root().name())
                  + (each.root().signing() ? " signs" : " is trusted, and does not sign")
                  + ", until "
                  + Instant.ofEpochMilli(each.root().expiresEpochMillis())
                  + ": "
                  + Plural.of(each.certificates(), "certificate"));
    }
    if (roots.size() > 1) {
      session.output().note("meshctl trust rotate goes on, meshctl trust undo goes back");
    }
    return ExitCode.OK;
  }
}
