package dev.meshctl.bundle;

import dev.meshctl.bundle.BundleException.Reason;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Bundles in a folder, each under its address: {@code DIGEST.meshbundle}, and beside them those
 * that are coming, {@code DIGEST.part}. What has its final name is whole and verified.
 */
public final class BundleStore {
  /** How the names of whole ones end. */
  public static final String WHOLE = ".meshbundle";

  private static final String PART = ".part";
  private static final Pattern DIGEST = Pattern.compile("[0-9a-f]{64}");

  private final Path folder;
  private final InstantSource clock;

  /**
   * @param folder made where it is not there
   */
  public BundleStore(Path folder, InstantSource clock) throws IOException {
    this.folder = Files.createDirectories(folder);
    this.clock = clock;
  }

  /** The file of a bundle that is whole. */
  public Optional<Path> find(String digest) {
    Path file = whole(digest);
    return Files.isRegularFile(file) ? Optional.of(file) : Optional.empty();
  }

  /** Addresses of the bundles that are whole, the one used last first. */
  public List<String> digests() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .filter(file -> name(file).endsWith(WHOLE))
          .sorted(
              Comparator.comparing(BundleStore::modified)
                  .reversed()
                  .thenComparing(BundleStore::name))
          .map(file -> name(file).substring(0, name(file).length() - WHOLE.length()))
          .toList();
    }
  }

  /**
   * Every bundle, verified again, as somebody may have been at the folder.
   *
   * @throws BundleException naming the file of one that is not whole
   */
  public List<VerifiedBundle> all(Collection<TrustedKey> trusted) throws IOException {
    List<VerifiedBundle> all = new ArrayList<>();
    for (String digest : digests()) {
      all.add(open(digest, trusted));
    }
    return all;
  }

  /**
   * The bundle with this address.
   *
   * @throws NoSuchFileException where it is not there
   */
  public VerifiedBundle open(String digest, Collection<TrustedKey> trusted) throws IOException {
    Path file = find(digest).orElseThrow(() -> new NoSuchFileException(whole(digest).toString()));
    return verified(file, digest, trusted);
  }

  /** Takes a whole file in; nothing happens where it is there already. */
  public VerifiedBundle add(Path file, Collection<TrustedKey> trusted) throws IOException {
    VerifiedBundle bundle = BundleFile.verify(file, trusted);
    try (Transfer transfer = incoming(bundle.digest());
        FileChannel from = FileChannel.open(file)) {
      from.position(Math.min(transfer.offset(), from.size()));
      ByteBuffer chunk = ByteBuffer.allocate(1 << 16);
      while (transfer.wants() && from.read(chunk) >= 0) {
        transfer.append(chunk.flip());
        chunk.clear();
      }
      return transfer.finish(trusted);
    }
  }

  /**
   * Begins to take a bundle in, or goes on where it was cut off.
   *
   * @throws IOException where somebody else is taking it in
   */
  public Transfer incoming(String digest) throws IOException {
    return new Transfer(digest);
  }

  /**
   * Deletes the bundles that are not {@code needed} and were used last before {@code unused}, and
   * what was begun and not gone on with before {@code abandoned}; never what is needed, whole or
   * begun.
   *
   * @return addresses of the whole ones that were deleted
   */
  public List<String> collect(Set<String> needed, Instant unused, Instant abandoned)
      throws IOException {
    List<String> deleted = new ArrayList<>();
    for (String digest : digests()) {
      if (!needed.contains(digest)
          && isBefore(whole(digest), unused)
          && Files.deleteIfExists(whole(digest))) {
        deleted.add(digest);
      }
    }
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.filter(each -> name(each).endsWith(PART)).toList()) {
        String digest = name(file).substring(0, name(file).length() - PART.length());
        if (!needed.contains(digest) && isBefore(file, abandoned)) {
          Files.deleteIfExists(file);
        }
      }
    }
    return deleted;
  }

  private static boolean isBefore(Path file, Instant time) {
    return modified(file).toInstant().isBefore(time);
  }

  /** Deletes a whole bundle; nothing happens where it is not there. */
  public void remove(String digest) throws IOException {
    Files.deleteIfExists(whole(digest));
  }

  /** When the bundle came or was used last; the epoch where it is not there. */
  public Instant used(String digest) {
    return modified(whole(digest)).toInstant();
  }

  /** Notes that the bundle is used, so that it is collected later than others. */
  public void touch(String digest) throws IOException {
    touch(digest, clock.instant());
  }

  /** The same, of another time: that at which it came to whom we have it from. */
  public void touch(String digest, Instant used) throws IOException {
    Files.setLastModifiedTime(whole(digest), FileTime.from(used));
  }

  private VerifiedBundle verified(Path file, String digest, Collection<TrustedKey> trusted)
      throws IOException {
    VerifiedBundle bundle;
    try {
      bundle = BundleFile.verify(file, trusted);
    } catch (BundleException refused) {
      throw new BundleException(refused.reason(), name(file) + ": " + refused.getMessage());
    }
    if (!bundle.digest().equals(digest)) {
      throw new BundleException(
          Reason.OTHER_BUNDLE, "it is bundle " + bundle.digest() + " (expected: " + digest + ")");
    }
    return bundle;
  }

  private Path whole(String digest) {
    return folder.resolve(checked(digest) + WHOLE);
  }

  private static String checked(String digest) {
    if (!DIGEST.matcher(digest).matches()) {
      throw new IllegalArgumentException(
          "digest: '" + digest + "' (expected: 64 hexadecimal digits)");
    }
    return digest;
  }

  private static String name(Path file) {
    return String.valueOf(file.getFileName());
  }

  private static FileTime modified(Path file) {
    try {
      return Files.getLastModifiedTime(file);
    } catch (IOException gone) {
      return FileTime.fromMillis(0);
    }
  }

  /**
   * A bundle that is coming. What was appended is there after a cut, of the connection or of the
   * power; {@link #finish} verifies it all.
   *
   * <p>Thread: one at a time.
   */
  public final class Transfer implements AutoCloseable {
    private final String digest;
    private final Path part;
    private final FileChannel channel;
    private final FileLock lock;
    private final boolean here;

    private Transfer(String digest) throws IOException {
      this.digest = checked(digest);
      this.part = folder.resolve(digest + PART);
      this.here = find(digest).isPresent();
      this.channel = FileChannel.open(part, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      FileLock held = lock(channel);
      if (held == null) {
        channel.close();
        throw new IOException("bundle " + digest + " is being taken in by somebody else");
      }
      this.lock = held;
      channel.position(channel.size());
    }

    private static @Nullable FileLock lock(FileChannel channel) throws IOException {
      try {
        return channel.tryLock();
      } catch (OverlappingFileLockException inThisProcess) {
        return null;
      }
    }

    /** Whether anything is wanted at all: not where the bundle is here already. */
    public boolean wants() {
      return !here;
    }

    /** How many bytes are here, so where to go on. */
    public long offset() throws IOException {
      return channel.position();
    }

    /**
     * Copies {@code bytes} to the end.
     *
     * @throws BundleException where it grows beyond all bundles
     */
    public void append(ByteBuffer bytes) throws IOException {
      if (offset() + bytes.remaining() > Manifest.MAX_FILE_BYTES) {
        forget();
        throw new BundleException(
            Reason.TOO_LARGE,
            "more than " + Manifest.MAX_FILE_BYTES + " bytes came for bundle " + digest);
      }
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
    }

    /** Begins anew. */
    public void forget() throws IOException {
      channel.truncate(0);
      channel.position(0);
    }

    /**
     * All is here: verifies it and gives it its name. What does not hold is deleted, unless it is
     * only cut short: then it can go on.
     */
    public VerifiedBundle finish(Collection<TrustedKey> trusted) throws IOException {
      if (here) {
        Files.deleteIfExists(part);
        return open(digest, trusted);
      }
      channel.force(true);
      VerifiedBundle bundle;
      try {
        bundle = verified(part, digest, trusted);
      } catch (BundleException refused) {
        if (refused.reason() != Reason.CUT_SHORT) {
          forget();
        }
        throw refused;
      }
      Files.move(part, whole(digest), StandardCopyOption.ATOMIC_MOVE);
      touch(digest);
      return new VerifiedBundle(
          whole(digest),
          bundle.manifest(),
          digest,
          bundle.signer(),
          bundle.contentsAt(),
          bundle.fileBytes());
    }

    @Override
    public void close() throws IOException {
      lock.release();
      channel.close();
    }
  }
}
