package dev.meshctl.controlplane.patch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshctl.bundle.BundleStore;
import dev.meshctl.bundle.SigningKey;
import dev.meshctl.model.patch.Gate;
import dev.meshctl.model.patch.RuntimeReport;
import dev.meshctl.model.patch.RuntimeReport.Stage;
import dev.meshctl.model.query.RuntimeView;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each pause is a step of the test; the last one ends it. */
class BundleKeeperTest {
  private static final SigningKey KEY = SigningKey.generate();

  @TempDir Path folder = Path.of("");
  private Instant now = Instant.parse("2026-11-29T12:00:00Z");

  private static final class Nobody implements Patches.World {
    @Override
    public boolean connected(String proxyId) {
      return false;
    }

    @Override
    public List<String> refusing(Collection<String> among) {
      return List.of();
    }

    @Override
    public Gate.Measured measured(Collection<String> proxies, Duration window) {
      return new Gate.Measured(0, 0, 0);
    }

    @Override
    public void ordersChanged() {}
  }

  private BundleShelf shelf() throws IOException {
    return new BundleShelf(
        new BundleStore(folder.resolve("bundles"), () -> now),
        () -> List.of(KEY.trusted()),
        () -> now);
  }

  private Patches patches() throws IOException {
    return Patches.open(folder.resolve("patches.json"), new Nobody(), () -> now, length -> {});
  }

  private static List<String> versions(BundleShelf shelf) {
    try {
      return shelf.bundles().stream().map(RuntimeView.Bundle::version).toList();
    } catch (IOException unexpected) {
      throw new AssertionError(unexpected);
    }
  }

  @Test
  void what_was_here_before_the_start_is_verified_at_once_and_what_comes_to_be_here_soon()
      throws Exception {
    SmallBundle before = SmallBundle.write(folder, "1.0", KEY);
    SmallBundle later = SmallBundle.write(folder, "1.1", KEY);
    shelf().receive(before.digest(), 0, before.bytes(), true);
    BundleShelf shelf = shelf();
    List<List<String>> seen = new ArrayList<>();

    new BundleKeeper(
            shelf,
            patches(),
            length -> {
              seen.add(versions(shelf));
              if (seen.size() == 3) {
                throw new InterruptedException();
              }
              try {
                Files.copy(
                    later.file(),
                    folder.resolve("bundles").resolve(later.digest() + ".meshbundle"));
              } catch (IOException twice) {
                // Once is enough.
              }
            })
        .run();

    assertThat(seen.get(0)).containsExactly("1.0");
    assertThat(seen.get(1)).containsExactlyInAnyOrder("1.0", "1.1");
  }

  @Test
  void ten_minutes_after_the_start_what_nothing_refers_to_is_deleted_and_what_a_proxy_runs_is_not()
      throws Exception {
    SmallBundle runs = SmallBundle.write(folder, "1.0", KEY);
    SmallBundle unused = SmallBundle.write(folder, "1.1", KEY);
    BundleShelf shelf = shelf();
    shelf.receive(runs.digest(), 0, runs.bytes(), true);
    shelf.receive(unused.digest(), 0, unused.bytes(), true);
    now = now.plus(BundleShelf.UNUSED).plusSeconds(1);
    Patches patches = patches();
    patches.reported(
        new RuntimeReport("a", 0, Stage.RUNNING, "1.0", runs.digest(), "", 0, Duration.ZERO));
    List<List<String>> seen = new ArrayList<>();
    List<Duration> pauses = new ArrayList<>();

    new BundleKeeper(
            shelf,
            patches,
            length -> {
              pauses.add(length);
              seen.add(versions(shelf));
              if (seen.size() == BundleKeeper.LOOKS + 1) {
                throw new InterruptedException();
              }
            })
        .run();

    assertThat(seen.subList(0, BundleKeeper.LOOKS))
        .allSatisfy(each -> assertThat(each).containsExactlyInAnyOrder("1.0", "1.1"));
    assertThat(seen.getLast()).containsExactly("1.0");
    assertThat(pauses.subList(0, BundleKeeper.LOOKS).stream().reduce(Duration.ZERO, Duration::plus))
        .isEqualTo(Duration.ofMinutes(10));
  }
}
