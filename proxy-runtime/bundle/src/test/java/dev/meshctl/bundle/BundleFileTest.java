package dev.meshctl.bundle;

import static dev.meshctl.bundle.SmallBundles.KEY;
import static dev.meshctl.bundle.SmallBundles.TRUSTED;
import static dev.meshctl.bundle.SmallBundles.entry;
import static dev.meshctl.bundle.SmallBundles.manifest;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.meshctl.bundle.BundleException.Reason;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BundleFileTest {
  private static final byte[] X = "x".getBytes(StandardCharsets.UTF_8);

  @TempDir Path folder;

  private static BundleException refusal(Path file) {
    BundleException refused =
        catchThrowableOfType(BundleException.class, () -> BundleFile.verify(file, TRUSTED));
    assertThat(refused).as("verified, and should have been refused").isNotNull();
    return refused;
  }

  private Path crafted(String manifest) throws IOException {
    return SmallBundles.signed(folder, manifest, X);
  }

  @Test
  void what_was_written_verifies_and_unpacks_to_the_same_files_with_their_times_and_modes()
      throws IOException {
    Path file = SmallBundles.write(folder, "1.2.0");

    VerifiedBundle bundle = BundleFile.verify(file, TRUSTED);
    bundle.unpack(folder.resolve("out"));

    assertThat(files(folder.resolve("out")).keySet())
        .containsExactly(
            "bin/run", "cache/proxy.aot", "lib/a.jar", "lib/b.jar", "manifest.json", "proxy.args");
    for (Path each : files(folder.resolve("out")).values()) {
      assertThat(Files.getLastModifiedTime(each).toInstant()).isEqualTo(SmallBundles.MODIFIED);
    }
    for (String path : files(folder.resolve("contents")).keySet()) {
      Path was = folder.resolve("contents").resolve(path);
      Path is = folder.resolve("out").resolve(path);
      assertThat(is).hasSameBinaryContentAs(was);
    }
    assertThat(folder.resolve("out/bin/run")).isExecutable();
    assertThat(Files.isExecutable(folder.resolve("out/lib/a.jar"))).isFalse();
    assertThat(bundle.digest()).matches("[0-9a-f]{64}");
    assertThat(bundle.signer()).isEqualTo(KEY.trusted().fingerprint());
  }

  @Test
  void the_same_contents_and_key_give_the_same_bytes() throws IOException {
    byte[] once = Files.readAllBytes(SmallBundles.write(folder, "1.2.0"));

    assertThat(Files.readAllBytes(SmallBundles.write(folder, "1.2.0"))).isEqualTo(once);
  }

  @Test
  void an_argument_file_names_jars_in_order_and_cache_by_where_they_are() throws IOException {
    Path out = folder.resolve("out");
    BundleFile.verify(SmallBundles.write(folder, "1.2.0"), TRUSTED).unpack(out);

    assertThat(Files.readAllLines(out.resolve("proxy.args")))
        .containsExactly(
            "\"-Xmx64m\"",
            "\"-Djava.library.path=" + out + "/native\"",
            "\"-XX:AOTCache=" + out + "/cache/proxy.aot\"",
            "\"-Xlog:aot=off\"",
            "\"-Xlog:cds=off\"",
            "\"-cp\"",
            "\"" + out + "/lib/b.jar:" + out + "/lib/a.jar\"",
            "\"dev.meshctl.app.ProxyMain\"");
  }

  @Test
  void a_bundle_of_a_key_that_is_not_trusted_is_refused_and_the_key_named() throws IOException {
    Path file = SmallBundles.write(folder, "1.2.0");
    TrustedKey other = SigningKey.generate().trusted();

    assertThatThrownBy(() -> BundleFile.verify(file, List.of(other)))
        .hasMessageContaining("signed by key " + KEY.trusted().fingerprint())
        .hasMessageContaining("trusted: [" + other.fingerprint() + "]");
    assertThat(
            catchThrowableOfType(BundleException.class, () -> BundleFile.verify(file, List.of()))
                .reason())
        .isEqualTo(Reason.UNTRUSTED_KEY);
  }

  @Test
  void a_signature_of_another_manifest_is_refused() throws IOException {
    byte[] one = Files.readAllBytes(SmallBundles.write(folder, "1.2.0"));
    byte[] other = Files.readAllBytes(SmallBundles.write(folder, "1.2.1"));
    int head =
        one.length
            - BundleFile.verify(file(one), TRUSTED).manifest().entries().stream()
                .mapToInt(e -> (int) e.packedSize())
                .sum();
    System.arraycopy(other, head - 64, one, head - 64, 64);

    assertThat(refusal(file(one)).reason()).isEqualTo(Reason.BAD_SIGNATURE);
  }

  @Test
  void wherever_it_is_cut_short_it_is_refused_as_cut_short() throws IOException {
    byte[] whole = Files.readAllBytes(SmallBundles.write(folder, "1.2.0"));

    for (int length = 0; length < whole.length; length += 1) {
      assertThat(refusal(file(Arrays.copyOf(whole, length))).reason())
          .as("cut after " + length)
          .isEqualTo(Reason.CUT_SHORT);
    }
  }

  @Test
  void whichever_byte_is_changed_it_is_refused() throws IOException {
    byte[] whole = Files.readAllBytes(SmallBundles.write(folder, "1.2.0"));

    for (int at = 0; at < whole.length; at++) {
      for (int bit : new int[] {0x01, 0x80}) {
        byte[] altered = whole.clone();
        altered[at] ^= (byte) bit;
        Path file = file(altered);
        assertThatThrownBy(() -> BundleFile.verify(file, TRUSTED))
            .as("byte " + at)
            .isInstanceOf(BundleException.class);
      }
    }
  }

  @Test
  void what_follows_the_contents_is_refused() throws IOException {
    byte[] whole = Files.readAllBytes(SmallBundles.write(folder, "1.2.0"));

    BundleException refused = refusal(file(Arrays.copyOf(whole, whole.length + 1)));

    assertThat(refused.reason()).isEqualTo(Reason.ALTERED);
    assertThat(refused).hasMessageContaining("the manifest accounts for " + whole.length);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "../evil",
        "a/../../evil",
        "/etc/passwd",
        "a//b",
        "",
        ".",
        "..",
        "a/.",
        ".hidden",
        "a/.ssh/x",
        "C:\\\\evil",
        "a\\\\..\\\\b",
        "nul\\u0000l",
        "new\\nline",
        "~/x",
        "a b",
        "a/"
      })
  void an_entry_that_would_be_written_elsewhere_is_refused_whoever_signed_it(String path)
      throws IOException {
    BundleException refused = refusal(crafted(manifest("1", "1.0", entry(path, 1, 1, "STORED"))));

    assertThat(refused.reason()).isEqualTo(Reason.UNSAFE_PATH);
  }

  @ParameterizedTest
  @CsvSource({
    "300000000, 1, DEFLATED",
    "9223372036854775807, 1, DEFLATED",
    "1, 300000000, DEFLATED",
  })
  void an_entry_that_is_huge_is_refused_before_its_content_is_read(
      long size, long packed, String packing) throws IOException {
    BundleException refused =
        refusal(crafted(manifest("1", "1.0", entry("a", size, packed, packing))));

    assertThat(refused.reason()).isEqualTo(Reason.TOO_LARGE);
    assertThat(refused).hasMessageContaining("a: ");
  }

  @Test
  void many_entries_that_are_huge_together_are_refused() throws IOException {
    String entries =
        Stream.of("a", "b", "c", "d")
            .map(path -> entry(path, 250_000_000, 1, "DEFLATED"))
            .reduce((a, b) -> a + "," + b)
            .orElseThrow();

    assertThat(refusal(crafted(manifest("1", "1.0", entries))).reason())
        .isEqualTo(Reason.TOO_LARGE);
  }

  @Test
  void a_manifest_that_says_to_be_huge_is_refused_before_it_is_read() throws IOException {
    byte[] whole = Files.readAllBytes(SmallBundles.write(folder, "1.2.0"));
    whole[BundleFile.MAGIC.length] = 0x7f;

    assertThat(refusal(file(whole)).reason()).isEqualTo(Reason.TOO_LARGE);
  }

  @Test
  void content_that_unpacks_to_more_than_it_says_is_refused_and_leaves_nothing()
      throws IOException {
    byte[] bomb = new byte[1 << 20];
    var deflater = new java.util.zip.Deflater(9, true);
    deflater.setInput(bomb);
    deflater.finish();
    byte[] packed = Arrays.copyOf(new byte[4096], 4096);
    int length = deflater.deflate(packed);
    packed = Arrays.copyOf(packed, length);
    String entry =
        """
        {"path":"a","size":10,"sha256":"%s","modifiedEpochSeconds":0,"executable":false,\
        "packing":"DEFLATED","packedSize":%d,"packedSha256":"%s"}\
        """
            .formatted(Digests.of(bomb), length, Digests.of(packed));
    Path file = SmallBundles.signed(folder, manifest("1", "1.0", entry), packed);
    VerifiedBundle bundle = BundleFile.verify(file, TRUSTED);

    assertThatThrownBy(() -> bundle.unpack(folder.resolve("out")))
        .isInstanceOf(BundleException.class)
        .hasMessage("a: its content is not what was signed");

    assertThat(list(folder)).containsExactly("crafted.meshbundle");
  }

  @Test
  void a_bundle_that_is_altered_after_it_was_verified_does_not_unpack() throws IOException {
    Path file = SmallBundles.write(folder, "1.2.0");
    VerifiedBundle bundle = BundleFile.verify(file, TRUSTED);
    byte[] bytes = Files.readAllBytes(file);
    bytes[bytes.length - 1] ^= 1;
    Files.write(file, bytes);

    assertThatThrownBy(() -> bundle.unpack(folder.resolve("out")))
        .isInstanceOf(BundleException.class)
        .hasMessage("lib/b.jar: its content is not what was signed");

    assertThat(folder.resolve("out")).doesNotExist();
    assertThat(list(folder)).containsExactlyInAnyOrder("contents", "runtime-1.2.0.meshbundle");
  }

  @Test
  void a_folder_that_is_there_is_not_unpacked_into() throws IOException {
    VerifiedBundle bundle = BundleFile.verify(SmallBundles.write(folder, "1.2.0"), TRUSTED);
    Path out = Files.createDirectory(folder.resolve("out"));

    assertThatThrownBy(() -> bundle.unpack(out)).hasMessage(out + " is there already");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "2 | 1.0 | NEWER_SCHEMA | manifest schema: 2 (expected: 1)",
        "0 | 1.0 | MALFORMED | manifest schema: 0 (expected: 1)",
        "'\"1\"' | 1.0 | MALFORMED | schema: \"1\" (expected: a number)",
        "1 | ../1 | MALFORMED | version: '../1'",
      })
  void a_manifest_of_another_schema_or_without_a_version_is_refused(
      String schema, String version, Reason reason, String message) throws IOException {
    BundleException refused =
        refusal(crafted(manifest(schema, version, entry("a", 1, 1, "STORED"))));

    assertThat(refused.reason()).isEqualTo(reason);
    assertThat(refused).hasMessageContaining(message);
  }

  @Test
  void a_manifest_with_a_field_that_is_not_known_is_refused_rather_than_half_understood()
      throws IOException {
    String more =
        manifest("1", "1.0", entry("a", 1, 1, "STORED"))
            .replace("{\"schema\"", "{\"links\":[],\"schema\"");

    BundleException refused = refusal(crafted(more));

    assertThat(refused.reason()).isEqualTo(Reason.MALFORMED);
    assertThat(refused).hasMessageContaining("links");
  }

  @Test
  void paths_that_stand_twice_or_in_each_other_are_refused() throws IOException {
    String twice = entry("a", 1, 1, "STORED") + "," + entry("a", 1, 1, "STORED");
    String within = entry("a", 1, 1, "STORED") + "," + entry("a/b", 1, 1, "STORED");

    assertThat(refusal(crafted(manifest("1", "1.0", twice))))
        .hasMessageContaining("a is there twice");
    assertThat(refusal(crafted(manifest("1", "1.0", within))))
        .hasMessageContaining("a is a file and the folder of a/b");
  }

  @Test
  void a_link_in_the_folder_is_not_packed() throws IOException {
    Path contents = SmallBundles.contents(folder);
    Files.createSymbolicLink(contents.resolve("lib/c.jar"), Path.of("/etc/passwd"));

    assertThatThrownBy(() ->
            BundleWriter.write(
                contents, SmallBundles.description("1.0"), KEY, folder.resolve("f"), path -> {}))
        .isInstanceOf(BundleException.class)
        .hasMessageContaining("lib/c.jar is neither file nor folder");
    assertThat(list(folder)).containsExactly("contents");
  }

  @Test
  void it_fits_where_system_processor_and_jdk_do() throws IOException {
    VerifiedBundle bundle = BundleFile.verify(SmallBundles.write(folder, "1.2.0"), TRUSTED);

    bundle.checkFits(SmallBundles.HOST);
    bundle.checkFits(new Host(26, "26+1/1", "linux", "amd64"));
    assertThatThrownBy(() -> bundle.checkFits(new Host(25, "", "linux", "arm64")))
        .hasMessage("it is for linux/amd64, and this is linux/arm64");
    assertThatThrownBy(() -> bundle.checkFits(new Host(24, "", "linux", "amd64")))
        .hasMessageStartingWith("it needs JDK 25, and here is 24");
  }

  @Test
  void an_older_version_is_refused_unless_it_is_the_way_back_to_what_ran_here() throws IOException {
    VerifiedBundle bundle = BundleFile.verify(SmallBundles.write(folder, "1.2.0"), TRUSTED);

    bundle.checkNotOlder("1.2.0", false, Set.of());
    bundle.checkNotOlder("1.1.9", false, Set.of());
    bundle.checkNotOlder("1.3.0", true, Set.of(bundle.digest()));
    assertThatThrownBy(() -> bundle.checkNotOlder("1.3.0", false, Set.of(bundle.digest())))
        .hasMessageStartingWith("version 1.2.0 is older than 1.3.0, which runs");
    assertThatThrownBy(() -> bundle.checkNotOlder("1.3.0", true, Set.of()))
        .hasMessageEndingWith("and it never ran here");
  }

  private Path file(byte[] bytes) throws IOException {
    return Files.write(folder.resolve("altered.meshbundle"), bytes);
  }

  private static List<String> list(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(f -> f.getFileName().toString()).sorted().toList();
    }
  }

  private static TreeMap<String, Path> files(Path folder) throws IOException {
    TreeMap<String, Path> files = new TreeMap<>();
    try (Stream<Path> all = Files.walk(folder)) {
      all.filter(Files::isRegularFile)
          .forEach(file -> files.put(folder.relativize(file).toString(), file));
    }
    return files;
  }
}
