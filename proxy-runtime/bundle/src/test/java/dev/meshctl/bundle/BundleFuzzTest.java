package dev.meshctl.bundle;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import net.jqwik.api.Tuple.Tuple2;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;

/** Whatever bytes there are, they are refused or they are what was signed. */
class BundleFuzzTest {
  private static Path folder = Path.of("");
  private static byte[] whole = new byte[0];

  @BeforeContainer
  static void write() throws IOException {
    folder = Files.createTempDirectory("bundle-fuzz");
    whole = Files.readAllBytes(SmallBundles.write(folder, "1.2.0"));
  }

  @AfterContainer
  static void delete() throws IOException {
    Folders.delete(folder);
  }

  @Provide
  Arbitrary<Tuple2<Integer, byte[]>> edits() {
    return Arbitraries.integers()
        .between(0, whole.length)
        .flatMap(
            at -> Arbitraries.bytes().array(byte[].class).ofMaxSize(40).map(b -> Tuple.of(at, b)));
  }

  /** Bytes are put over, between or in place of the rest. */
  @Property(seed = "42", tries = 3000)
  void a_file_that_was_edited_anywhere_is_refused(
      @ForAll("edits") Tuple2<Integer, byte[]> edit, @ForAll Edit how) throws IOException {
    byte[] edited = how.of(whole, edit.get1(), edit.get2());
    if (java.util.Arrays.equals(edited, whole)) {
      return;
    }
    assertThat(isRefused(edited)).isTrue();
  }

  /** JSON of some shape, signed by a trusted key: what it says to write lands in the folder. */
  @Property(seed = "42", tries = 1500)
  void whatever_path_was_signed_nothing_is_written_outside(@ForAll("paths") String path)
      throws IOException {
    Path parent = Files.createTempDirectory(folder, "case");
    String json =
        SmallBundles.manifest(
            "1", "1.0", SmallBundles.entry(path.replace("\\", "\\\\"), 1, 1, "STORED"));
    Path file = SmallBundles.signed(parent, json, "x".getBytes(StandardCharsets.UTF_8));
    Path out = parent.resolve("out");
    try {
      BundleFile.verify(file, SmallBundles.TRUSTED).unpack(out);
      assertThat(out.resolve(path)).hasContent("x");
      assertThat(out.resolve(path).normalize().startsWith(out)).isTrue();
    } catch (BundleException refused) {
      assertThat(out).doesNotExist();
    }
    try (Stream<Path> left = Files.list(parent)) {
      assertThat(left.map(p -> p.getFileName().toString())).isSubsetOf("out", "crafted.meshbundle");
    }
    Folders.delete(parent);
  }

  @Provide
  Arbitrary<String> paths() {
    return Arbitraries.of("..", ".", "/", "a", "b.jar", "\\", "~", "-", "é", "lib", "...", "@", " ")
        .list()
        .ofMinSize(1)
        .ofMaxSize(6)
        .map(parts -> String.join("", parts));
  }

  enum Edit {
    OVERWRITE,
    INSERT,
    END_WITH;

    byte[] of(byte[] bytes, int at, byte[] with) {
      var edited = new java.io.ByteArrayOutputStream();
      edited.write(bytes, 0, at);
      edited.writeBytes(with);
      int rest =
          switch (this) {
            case OVERWRITE -> Math.min(at + with.length, bytes.length);
            case INSERT -> at;
            case END_WITH -> bytes.length;
          };
      edited.write(bytes, rest, bytes.length - rest);
      return edited.toByteArray();
    }
  }

  private static boolean isRefused(byte[] bytes) throws IOException {
    Path file = Files.write(folder.resolve("edited.meshbundle"), bytes);
    try {
      BundleFile.verify(file, SmallBundles.TRUSTED);
      return false;
    } catch (BundleException refused) {
      return true;
    }
  }
}
