package dev.meshctl.cli.security;

import dev.meshctl.cli.Action;
import dev.meshctl.cli.ExitCode;
import dev.meshctl.cli.Session;
import dev.meshctl.cli.command.FormatOption;
import dev.meshctl.cli.command.MeshOption;
import dev.meshctl.cli.render.Format;
import dev.meshctl.model.query.CertificatesView;
import java.time.Instant;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code meshctl cert list}. */
@Command(
    name = "list",
    description = {
      "Show the certificates that are in use: whose, from when to when, by which root; and the"
          + " roots that workloads trust. Nothing secret is shown.",
      "A control plane knows what it issued since it started, and what proxies that are connected"
          + " to it prove themselves by; on a cluster each replica is asked.",
      "Exit code 1 where a certificate has less than a quarter of its life left (proxies renew at"
          + " half), or a root less than 30 days."
    },
    footer = {"", "  meshctl cert list -n bookshop", "  meshctl cert list -o json"})
public final class CertListCommand implements Action {
  @Option(
      names = {"-n", "--namespace"},
      paramLabel = "NAMESPACE",
      defaultValue = "",
      description = "Of workloads in one namespace.")
  private String namespace = "";

  @Mixin private MeshOption mesh = new MeshOption();
  @Mixin private FormatOption format = new FormatOption();

  @Override
  public ExitCode run(Session session) {
    CertificatesView view = wanted(ReplicaViews.of(mesh, session));
    Instant now = Instant.now();
    if (format.format() == Format.text) {
      new CertText(session.output(), now).show(view);
    } else {
      session.output().value(view, format.format());
    }
    boolean well =
        view.certificates().stream().noneMatch(each -> CertText.endsSoon(each, now))
            && view.roots().stream().noneMatch(each -> CertText.endsSoon(each, now));
    return well ? ExitCode.OK : ExitCode.FAILED;
  }

  private CertificatesView wanted(CertificatesView all) {
    return new CertificatesView(
        all.trustDomain(),
        all.sinceEpochMillis(),
        all.forgotten(),
        all.roots(),
        all.certificates().stream()
            .filter(
                each -> namespace.isEmpty() || each.identity().contains("/ns/" + namespace + "/"))
            .toList());
  }
}
