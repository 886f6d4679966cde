package dev.meshctl.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshctl.cli.CommandLineFixture.Said;
import dev.meshctl.model.patch.Gate;
import dev.meshctl.model.patch.PatchEvent;
import dev.meshctl.model.patch.PatchPlan;
import dev.meshctl.model.patch.PatchState;
import dev.meshctl.model.patch.RunningRuntime;
import dev.meshctl.model.patch.RuntimeReport;
import dev.meshctl.model.patch.RuntimeReport.Stage;
import dev.meshctl.model.query.PatchRequest;
import dev.meshctl.model.query.QueryJson;
import dev.meshctl.model.query.RuntimeView;
import dev.meshctl.model.xds.RuntimeOrder.Limits;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code meshctl runtime} before a control plane that answers what the test says. */
class RuntimeTest {
  private static final String DIGEST = "ab".repeat(32);

  private static final String A = "sidecar~10.0.0.1~a.shop~shop.svc.cluster.local";
  private static final String B = "sidecar~10.0.0.2~b.shop~shop.svc.cluster.local";

  @TempDir static Path secrets;
  private static FakeControlPlane plane;

  @TempDir Path state;
  @TempDir Path folder;
  private CommandLineFixture cli;

  @BeforeAll
  static void start() throws Exception {
    plane = FakeControlPlane.start(secrets);
  }

  @AfterAll
  static void stop() {
    plane.close();
  }

  @BeforeEach
  void a_mesh_runs() throws Exception {
    cli = CommandLineFixture.in(state);
    cli.running("bookshop", plane, folder);
    plane.asked().clear();
    plane.runtimes(view(rolling()));
  }

  private static PatchState rolling() {
    return PatchState.begun(
        new PatchPlan(
            "patch-1",
            new RunningRuntime("1.1", DIGEST),
            List.of(List.of(A), List.of(B)),
            Map.of(A, new RunningRuntime("1.0", ""), B, new RunningRuntime("1.0", "")),
            Map.of(),
            Limits.DEFAULT,
            Gate.DEFAULT,
            Duration.ZERO,
            PatchPlan.Undo.ALL,
            PatchPlan.Pace.usual()),
        0);
  }

  private static PatchState heard(PatchState patch, Stage stage, String version, String digest) {
    return patch.next(
        new PatchEvent.Reported(report(stage, version, digest, "it ended with 134")), 1);
  }

  private static RuntimeReport report(Stage stage, String version, String digest, String reason) {
    return new RuntimeReport(
        A, 1, stage, version, digest, reason, 210_000_000, Duration.ofMillis(4200));
  }

  private static RuntimeView view(PatchState... patches) {
    return new RuntimeView(
        List.of(new RuntimeView.Bundle(DIGEST, "1.1", "b1", "cafe", 60_000_000, 160_000_000, 0)),
        List.of(),
        List.of(report(Stage.STARTING, "1.0", "", "")),
        List.of(patches));
  }

  @Test
  void status_shows_waves_of_what_is_under_way_and_what_each_proxy_runs() {
    Said said = cli.run("runtime", "status");

    assertThat(said.out().replaceFirst("ordered +[0-9.]+ s", "ordered  TIME"))
        .isEqualTo(
            """
            patch-1  to 1.1  [....................]  rolling, wave 1 of 2, 0 of 2 proxies patched
            WAVE  PROXY   RUNS  STATE              TIME    MEMORY  REASON
            1     a.shop  1.0   ordered  TIME  210.0 MB
            2     b.shop  1.0   waiting               -         -
            """);
    assertThat(said.exitCode()).isZero();
  }

  @Test
  void status_fails_where_the_newest_patch_went_back_and_says_why() {
    plane.runtimes(view(heard(rolling(), Stage.FAILED, "1.0", "")));

    Said said = cli.run("runtime", "status");

    assertThat(said.out())
        .contains("patch-1  to 1.1  returned, wave 1 of 2, 0 of 2 proxies patched")
        .contains("  went back: a.shop: it ended with 134");
    assertThat(said.exitCode()).isEqualTo(1);
  }

  @Test
  void a_watch_ends_when_all_is_over() {
    PatchState done =
        rolling()
            .next(new PatchEvent.TakenBack("asked for"), 1)
            .next(
                new PatchEvent.Reported(
                    new RuntimeReport(A, 2, Stage.DONE, "1.0", "", "", 0, Duration.ZERO)),
                2);
    plane.runtimes(view(done));

    assertThat(cli.run("runtime", "status", "--watch", "-o", "json").out().lines()).hasSize(1);
  }

