package dev.meshctl.controlplane.patch;

import dev.meshctl.bundle.BundleException;
import dev.meshctl.bundle.BundleException.Reason;
import dev.meshctl.bundle.BundleStore;
import dev.meshctl.bundle.TrustedKey;
import dev.meshctl.bundle.VerifiedBundle;
import dev.meshctl.controlplane.patch.RuntimeDesk.Refused;
import dev.meshctl.model.query.RuntimeView;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The bundles of a control plane. One counts, and is given out, once it was verified and for as
 * long as its file is the same and its key is trusted; to verify takes a second for each, so it is
 * done when one arrives, and by {@link #verify} for those that were here before.
 *
 * <p>Thread: any.
 */
public final class BundleShelf {
  private static final System.Logger LOG = System.getLogger(BundleShelf.class.getName());

  /** For so long a bundle stays that nothing refers to, since it came or was pushed again. */
  public static final Duration UNUSED = Duration.ofDays(7);

  /** For so long what came of a bundle waits for the rest. */
  public static final Duration ABANDONED = Duration.ofDays(1);

  private final BundleStore store;
  private final Trust trust;
  private final InstantSource clock;
  private final Map<String, Verdict> verdicts = new ConcurrentHashMap<>();

  /** Whose bundles count; asked at each use. */
  @FunctionalInterface
  public interface Trust {
    List<TrustedKey> keys() throws IOException;

    /** The public keys {@code *.pub} of a folder; none where there is no folder. */
    static Trust folder(Path folder) {
      return () -> {
        if (!Files.isDirectory(folder)) {
          return List.of();
        }
        List<TrustedKey> keys = new ArrayList<>();
        try (Stream<Path> files = Files.list(folder)) {
          for (Path file : files.filter(f -> f.toString().endsWith(".pub")).sorted().toList()) {
            keys.add(TrustedKey.read(file));
          }
        }
        return keys;
      };
    }
  }

  /** Whether a bundle may be given out. */
  sealed interface Offer {
    /** This file. */
    record Given(Path file) implements Offer {}

    /** Not yet: nobody has looked at it as it is now. */
    record Unverified() implements Offer {}

    /** Never. */
    record Bad(Reason reason, String why) implements Offer {}

    /** It is not here. */
    record Absent() implements Offer {}
  }

  /** What verifying a file has shown; it holds while the file is the same. */
  private sealed interface Verdict {
    Stamp stamp();

    record Sound(VerifiedBundle bundle, Stamp stamp) implements Verdict {}

    /**
     * @param trusted fingerprints of the keys that were trusted
     */
    record Bad(Reason reason, String why, Set<String> trusted, Stamp stamp) implements Verdict {}
  }

  /** By which a file is known to be the same. */
  private record Stamp(@Nullable Object file, long bytes, FileTime modified) {
    static Stamp of(Path file) throws IOException {
      BasicFileAttributes now = Files.readAttributes(file, BasicFileAttributes.class);
      return new Stamp(now.fileKey(), now.size(), now.lastModifiedTime());
    }
  }

  public BundleShelf(BundleStore store, Trust trust, InstantSource clock) {
    this.store = store;
    this.trust = trust;
    this.clock = clock;
  }

  private static Set<String> fingerprints(List<TrustedKey> keys) {
    Set<String> all = new HashSet<>();
    keys.forEach(key -> all.add(key.fingerprint()));
    return all;
  }

  /** Verifies what is here and was not verified as it is, the one used last first. */
  public void verify() throws IOException {
    List<TrustedKey> keys = trust.keys();
    Set<String> trusted = fingerprints(keys);
    List<String> here = store.digests();
    verdicts.keySet().retainAll(here);
    for (String digest : here) {
      if (offer(digest, trusted) instanceof Offer.Unverified) {
        verify(digest, keys, trusted);
      }
    }
  }

  private void verify(String digest, List<TrustedKey> keys, Set<String> trusted) {
    try {
      Path file = store.find(digest).orElseThrow(() -> new NoSuchFileException(digest));
      // Taken before it is read: who is at it meanwhile is noticed.
      Stamp stamp = Stamp.of(file);
      try {
        verdicts.put(digest, new Verdict.Sound(store.open(digest, keys), stamp));
      } catch (BundleException refused) {
        String why = String.valueOf(refused.getMessage());
        verdicts.put(digest, new Verdict.Bad(refused.reason(), why, trusted, stamp));
        LOG.log(System.Logger.Level.WARNING, "not given out: {0}", why);
      }
    } catch (IOException unread) {
      LOG.log(System.Logger.Level.WARNING, "bundle {0} does not read: {1}", digest, unread);
    }
  }

  /**
   * Whether a bundle may be given out; does not wait.
   *
   * @throws IllegalArgumentException where {@code digest} is no address
   */
  Offer offer(String digest) throws IOException {
    return store.find(digest).isEmpty()
        ? new Offer.Absent()
        : offer(digest, fingerprints(trust.keys()));
  }

  private Offer offer(String digest, Set<String> trusted) throws IOException {
    Optional<Path> file = store.find(digest);
    if (file.isEmpty()) {
      return new Offer.Absent();
    }
    Verdict verdict = verdicts.get(digest);
    if (verdict == null || !verdict.stamp().equals(Stamp.of(file.get()))) {
      return new Offer.Unverified();
    }
    return switch (verdict) {
      case Verdict.Sound sound ->
          trusted.contains(sound.bundle().signer())
              ? new Offer.Given(file.get())
              : new Offer.Unverified();
      case Verdict.Bad bad ->
          trusted.equals(bad.trusted())
              ? new Offer.Bad(bad.reason(), bad.why())
              : new Offer.Unverified();
    };
  }

  /** Those that are given out, the one used last first; does not wait. */
  public List<RuntimeView.Bundle> bundles() throws IOException {
    Set<String> trusted = fingerprints(trust.keys());
    List<RuntimeView.Bundle> all = new ArrayList<>();
    for (String digest : store.digests()) {
      if (offer(digest, trusted) instanceof Offer.Given
          && verdicts.get(digest) instanceof Verdict.Sound sound) {
        all.add(view(sound.bundle()));
      }
    }
    return all;
  }

  private RuntimeView.Bundle view(VerifiedBundle bundle) {
    return new RuntimeView.Bundle(
        bundle.digest(),
        bundle.manifest().version(),
        bundle.manifest().buildId(),
        bundle.signer(),
        bundle.fileBytes(),
        bundle.manifest().memoryBytes(),
        store.used(bundle.digest()).toEpochMilli());
  }

  /** Those that are here and are not given out, and why; does not wait. */
  public List<RuntimeView.Aside> aside() throws IOException {
    Set<String> trusted = fingerprints(trust.keys());
    List<RuntimeView.Aside> all = new ArrayList<>();
    for (String digest : store.digests()) {
      String file = digest + BundleStore.WHOLE;
      switch (offer(digest, trusted)) {
        case Offer.Bad bad -> all.add(new RuntimeView.Aside(file, true, bad.why()));
        case Offer.Unverified unverified ->
            all.add(new RuntimeView.Aside(file, false, "it is being verified"));
        case Offer.Given given -> {}
        case Offer.Absent absent -> {}
      }
    }
    return all;
  }

  /** How much of a bundle is here; the size of all of it where it is whole. */
  public long received(String digest) throws IOException {
    verify(digest);
    Optional<Path> whole = store.find(digest);
    if (whole.isPresent() && !isWanted(digest)) {
      return Files.size(whole.get());
    }
    try (BundleStore.Transfer transfer = store.incoming(digest)) {
      return transfer.offset();
    }
  }

  /** Verifies one that is here and was not. */
  private void verify(String digest) throws IOException {
    if (offer(digest) instanceof Offer.Unverified) {
      List<TrustedKey> keys = trust.keys();
      verify(digest, keys, fingerprints(keys));
    }
  }

  /** It is not here, or what is here is not what was signed, so that it should come again. */
  public boolean isWanted(String digest) throws IOException {
    return switch (offer(digest)) {
      case Offer.Absent absent -> true;
      // Bytes do not change that: its key may be trusted later.
      case Offer.Bad bad -> bad.reason() != Reason.UNTRUSTED_KEY;
      case Offer.Given given -> false;
      case Offer.Unverified unverified -> false;
    };
  }

  /** Begins to take a bundle in or goes on; what is here and is bad makes room. */
  public BundleStore.Transfer incoming(String digest) throws IOException {
    verify(digest);
    if (store.find(digest).isPresent() && isWanted(digest)) {
      store.remove(digest);
    }
    return store.incoming(digest);
  }

  /**
   * Takes more of a bundle in.
   *
   * @param offset must be how much is here
   * @param last whether this ends it: then it is verified, and is here or is refused
   * @return how much is here then
   */
  public long receive(String digest, long offset, byte[] bytes, boolean last)
      throws IOException, Refused {
    try (BundleStore.Transfer transfer = incoming(digest)) {
      long here = offset;
      if (transfer.wants()) {
        if (offset != transfer.offset()) {
          throw new Refused("offset: " + offset + " (expected: " + transfer.offset() + ")");
        }
        transfer.append(ByteBuffer.wrap(bytes));
        here = transfer.offset();
      }
      if (last) {
        finish(transfer, clock.instant());
      }
      return here;
    }
  }

  /**
   * Ends a transfer that has come whole: it is verified, and is here or is refused.
   *
   * @param used when it came to the mesh
   */
  public void finish(BundleStore.Transfer transfer, Instant used) throws IOException {
    VerifiedBundle bundle = transfer.finish(trust.keys());
    store.touch(bundle.digest(), used);
    verdicts.put(bundle.digest(), new Verdict.Sound(bundle, Stamp.of(bundle.file())));
  }

  /** Whether {@link #collect} would leave a bundle that has come from elsewhere. */
  public boolean keeps(RuntimeView.Bundle bundle, Set<String> needed) {
    return needed.contains(bundle.digest())
        || bundle.usedEpochMillis() == 0
        || bundle.usedEpochMillis() >= clock.instant().minus(UNUSED).toEpochMilli();
  }

  /**
   * Deletes what is not {@code needed} and came more than {@link #UNUSED} ago, and what did not
   * come whole in {@link #ABANDONED}.
   *
   * @return addresses of the whole ones
   */
  public List<String> collect(Set<String> needed) throws IOException {
    Instant now = clock.instant();
    List<String> deleted = store.collect(needed, now.minus(UNUSED), now.minus(ABANDONED));
    for (String digest : deleted) {
      verdicts.remove(digest);
      LOG.log(System.Logger.Level.INFO, "bundle {0} is deleted: nothing refers to it", digest);
    }
    return deleted;
  }
}
