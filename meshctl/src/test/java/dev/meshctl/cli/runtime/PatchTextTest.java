package dev.meshctl.cli.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshctl.cli.render.Screen;
import dev.meshctl.model.patch.Gate;
import dev.meshctl.model.patch.PatchEvent;
import dev.meshctl.model.patch.PatchPlan;
import dev.meshctl.model.patch.PatchState;
import dev.meshctl.model.patch.RunningRuntime;
import dev.meshctl.model.patch.RuntimeReport;
import dev.meshctl.model.patch.RuntimeReport.Stage;
import dev.meshctl.model.query.RuntimeView;
import dev.meshctl.model.xds.RuntimeOrder.Limits;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The picture of a watch, as it stands on terminals of two sizes. */
class PatchTextTest {
  private static final String OLD = "1.3.9";
  private static final RunningRuntime NEW = new RunningRuntime("1.4.0", "ab".repeat(32));
  private static final Screen NARROW = new Screen(true, false, false, 80);
  private static final Screen WIDE = new Screen(true, false, false, 200);

  private final Map<String, RuntimeReport> reports = new HashMap<>();
  private final List<PatchState> patches = new ArrayList<>();

  private static String proxy(int number) {
    return "sidecar~10.1.0.%d~productpage-v1-7c4d9b8f6-x%02d.bookshop~bookshop.svc"
        .formatted(number, number);
  }

  private static List<String> proxies(int from, int to) {
    List<String> all = new ArrayList<>();
    for (int number = from; number < to; number++) {
      all.add(proxy(number));
    }
    return all;
  }

  private PatchState begun(String id, List<List<String>> waves) {
    Map<String, RunningRuntime> before = new HashMap<>();
    for (List<String> wave : waves) {
      for (String proxy : wave) {
        before.put(proxy, new RunningRuntime(OLD, ""));
        reports.put(proxy, report(proxy, 0, Stage.RUNNING, OLD, ""));
      }
    }
    return PatchState.begun(
        new PatchPlan(
            id,
            NEW,
            waves,
            before,
            Map.of(),
            Limits.DEFAULT,
            Gate.DEFAULT,
            Duration.ZERO,
            PatchPlan.Undo.ALL,
            new PatchPlan.Pace(100, Map.of())),
        0);
  }

  private static RuntimeReport report(
      String proxy, long generation, Stage stage, String version, String reason) {
    boolean both = stage == Stage.DONE || stage == Stage.WATCHING;
    return new RuntimeReport(
        proxy,
        generation,
        stage,
        version,
        version.equals(OLD) ? "" : NEW.digest(),
        reason,
        both ? 359_000_000 : 0,
        Duration.ofMillis(generation == 0 ? 0 : 12_300));
  }

  private PatchState heard(PatchState patch, String proxy, Stage stage, String reason) {
    String version = stage == Stage.DONE || stage == Stage.WATCHING ? NEW.version() : OLD;
    RuntimeReport report = report(proxy, 1, stage, version, reason);
    reports.put(proxy, report);
    return patch.next(new PatchEvent.Reported(report), 20_000);
  }

  private PatchState judged(PatchState patch) {
    return patch
        .next(new PatchEvent.Judged(new PatchEvent.Verdict.Well()), 20_000)
        .next(new PatchEvent.Ticked(), 20_000);
  }

  private List<String> lines(Screen screen, int rows) {
    RuntimeView view =
        new RuntimeView(
            List.of(),
            List.of(),
            reports.values().stream()
                .sorted(java.util.Comparator.comparing(RuntimeReport::proxyId))
                .toList(),
            patches);
    return PatchText.lines(view, 30_000, screen, rows);
  }

  /** Forty proxies: the first wave runs the new one, the second is half way. */
  private PatchState halfWay() {
    PatchState patch =
        begun(
            "bookshop/to-1-4-0-x7k2p",
            List.of(proxies(0, 1), proxies(1, 4), proxies(4, 20), proxies(20, 40)));
    patch = judged(heard(patch, proxy(0), Stage.DONE, ""));
    patch = heard(patch, proxy(1), Stage.WATCHING, "");
    return heard(patch, proxy(2), Stage.UNPACKING, "");
  }