  @Test
  void a_watch_elsewhere_than_on_a_terminal_says_each_change_once_and_ends_with_all_of_it() {
    PatchState rolling = rolling();
    PatchState fetching = heard(rolling, Stage.FETCHING, "1.0", "");
    PatchState failed = heard(fetching, Stage.FAILED, "1.0", "");
    plane.runtimes(view(rolling), view(rolling), view(fetching), view(failed));

    Said said = cli.run("runtime", "patch", "--to", "1.1", "--watch");

    assertThat(said.out().replaceAll("(?m)^ +[0-9.]+ s  ", ""))
        .isEqualTo(
            """
            patch-1 to 1.1: rolling, wave 1 of 2
              a.shop  ordered
              a.shop  fetching: it ended with 134
            patch-1 to 1.1: returned, wave 1 of 2: a.shop: it ended with 134
              a.shop  not patched: it ended with 134
            patch-1  to 1.1  returned, wave 1 of 2, 0 of 2 proxies patched
              went back: a.shop: it ended with 134
            WAVE  PROXY   RUNS  STATE         TIME    MEMORY  REASON
            1     a.shop  1.0   not patched  4.2 s  210.0 MB  it ended with 134
            2     b.shop  1.0   waiting          -         -
            """);
    assertThat(said.exitCode()).isEqualTo(1);
  }

  @Test
  void a_watch_asks_on_where_the_control_plane_is_away_for_a_while() {
    PatchState failed = heard(rolling(), Stage.FAILED, "1.0", "");
    plane.runtimes(view(rolling()), FakeControlPlane.AWAY, view(failed));

    Said said = cli.run("runtime", "status", "--watch");

    assertThat(said.err()).containsOnlyOnce("no answer, asking on: ");
    assertThat(said.out()).contains("  a.shop  not patched: it ended with 134");
  }

  @Test
  void patch_asks_for_what_was_said_and_for_the_usual_where_nothing_was() throws Exception {
    Path gate = Files.writeString(folder.resolve("slo.yaml"), "success: 99.5\np99: 250ms\n");

    Said said =
        cli.run(
            "runtime",
            "patch",
            "--to",
            "1.1",
            "--namespace",
            "shop",
            "--selector",
            "app=reviews,version=v1",
            "--gate",
            gate.toString(),
            "--on-failure",
            "wave",
            "--dry-run");

    assertThat(said.exitCode()).as(said.err()).isZero();
    assertThat(said.err()).contains("nothing was begun (--dry-run)");
    String sent = plane.asked().getFirst();
    assertThat(sent).startsWith("POST runtime/patches {");
    assertThat(QueryJson.mapper().readValue(sent.substring(sent.indexOf('{')), PatchRequest.class))
        .isEqualTo(
            new PatchRequest(
                "1.1",
                "shop",
                Map.of("app", "reviews", "version", "v1"),
                List.of(),
                "1,10%,50%,100%",
                new Gate(0.995, Duration.ofMillis(250), 20, Duration.ofSeconds(10)),
                Duration.ofSeconds(30),
                Limits.DEFAULT,
                PatchPlan.Undo.WAVE,
                2,
                true));
  }

  @Test
  void a_gate_that_cannot_be_understood_is_refused_before_anything_is_asked() throws Exception {
    for (String wrong :
        List.of("succes: 99", "success: high", "success: 101", "p99: fast", "- a list")) {
      Path gate = Files.writeString(folder.resolve("slo.yaml"), wrong);

      Said said = cli.run("runtime", "patch", "--to", "1.1", "--gate", gate.toString());

      assertThat(said.exitCode()).as(wrong + said.out()).isEqualTo(2);
      assertThat(said.err()).contains("slo.yaml: ");
    }
    assertThat(plane.asked()).isEmpty();
  }

  @Test
  void rollback_takes_back_the_newest_unless_another_is_named() {
    assertThat(cli.run("runtime", "rollback").exitCode()).isZero();
    assertThat(cli.run("runtime", "rollback", "patch-7", "--pause").exitCode()).isZero();
    assertThat(cli.run("runtime", "rollback", "--pause", "--resume").exitCode()).isEqualTo(2);

    assertThat(plane.asked())
        .containsExactly(
            "POST runtime/patches/patch-1/rollback ", "POST runtime/patches/patch-7/pause ");
  }

  @Test
  void list_shows_the_bundles_that_are_there() {
    assertThat(cli.run("runtime", "list").out())
        .isEqualTo(
            """
            VERSION  BUILD  DIGEST           SIZE  SIGNER
            1.1      b1     abababababab  60.0 MB  cafe
            """);
  }

  @Test
  void list_names_those_that_are_there_and_are_not_given_out() {
    plane.runtimes(
        new RuntimeView(
            List.of(),
            List.of(
                new RuntimeView.Aside("cd.meshbundle", true, "cd.meshbundle: lib/b.jar: altered"),
                new RuntimeView.Aside("ef.meshbundle", false, "it is being verified")),
            List.of(),
            List.of()));

    Said said = cli.run("runtime", "list");

    assertThat(said.err())
        .contains("bad, not given out: cd.meshbundle: lib/b.jar: altered")
        .contains("not given out yet: ef.meshbundle: it is being verified");
    assertThat(cli.run("runtime", "list", "-o", "json").err()).contains("bad, not given out: cd");
  }
}
