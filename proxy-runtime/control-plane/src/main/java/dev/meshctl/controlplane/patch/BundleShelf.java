package dev.meshctl.controlplane.patch;

import dev.meshctl.bundle.BundleException;
import dev.meshctl.bundle.BundleStore;
import dev.meshctl.bundle.TrustedKey;
import dev.meshctl.bundle.VerifiedBundle;
import dev.meshctl.controlplane.patch.RuntimeDesk.Refused;
import dev.meshctl.model.query.RuntimeView;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/**
 * The bundles of a control plane, each verified before it counts.
 *
 * <p>Thread: any.
 */
public final class BundleShelf {
  private static final System.Logger LOG = System.getLogger(BundleShelf.class.getName());

  private final BundleStore store;
  private final Trust trust;

  /** Verified once: it takes a second for each, and what is sent is verified by who gets it. */
  private final Map<String, RuntimeView.Bundle> known = new ConcurrentHashMap<>();

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

  public BundleShelf(BundleStore store, Trust trust) {
    this.store = store;
    this.trust = trust;
  }

  public BundleStore store() {
    return store;
  }

  /** Those that are here whole; one that verifies no more, as its key went, is left out. */
  public List<RuntimeView.Bundle> bundles() throws IOException {
    List<TrustedKey> keys = trust.keys();
    List<RuntimeView.Bundle> all = new ArrayList<>();
    for (String digest : store.digests()) {
      RuntimeView.Bundle seen = known.get(digest);
      if (seen == null) {
        try {
          seen = view(store.open(digest, keys));
        } catch (BundleException untrusted) {
          LOG.log(System.Logger.Level.WARNING, "left aside: {0}", untrusted.getMessage());
          continue;
        }
        known.put(digest, seen);
      }
      all.add(seen);
    }
    return all;
  }

  private static RuntimeView.Bundle view(VerifiedBundle bundle) {
    return new RuntimeView.Bundle(
        bundle.digest(),
        bundle.manifest().version(),
        bundle.manifest().buildId(),
        bundle.signer(),
        bundle.fileBytes(),
        bundle.manifest().memoryBytes());
  }

  /** How much of a bundle is here; the size of all of it where it is whole. */
  public long received(String digest) throws IOException {
    var whole = store.find(digest);
    if (whole.isPresent()) {
      return Files.size(whole.get());
    }
    try (BundleStore.Transfer transfer = store.incoming(digest)) {
      return transfer.offset();
    }
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
    try (BundleStore.Transfer transfer = store.incoming(digest)) {
      if (transfer.wants()) {
        if (offset != transfer.offset()) {
          throw new Refused("offset: " + offset + " (expected: " + transfer.offset() + ")");
        }
        transfer.append(ByteBuffer.wrap(bytes));
      }
      long here = transfer.offset();
      if (last) {
        transfer.finish(trust.keys());
      }
      return here;
    }
  }

  /** Ends a transfer that has come whole: it is verified, and is here or is refused. */
  public void finish(BundleStore.Transfer transfer) throws IOException {
    transfer.finish(trust.keys());
  }
}