  @Test
  void on_a_small_terminal_all_of_what_moves_is_seen_and_the_rest_is_counted() {
    patches.add(halfWay());

    assertThat(lines(NARROW, 23))
        .containsExactly(
            "bookshop/to-1-4-0-x7k2p  to 1.4.0",
            "  [....................]  rolling, wave 2 of 4, 1 of 40 proxies patched",
            "WAVE  PROXY                           RUNS   STATE        TIME    MEMORY  REASON",
            "1     productpage-v1-7c4d9b8f6-x00.…  1.4.0  patched    12.3 s  359.0 MB",
            "2     productpage-v1-7c4d9b8f6-x01.…  1.4.0  watching   10.0 s  359.0 MB",
            "2     productpage-v1-7c4d9b8f6-x02.…  1.3.9  unpacking  10.0 s         -",
            "2     productpage-v1-7c4d9b8f6-x03.…  1.3.9  ordered    10.0 s         -",
            "3     16 proxies                             waiting",
            "4     20 proxies                             waiting");
  }

  @Test
  void on_a_large_terminal_every_proxy_has_its_line() {
    patches.add(halfWay());

    List<String> lines = lines(WIDE, 49);

    assertThat(lines.subList(0, 6))
        .containsExactly(
            "bookshop/to-1-4-0-x7k2p  to 1.4.0  [....................]  rolling, wave 2 of 4, 1 of"
                + " 40 proxies patched",
            "WAVE  PROXY                                  RUNS   STATE        TIME    MEMORY  REASON",
            "1     productpage-v1-7c4d9b8f6-x00.bookshop  1.4.0  patched    12.3 s  359.0 MB",
            "2     productpage-v1-7c4d9b8f6-x01.bookshop  1.4.0  watching   10.0 s  359.0 MB",
            "2     productpage-v1-7c4d9b8f6-x02.bookshop  1.3.9  unpacking  10.0 s         -",
            "2     productpage-v1-7c4d9b8f6-x03.bookshop  1.3.9  ordered    10.0 s         -");
    assertThat(lines).hasSize(42);
  }

  @Test
  void why_a_patch_went_back_is_read_to_its_end_on_a_small_terminal() {
    PatchState patch = begun("bookshop/to-1-4-0-x7k2p", List.of(proxies(0, 1)));
    patches.add(
        heard(
            patch,
            proxy(0),
            Stage.FAILED,
            "memory: 850000000 bytes of the limit 1073741824 are in use, and the new process needs"
                + " 320000000 more beside the old one"));

    assertThat(lines(NARROW, 23))
        .containsExactly(
            "bookshop/to-1-4-0-x7k2p  to 1.4.0  returned, wave 1 of 1, 0 of 1 proxies patched",
            "  went back: productpage-v1-7c4d9b8f6-x00.bookshop: memory: 850000000 bytes of",
            "    the limit 1073741824 are in use, and the new process needs 320000000 more",
            "    beside the old one",
            "WAVE  PROXY               RUNS   STATE          TIME  MEMORY  REASON",
            "1     productpage-v1-7c…  1.3.9  not patched  12.3 s       -  memory: 850000000…");
  }

  @Test
  void patches_that_are_over_make_room_for_the_one_that_is_under_way() {
    for (int i = 0; i < 20; i++) {
      patches.add(
          heard(
              begun("patch-" + i, List.of(List.of(proxy(90)))),
              proxy(90),
              Stage.FAILED,
              "it ended"));
    }
    reports.clear();
    patches.add(halfWay());

    assertThat(lines(NARROW, 23)).first().isEqualTo("bookshop/to-1-4-0-x7k2p  to 1.4.0");
    assertThat(lines(NARROW, Integer.MAX_VALUE)).first().asString().startsWith("patch-0  to 1.4.0");
  }

  @Test
  void what_does_not_fit_at_all_is_said_to_be_there() {
    patches.add(begun("patch-1", List.of(proxies(0, 40))));

    assertThat(lines(NARROW, 23)).hasSize(23).last().isEqualTo("and 21 lines more");
  }
}
