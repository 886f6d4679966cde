package dev.meshctl.controlplane.patch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.meshctl.bundle.BundleException;
import dev.meshctl.bundle.BundleStore;
import dev.meshctl.bundle.SigningKey;
import dev.meshctl.bundle.TrustedKey;
import dev.meshctl.model.query.RuntimeView;
import dev.meshctl.model.query.RuntimeView.Aside;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BundleShelfTest {
  private static final SigningKey KEY = SigningKey.generate();

  @TempDir Path folder = Path.of("");
  private List<TrustedKey> trusted = List.of(KEY.trusted());
  private Instant now = Instant.parse("2026-11-29T12:00:00Z");

  /** As after a start: what was verified before is not remembered. */
  private BundleShelf opened() throws IOException {
    return new BundleShelf(
        new BundleStore(folder.resolve("bundles"), () -> now), () -> trusted, () -> now);
  }

  private static void push(BundleShelf shelf, SmallBundle bundle) throws Exception {
    shelf.receive(bundle.digest(), 0, bundle.bytes(), true);
  }

  private SmallBundle bundle(String version) throws IOException {
    return SmallBundle.write(folder, version, KEY);
  }

  private void damage(SmallBundle bundle) throws IOException {
    Path file = folder.resolve("bundles").resolve(bundle.digest() + ".meshbundle");
    Files.write(file, Arrays.copyOf(Files.readAllBytes(file), 200));
  }

  private static List<String> versions(BundleShelf shelf) throws IOException {
    return shelf.bundles().stream().map(RuntimeView.Bundle::version).toList();
  }

  @Test
  void what_arrives_is_verified_then_and_counts_at_once() throws Exception {
    BundleShelf shelf = opened();

    push(shelf, bundle("1.1"));

    assertThat(versions(shelf)).containsExactly("1.1");
    assertThat(shelf.aside()).isEmpty();
  }

  @Test
  void what_was_here_before_a_start_counts_once_it_was_verified_again() throws Exception {
    SmallBundle sound = bundle("1.1");
    SmallBundle damaged = bundle("1.2");
    push(opened(), sound);
    push(opened(), damaged);
    damage(damaged);

    BundleShelf shelf = opened();

    assertThat(versions(shelf)).as("nothing waits for it").isEmpty();
    assertThat(shelf.aside())
        .extracting(Aside::refused, Aside::reason)
        .containsOnly(org.assertj.core.groups.Tuple.tuple(false, "it is being verified"));

    shelf.verify();

    assertThat(versions(shelf)).containsExactly("1.1");
    assertThat(shelf.aside())
        .singleElement()
        .satisfies(bad -> {
          assertThat(bad.file()).isEqualTo(damaged.digest() + ".meshbundle");
          assertThat(bad.refused()).isTrue();
          assertThat(bad.reason()).startsWith(damaged.digest() + ".meshbundle: ");
        });
  }

  @Test
  void a_bundle_that_is_changed_while_it_is_here_counts_no_more() throws Exception {
    BundleShelf shelf = opened();
    SmallBundle bundle = bundle("1.1");
    push(shelf, bundle);

    damage(bundle);

    assertThat(versions(shelf)).isEmpty();
    shelf.verify();
    assertThat(shelf.aside()).singleElement().matches(Aside::refused);
  }

  @Test
  void one_that_is_bad_makes_room_for_the_same_that_is_sound() throws Exception {
    BundleShelf shelf = opened();
    SmallBundle bundle = bundle("1.1");
    push(shelf, bundle);
    damage(bundle);

    assertThat(shelf.received(bundle.digest())).as("all of it is to come").isZero();
    push(shelf, bundle);

    assertThat(versions(shelf)).containsExactly("1.1");
  }

  @Test
  void one_whose_key_went_is_named_and_stays_for_the_case_that_it_comes_back() throws Exception {
    BundleShelf shelf = opened();
    SmallBundle bundle = bundle("1.1");
    push(shelf, bundle);
    List<TrustedKey> before = trusted;

    trusted = List.of();
    shelf.verify();

    assertThat(versions(shelf)).isEmpty();
    assertThat(shelf.aside())
        .singleElement()
        .satisfies(bad -> assertThat(bad.reason()).contains("which is not trusted"));
    assertThatThrownBy(() -> push(shelf, bundle)).isInstanceOf(BundleException.class);

    trusted = before;
    shelf.verify();
    assertThat(versions(shelf)).containsExactly("1.1");
  }

  @Test
  void a_bundle_that_nothing_refers_to_goes_after_a_week_and_one_that_something_does_stays()
      throws Exception {
    BundleShelf shelf = opened();
    SmallBundle old = bundle("1.0");
    SmallBundle needed = bundle("1.1");
    push(shelf, old);
    push(shelf, needed);
    now = now.plus(Duration.ofDays(1));
    push(shelf, bundle("1.2"));
    now = now.plus(BundleShelf.UNUSED).minus(Duration.ofDays(1));

    assertThat(shelf.collect(Set.of(needed.digest()))).as("a week, not more").isEmpty();
    now = now.plusMillis(1);
    assertThat(shelf.collect(Set.of(needed.digest()))).containsExactly(old.digest());

    assertThat(versions(shelf)).containsExactly("1.2", "1.1");
  }

  @Test
  void a_bundle_that_is_pushed_again_is_as_new() throws Exception {
    BundleShelf shelf = opened();
    SmallBundle bundle = bundle("1.0");
    push(shelf, bundle);
    now = now.plus(BundleShelf.UNUSED).plusSeconds(1);

    shelf.receive(bundle.digest(), bundle.bytes().length, new byte[0], true);

    assertThat(shelf.collect(Set.of())).isEmpty();
  }

  @Test
  void what_another_replica_is_about_to_delete_is_not_fetched_from_it() throws Exception {
    BundleShelf here = opened();
    SmallBundle bundle = bundle("1.0");
    try (BundleStore.Transfer transfer = here.incoming(bundle.digest())) {
      transfer.append(ByteBuffer.wrap(bundle.bytes()));
      here.finish(transfer, now.minus(BundleShelf.UNUSED).plusSeconds(1));
    }
    RuntimeView.Bundle seen = here.bundles().getFirst();

    assertThat(here.keeps(seen, Set.of())).isTrue();
    now = now.plusSeconds(2);
    assertThat(here.keeps(seen, Set.of())).isFalse();
    assertThat(here.keeps(seen, Set.of(bundle.digest()))).isTrue();
    assertThat(here.collect(Set.of())).containsExactly(bundle.digest());
  }

  @Test
  void what_has_begun_to_come_waits_for_the_rest_for_a_day() throws Exception {
    BundleShelf shelf = opened();
    SmallBundle bundle = bundle("1.0");
    shelf.receive(bundle.digest(), 0, Arrays.copyOf(bundle.bytes(), 100), false);
    Files.setLastModifiedTime(
        folder.resolve("bundles").resolve(bundle.digest() + ".part"),
        java.nio.file.attribute.FileTime.from(now));

    now = now.plus(BundleShelf.ABANDONED);
    shelf.collect(Set.of());
    assertThat(shelf.received(bundle.digest())).isEqualTo(100);

    now = now.plusMillis(1);
    shelf.collect(Set.of());
    assertThat(shelf.received(bundle.digest())).isZero();
  }
}
