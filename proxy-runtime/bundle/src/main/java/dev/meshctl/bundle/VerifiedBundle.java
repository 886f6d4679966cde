package dev.meshctl.bundle;

import dev.meshctl.bundle.BundleException.Reason;
import dev.meshctl.bundle.Manifest.Entry;
import dev.meshctl.bundle.Manifest.Packing;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.zip.Inflater;
import java.util.zip.InflaterInputStream;

/** A bundle that was found whole and signed by a trusted key; only such a one can be unpacked. */
public final class VerifiedBundle {
  private static final int CHUNK = 1 << 16;

  private final Path file;
  private final Manifest manifest;
  private final String digest;
  private final String signer;
  private final long contentsAt;
  private final long fileBytes;

  VerifiedBundle(
      Path file, Manifest manifest, String digest, String signer, long contentsAt, long fileBytes) {
    this.file = file;
    this.manifest = manifest;
    this.digest = digest;
    this.signer = signer;
    this.contentsAt = contentsAt;
    this.fileBytes = fileBytes;
  }

  public Path file() {
    return file;
  }

  public Manifest manifest() {
    return manifest;
  }

  /** The bundle's address. */
  public String digest() {
    return digest;
  }

  /** Fingerprint of the key that signed it. */
  public String signer() {
    return signer;
  }

  long contentsAt() {
    return contentsAt;
  }

  public long fileBytes() {
    return fileBytes;
  }

  /**
   * Refuses one that does not fit this host.
   *
   * @throws BundleException naming what is needed and what is there
   */
  public void checkFits(Host host) throws BundleException {
    Manifest.Requirements needs = manifest.requires();
    if (!needs.os().equals(host.os()) || !needs.arch().equals(host.arch())) {
      throw new BundleException(
          Reason.DOES_NOT_FIT,
          "it is for "
              + needs.os()
              + "/"
              + needs.arch()
              + ", and this is "
              + host.os()
              + "/"
              + host.arch());
    }
    if (needs.javaFeature() > host.javaFeature()) {
      throw new BundleException(
          Reason.DOES_NOT_FIT,
          "it needs JDK "
              + needs.javaFeature()
              + ", and here is "
              + host.javaFeature()
              + "; a new JDK comes with a new image");
    }
  }

  /**
   * Refuses one that is older than what runs, unless the way back is ordered and known.
   *
   * @param running the version that serves
   * @param rollback ordered as a way back
   * @param ranBefore addresses of the bundles that this proxy ran
   * @throws BundleException naming both versions
   */
  public void checkNotOlder(String running, boolean rollback, Set<String> ranBefore)
      throws BundleException {
    if (new BundleVersion(manifest.version()).compareTo(new BundleVersion(running)) >= 0) {
      return;
    }
    String older = "version " + manifest.version() + " is older than " + running + ", which runs";
    if (!rollback) {
      throw new BundleException(
          Reason.DOWNGRADE, older + "; only `meshctl runtime rollback` goes back");
    }
    if (!ranBefore.contains(digest)) {
      throw new BundleException(Reason.DOWNGRADE, older + ", and it never ran here");
    }
  }

  /**
   * Unpacks into {@code folder}, which appears whole or not at all. Times of files are kept,
   * because the JVM knows a jar by them.
   *
   * @param folder must not be there; its parent must
   * @throws BundleException where the file was altered since it was verified
   */
  public void unpack(Path folder) throws IOException {
    unpack(folder, folder.toAbsolutePath());
  }

  /**
   * The same for a place where it will be later, as in an image.
   *
   * @param runsAt where the folder is when its programs run
   */
  public void unpack(Path folder, Path runsAt) throws IOException {
    Path target = folder.toAbsolutePath();
    if (Files.exists(target)) {
      throw new IOException(target + " is there already");
    }
    Path fresh =
        Files.createTempDirectory(
            target.getParent(),
            "." + target.getFileName() + ".",
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    try {
      unpackInto(fresh, runsAt);
      Files.setPosixFilePermissions(fresh, PosixFilePermissions.fromString("rwxr-xr-x"));
      Files.move(fresh, target, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Folders.delete(fresh);
    }
  }

  private void unpackInto(Path fresh, Path runsAt) throws IOException {
    try (FileChannel channel = FileChannel.open(file)) {
      long at = contentsAt;
      for (Entry entry : manifest.entries()) {
        channel.position(at);
        Path out = fresh.resolve(entry.path());
        Files.createDirectories(out.getParent());
        unpack(Channels.newInputStream(channel), entry, out);
        at += entry.packedSize();
      }
    }
    for (Manifest.Program program : manifest.programs()) {
      write(
          fresh.resolve(program.name() + ".args"),
          Launch.argumentFile(program, runsAt).getBytes(StandardCharsets.UTF_8));
    }
    write(fresh.resolve("manifest.json"), manifest.bytes());
  }

  /** With the time of the newest entry, so that one bundle always unpacks to the same. */
  private void write(Path file, byte[] content) throws IOException {
    Files.write(file, content);
    long newest =
        manifest.entries().stream().mapToLong(Entry::modifiedEpochSeconds).max().orElse(0);
    Files.setLastModifiedTime(file, FileTime.from(newest, TimeUnit.SECONDS));
  }

  private static void unpack(InputStream contents, Entry entry, Path out) throws IOException {
    var digest = Digests.sha256();
    InputStream packed = new Bounded(contents, entry.packedSize());
    Inflater inflater = new Inflater(true);
    try (InputStream content =
            entry.packing() == Packing.DEFLATED
                ? new InflaterInputStream(packed, inflater, CHUNK)
                : packed;
        OutputStream file =
            Files.newOutputStream(out, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      byte[] chunk = new byte[CHUNK];
      long written = 0;
      for (int read = content.read(chunk); read >= 0; read = content.read(chunk)) {
        written += read;
        if (written > entry.size()) {
          throw altered(entry);
        }
        digest.update(chunk, 0, read);
        file.write(chunk, 0, read);
      }
      if (written != entry.size() || !Digests.hex(digest).equals(entry.sha256())) {
        throw altered(entry);
      }
    } catch (java.util.zip.ZipException notDeflated) {
      throw altered(entry);
    } finally {
      inflater.end();
    }
    Files.setPosixFilePermissions(
        out, PosixFilePermissions.fromString(entry.executable() ? "rwxr-xr-x" : "rw-r--r--"));
    Files.setLastModifiedTime(out, FileTime.from(entry.modifiedEpochSeconds(), TimeUnit.SECONDS));
  }

  private static BundleException altered(Entry entry) {
    return new BundleException(
        Reason.ALTERED, entry.path() + ": its content is not what was signed");
  }

  /** No more than so many bytes; closing it leaves the file open. */
  private static final class Bounded extends InputStream {
    private final InputStream in;
    private long left;

    Bounded(InputStream in, long left) {
      this.in = in;
      this.left = left;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
      if (left == 0) {
        return -1;
      }
      int read = in.read(into, offset, (int) Math.min(length, left));
      left -= Math.max(read, 0);
      return read;
    }
  }
}
