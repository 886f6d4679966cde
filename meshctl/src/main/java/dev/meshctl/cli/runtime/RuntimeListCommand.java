package dev.meshctl.cli.runtime;

import dev.meshctl.cli.Action;
import dev.meshctl.cli.ExitCode;
import dev.meshctl.cli.Session;
import dev.meshctl.cli.command.FormatOption;
import dev.meshctl.cli.command.MeshOption;
import dev.meshctl.cli.render.Format;
import dev.meshctl.cli.render.Table;
import dev.meshctl.model.query.MeshClient;
import dev.meshctl.model.query.RuntimeView;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code meshctl runtime list}. */
@Command(
    name = "list",
    description = {
      "List the bundles that a mesh's control plane can give out.",
      "Those that it has and does not give out are named as notes, with the reason."
    })
public final class RuntimeListCommand implements Action {
  private static final int SHORT_DIGEST = 12;

  @Mixin private MeshOption mesh = new MeshOption();

  @Mixin private FormatOption format = new FormatOption();

  @Override
  public ExitCode run(Session session) {
    RuntimeView view;
    try (MeshClient client = mesh.client(session)) {
      view = client.runtimes();
    }
    List<RuntimeView.Bundle> bundles = view.bundles();
    if (format.format() != Format.text) {
      session.output().value(bundles, format.format());
    } else if (bundles.isEmpty()) {
      session.output().note("no bundle is there; push one with `meshctl runtime push FILE`");
    } else {
      Table table = Table.of("VERSION", "BUILD", "DIGEST", "SIZE", "SIGNER").right(3).shrinkable(4);
      bundles.forEach(b ->
          table.row(
              b.version(),
              b.buildId(),
              b.digest().substring(0, SHORT_DIGEST),
              BundleView.megabytes(b.bytes()),
              b.signer()));
      session.output().table(table);
    }
    view.aside()
        .forEach(each ->
            session
                .output()
                .note(
                    (each.refused() ? "bad, not given out: " : "not given out yet: ")
                        + named(each)));
    return ExitCode.OK;
  }

  /** Who refuses a bundle names its file, mostly. */
  private static String named(RuntimeView.Aside aside) {
    return aside.reason().startsWith(aside.file())
        ? aside.reason()
        : aside.file() + ": " + aside.reason();
  }
}
