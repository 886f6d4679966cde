package dev.meshctl.cli.security;

import dev.meshctl.cli.Action;
import dev.meshctl.cli.CommandFailure;
import dev.meshctl.cli.ExitCode;
import dev.meshctl.cli.Session;
import dev.meshctl.cli.command.FolderOption;
import dev.meshctl.cli.command.FormatOption;
import dev.meshctl.cli.command.HeaderOption;
import dev.meshctl.cli.render.Format;
import dev.meshctl.model.explain.Admittance;
import dev.meshctl.model.explain.Question;
import dev.meshctl.model.explain.Scene;
import dev.meshctl.model.explain.UnknownSubject;
import dev.meshctl.model.explain.security.AccessCheck;
import dev.meshctl.model.explain.security.Reach;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code meshctl authz check}. */
@Command(
    name = "check",
    description = {
      "Say whether a workload may ask another. With --method, --path or -H, of that request: each"
          + " AuthorizationPolicy in the order that the server's proxy asks them, with its line and"
          + " why it matched or not; routes to a Service are followed, as in explain request."
          + " Without, of all requests: always, never, or on which it depends.",
      "Exit code 0 where it is allowed (at least sometimes), 1 where it is denied (by one of the"
          + " workloads that may get the request; always), 2 where that cannot be said."
    },
    footer = {
      "",
      "  meshctl authz check storefront reviews",
      "  meshctl authz check storefront reviews --method DELETE --path /reviews/3"
    })
public final class AuthzCheckCommand implements Action {
  @Parameters(
      index = "0",
      paramLabel = "CLIENT",
      description =
          "A workload, Service, service account or gateway, may begin with its namespace and /.")
  private String from = "";

  @Parameters(
      index = "1",
      paramLabel = "SERVER[:PORT]",
      description = "A Service as the client would call it, or a workload (default: all ports).")
  private String to = "";

  @Option(names = "--method", paramLabel = "METHOD", defaultValue = "", description = "(else GET).")
  private String method = "";

  @Option(names = "--path", paramLabel = "PATH", defaultValue = "", description = "(else /).")
  private String path = "";

  @Option(
      names = "--source-ip",
      paramLabel = "ADDRESS",
      defaultValue = "",
      description = "Where the client comes from, for policies that ask (default: what it has).")
  private String source = "";

  @Mixin private HeaderOption headers = new HeaderOption();
  @Mixin private FolderOption where = new FolderOption();
  @Mixin private FormatOption format = new FormatOption();

  @Override
  public ExitCode run(Session session) throws IOException {
    Scene scene = where.scene(session);
    try {
      String identity = AccessCheck.identity(scene, from);
      AuthzText text = new AuthzText(session.output(), from, identity);
      return method.isEmpty() && path.isEmpty() && headers.byName().isEmpty()
          ? all(scene, identity, text, session)
          : one(scene, identity, text, session);
    } catch (UnknownSubject unknown) {
      throw CommandFailure.refused(unknown.problem(), List.of(), unknown.fix());
    }
  }

  private ExitCode one(Scene scene, String identity, AuthzText text, Session session) {
    Question question =
        new Question(
            from,
            to,
            method.isEmpty() ? "GET" : method.toUpperCase(Locale.ROOT),
            path.isEmpty() ? "/" : path,
            headers.byName(),
            source);
    List<Admittance> admittances = AccessCheck.of(scene, question);
    boolean allowed =
        admittances.stream().allMatch(each -> each.answer() == Admittance.Answer.ALLOWED);
    if (format.format() == Format.text) {
      text.request(question, admittances);
    } else {
      value(identity, allowed, "answers", admittances, session);
    }
    return allowed ? ExitCode.OK : ExitCode.FAILED;
  }

  private ExitCode all(Scene scene, String identity, AuthzText text, Session session) {
    List<Reach> reaches = AccessCheck.reach(scene, from, to, source);
    boolean allowed = reaches.stream().anyMatch(each -> each.may() != Reach.May.NEVER);
    if (format.format() == Format.text) {
      text.requests(reaches);
    } else {
      value(identity, allowed, "reach", reaches, session);
    }
    return allowed ? ExitCode.OK : ExitCode.FAILED;
  }

  private void value(
      String identity, boolean allowed, String name, List<?> answers, Session session) {
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("client", from);
    all.put("identity", identity);
    all.put("server", to);
    all.put("allowed", allowed);
    all.put(name, answers);
    session.output().value(all, format.format());
  }
}
