package dev.meshctl.bundle;

import static dev.meshctl.bundle.SmallBundles.TRUSTED;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.meshctl.bundle.BundleException.Reason;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BundleStoreTest {
  @TempDir Path folder;
  private Instant now = Instant.parse("2026-11-29T00:00:00Z");
  private BundleStore store;

  @BeforeEach
  void open() throws IOException {
    store = new BundleStore(folder.resolve("store"), () -> now = now.plusSeconds(60));
  }

  @Test
  void a_transfer_that_is_cut_off_goes_on_where_it_was() throws IOException {
    Path file = SmallBundles.write(folder, "1.0.0");
    byte[] bytes = Files.readAllBytes(file);
    String digest = BundleFile.verify(file, TRUSTED).digest();
    List<Long> offsets = new ArrayList<>();

    for (int at = 0; at < bytes.length; at += 400) {
      try (BundleStore.Transfer transfer = store.incoming(digest)) {
        offsets.add(transfer.offset());
        transfer.append(ByteBuffer.wrap(bytes, at, Math.min(400, bytes.length - at)));
        if (at + 400 < bytes.length) {
          assertThat(store.find(digest)).isEmpty();
          assertThatThrownBy(() -> transfer.finish(TRUSTED))
              .isInstanceOfSatisfying(
                  BundleException.class,
                  cut -> assertThat(cut.reason()).isEqualTo(Reason.CUT_SHORT));
        } else {
          transfer.finish(TRUSTED);
        }
      }
    }

    assertThat(offsets).hasSizeGreaterThan(3).startsWith(0L, 400L, 800L);
    assertThat(store.open(digest, TRUSTED).manifest().version()).isEqualTo("1.0.0");
    assertThat(names()).containsExactly(digest + ".meshbundle");
  }

  @Test
  void what_came_altered_is_forgotten_so_that_the_next_transfer_begins_anew() throws IOException {
    Path file = SmallBundles.write(folder, "1.0.0");
    byte[] bytes = Files.readAllBytes(file);
    String digest = BundleFile.verify(file, TRUSTED).digest();
    bytes[bytes.length / 2] ^= 1;
    try (BundleStore.Transfer transfer = store.incoming(digest)) {
      transfer.append(ByteBuffer.wrap(bytes));

      assertThatThrownBy(() -> transfer.finish(TRUSTED)).isInstanceOf(BundleException.class);
    }

    try (BundleStore.Transfer again = store.incoming(digest)) {
      assertThat(again.offset()).isZero();
    }
    assertThat(store.find(digest)).isEmpty();
  }

  @Test
  void another_bundle_than_the_one_that_was_asked_for_is_refused() throws IOException {
    String asked = BundleFile.verify(SmallBundles.write(folder, "1.0.0"), TRUSTED).digest();
    byte[] other = Files.readAllBytes(SmallBundles.write(folder, "1.0.1"));
    try (BundleStore.Transfer transfer = store.incoming(asked)) {
      transfer.append(ByteBuffer.wrap(other));

      assertThat(
              catchThrowableOfType(BundleException.class, () -> transfer.finish(TRUSTED)).reason())
          .isEqualTo(Reason.OTHER_BUNDLE);
    }
  }

  @Test
  void a_bundle_is_taken_in_by_one_at_a_time() throws IOException {
    String digest = "ab".repeat(32);
    try (BundleStore.Transfer first = store.incoming(digest)) {
      assertThatThrownBy(() -> store.incoming(digest))
          .hasMessage("bundle " + digest + " is being taken in by somebody else");
      first.append(ByteBuffer.wrap(new byte[] {1}));
    }
    try (BundleStore.Transfer next = store.incoming(digest)) {
      assertThat(next.offset()).isEqualTo(1);
    }
  }

  @Test
  void what_is_needed_or_was_used_lately_is_kept_whole_or_begun() throws IOException {
    List<String> digests = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      digests.add(store.add(SmallBundles.write(folder, "1.0." + i), TRUSTED).digest());
    }
    Instant unused = store.used(digests.get(4));
    store.touch(digests.get(1));
    for (String part : List.of("ab", "cd")) {
      try (BundleStore.Transfer begun = store.incoming(part.repeat(32))) {
        begun.append(ByteBuffer.wrap(new byte[] {1}));
      }
    }
    Instant future = Instant.parse("2100-01-01T00:00:00Z");

    List<String> deleted = store.collect(Set.of(digests.get(0), "cd".repeat(32)), unused, future);

    assertThat(deleted).containsExactly(digests.get(3), digests.get(2));
    assertThat(store.digests()).containsExactly(digests.get(1), digests.get(4), digests.get(0));
    assertThat(names().stream().filter(name -> name.endsWith(".part")))
        .as("what was begun long ago")
        .containsExactly("cd".repeat(32) + ".part");
  }

  @Test
  void what_was_begun_lately_is_kept() throws IOException {
    try (BundleStore.Transfer begun = store.incoming("ab".repeat(32))) {
      begun.append(ByteBuffer.wrap(new byte[] {1}));
    }

    store.collect(Set.of(), now, Instant.EPOCH);

    assertThat(names()).containsExactly("ab".repeat(32) + ".part");
  }

  @Test
  void a_bundle_may_be_as_old_as_it_is_where_it_came_from() throws IOException {
    String digest = store.add(SmallBundles.write(folder, "1.0.0"), TRUSTED).digest();
    Instant before = Instant.parse("2026-11-01T00:00:00Z");

    store.touch(digest, before);

    assertThat(store.used(digest)).isEqualTo(before);
    assertThat(store.collect(Set.of(), before, now)).isEmpty();
    assertThat(store.collect(Set.of(), before.plusSeconds(1), now)).containsExactly(digest);
  }

  @Test
  void a_bundle_that_is_here_is_not_taken_in_twice() throws IOException {
    Path file = SmallBundles.write(folder, "1.0.0");
    String digest = store.add(file, TRUSTED).digest();

    assertThat(store.add(file, TRUSTED).digest()).isEqualTo(digest);
    try (BundleStore.Transfer again = store.incoming(digest)) {
      assertThat(again.wants()).isFalse();
      again.finish(TRUSTED);
    }
    assertThat(names()).containsExactly(digest + ".meshbundle");
  }

  @Test
  void somebody_who_was_at_the_folder_is_noticed() throws IOException {
    String digest = store.add(SmallBundles.write(folder, "1.0.0"), TRUSTED).digest();
    Path file = store.find(digest).orElseThrow();
    byte[] bytes = Files.readAllBytes(file);
    bytes[bytes.length - 1] ^= 1;
    Files.write(file, bytes);

    assertThatThrownBy(() -> store.open(digest, TRUSTED))
        .hasMessageStartingWith(digest + ".meshbundle: lib/b.jar: ");
  }

  @Test
  void an_address_is_never_a_path() {
    assertThatThrownBy(() -> store.find("../../etc/passwd"))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private List<String> names() throws IOException {
    try (Stream<Path> files = Files.list(folder.resolve("store"))) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }
}
