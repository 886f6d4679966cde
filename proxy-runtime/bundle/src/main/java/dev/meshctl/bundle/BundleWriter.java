package dev.meshctl.bundle;

import dev.meshctl.bundle.Manifest.Entry;
import dev.meshctl.bundle.Manifest.Packing;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;

/** Packs a folder into a signed file. The same folder and key give the same bytes. */
public final class BundleWriter {
  private BundleWriter() {}

  /**
   * What is said of the contents.
   *
   * @param buildId empty for a digest of the contents
   */
  public record Description(
      String version,
      String buildId,
      Manifest.Requirements requires,
      long memoryBytes,
      List<Manifest.Program> programs) {}

  /**
   * Writes {@code file}, whole or not at all.
   *
   * @param folder whose files, in the order of their paths, are the contents
   * @param progress is told each path as it is packed
   * @return the bundle's address
   * @throws BundleException where the folder holds what no bundle may: a link, an unsafe name, too
   *     much
   */
  public static String write(
      Path folder, Description description, SigningKey key, Path file, Consumer<String> progress)
      throws IOException {
    Path target = file.toAbsolutePath();
    Path contents = Files.createTempFile(target.getParent(), ".contents", ".part");
    Path fresh = Files.createTempFile(target.getParent(), ".bundle", ".part");
    try {
      List<Entry> entries = pack(folder, contents, progress);
      Manifest manifest =
          new Manifest(
              Manifest.SCHEMA,
              description.version(),
              description.buildId().isEmpty() ? buildId(entries) : description.buildId(),
              description.requires(),
              description.memoryBytes(),
              description.programs(),
              entries);
      manifest.check();
      byte[] head = head(manifest.bytes(), key);
      try (OutputStream out = Files.newOutputStream(fresh)) {
        out.write(head);
        Files.copy(contents, out);
      }
      force(fresh);
      // There is no secret in it, and a temporary file begins as if there were.
      Files.setPosixFilePermissions(fresh, PosixFilePermissions.fromString("rw-r--r--"));
      Files.move(
          fresh, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      return Digests.of(manifest.bytes());
    } finally {
      Files.deleteIfExists(contents);
      Files.deleteIfExists(fresh);
    }
  }

  /** Magic, length of the manifest, manifest, who signed it, signature. */
  private static byte[] head(byte[] manifest, SigningKey key) throws BundleException {
    if (manifest.length > Manifest.MAX_BYTES) {
      throw new BundleException(
          BundleException.Reason.TOO_LARGE, "the manifest has " + manifest.length + " bytes");
    }
    byte[] signature = key.sign(BundleFile.MAGIC, manifest);
    return ByteBuffer.allocate(BundleFile.headBytes(manifest.length))
        .put(BundleFile.MAGIC)
        .putInt(manifest.length)
        .put(manifest)
        .put(key.trusted().id())
        .put(signature)
        .array();
  }

  private static String buildId(List<Entry> entries) {
    MessageDigest digest = Digests.sha256();
    for (Entry entry : entries) {
      digest.update(
          (entry.path() + " " + entry.sha256() + "\n")
              .getBytes(java.nio.charset.StandardCharsets.UTF_8));
    }
    return Digests.hex(digest).substring(0, 12);
  }

  private static List<Entry> pack(Path folder, Path contents, Consumer<String> progress)
      throws IOException {
    List<Entry> entries = new ArrayList<>();
    try (OutputStream out = Files.newOutputStream(contents)) {
      for (Path file : files(folder)) {
        String path = folder.relativize(file).toString().replace('\\', '/');
        progress.accept(path);
        entries.add(pack(path, file, out));
      }
    }
    return entries;
  }

  private static List<Path> files(Path folder) throws IOException {
    List<Path> files = new ArrayList<>();
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path each : all.toList()) {
        BasicFileAttributes is =
            Files.readAttributes(each, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        if (is.isRegularFile()) {
          files.add(each);
        } else if (!is.isDirectory()) {
          throw new BundleException(
              BundleException.Reason.UNSAFE_PATH,
              folder.relativize(each) + " is neither file nor folder: a bundle holds no links");
        }
      }
    }
    files.sort(java.util.Comparator.comparing(f -> folder.relativize(f).toString()));
    return files;
  }

  private static Entry pack(String path, Path file, OutputStream out) throws IOException {
    byte[] content = Files.readAllBytes(file);
    byte[] deflated = deflate(content);
    // A jar is compressed already: what gains nothing is kept as it is.
    boolean gains = deflated.length < content.length - content.length / 20;
    byte[] packed = gains ? deflated : content;
    out.write(packed);
    return new Entry(
        path,
        content.length,
        Digests.of(content),
        Files.getLastModifiedTime(file).toMillis() / 1000,
        Files.getPosixFilePermissions(file).contains(PosixFilePermission.OWNER_EXECUTE),
        gains ? Packing.DEFLATED : Packing.STORED,
        packed.length,
        Digests.of(packed));
  }

  private static byte[] deflate(byte[] content) throws IOException {
    var bytes = new java.io.ByteArrayOutputStream(content.length / 2 + 64);
    Deflater deflater = new Deflater(Deflater.DEFAULT_COMPRESSION, true);
    try (DeflaterOutputStream out = new DeflaterOutputStream(bytes, deflater, 1 << 16)) {
      out.write(content);
    } finally {
      deflater.end();
    }
    return bytes.toByteArray();
  }

  static void force(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.force(true);
    }
  }
}
