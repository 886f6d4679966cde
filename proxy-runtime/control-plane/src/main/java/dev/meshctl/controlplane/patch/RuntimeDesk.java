package dev.meshctl.controlplane.patch;

import dev.meshctl.bundle.BundleException;
import dev.meshctl.bundle.BundleStore;
import dev.meshctl.bundle.TrustedKey;
import dev.meshctl.bundle.VerifiedBundle;
import dev.meshctl.model.patch.PatchBook.Beginning;
import dev.meshctl.model.patch.PatchEvent;
import dev.meshctl.model.patch.PatchPlan;
import dev.meshctl.model.patch.PatchState;
import dev.meshctl.model.patch.RunningRuntime;
import dev.meshctl.model.patch.RuntimeReport;
import dev.meshctl.model.patch.Waves;
import dev.meshctl.model.query.PatchRequest;
import dev.meshctl.model.query.RuntimeView;
import dev.meshctl.model.xds.ProxyNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What operators ask of runtimes, answered: which there are, one more, a patch, its end.
 *
 * <p>Thread: any.
 */
public final class RuntimeDesk {
  private static final System.Logger LOG = System.getLogger(RuntimeDesk.class.getName());

  private final Patches patches;
  private final BundleStore bundles;
  private final Path trust;
  private final Function<String, @Nullable ProxyNode> nodes;
  private final InstantSource clock;

  /** Verified once: it takes a second for each, and what is sent is verified by who gets it. */
  private final Map<String, RuntimeView.Bundle> known = new ConcurrentHashMap<>();

  /**
   * @param trust folder of public keys, {@code *.pub}; read at each use
   * @param nodes the connected proxy of an id, or null
   */
  public RuntimeDesk(
      Patches patches,
      BundleStore bundles,
      Path trust,
      Function<String, @Nullable ProxyNode> nodes,
      InstantSource clock) {
    this.patches = patches;
    this.bundles = bundles;
    this.trust = trust;
    this.nodes = nodes;
    this.clock = clock;
  }

  /** A request that cannot be done, and why; nothing was changed. */
  public static final class Refused extends Exception {
    public Refused(String why) {
      super(why);
    }
  }

  /** All there is. */
  public RuntimeView view() throws IOException {
    return new RuntimeView(bundles(), List.copyOf(patches.reports().values()), patches.all());
  }

  private List<RuntimeView.Bundle> bundles() throws IOException {
    List<TrustedKey> keys = trusted();
    List<RuntimeView.Bundle> all = new ArrayList<>();
    for (String digest : bundles.digests()) {
      RuntimeView.Bundle seen = known.get(digest);
      if (seen == null) {
        seen = verified(digest, keys);
      }
      if (seen != null) {
        known.put(digest, seen);
        all.add(seen);
      }
    }
    return all;
  }

  /** Null for one that is not what it was; the others are there all the same. */
  private RuntimeView.@Nullable Bundle verified(String digest, List<TrustedKey> keys)
      throws IOException {
    try {
      return view(bundles.open(digest, keys));
    } catch (BundleException refused) {
      LOG.log(
          System.Logger.Level.WARNING,
          "bundle {0} is left out ({1}): {2}",
          digest,
          refused.reason(),
          refused.getMessage());
      return null;
    }
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
    var whole = bundles.find(digest);
    if (whole.isPresent()) {
      return Files.size(whole.get());
    }
    try (BundleStore.Transfer transfer = bundles.incoming(digest)) {
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
    try (BundleStore.Transfer transfer = bundles.incoming(digest)) {
      if (transfer.wants()) {
        if (offset != transfer.offset()) {
          throw new Refused("offset: " + offset + " (expected: " + transfer.offset() + ")");
        }
        transfer.append(ByteBuffer.wrap(bytes));
      }
      long here = transfer.offset();
      if (last) {
        transfer.finish(trusted());
      }
      return here;
    }
  }

  private List<TrustedKey> trusted() throws IOException {
    if (!Files.isDirectory(trust)) {
      return List.of();
    }
    List<TrustedKey> keys = new ArrayList<>();
    try (Stream<Path> files = Files.list(trust)) {
      for (Path file : files.filter(f -> f.toString().endsWith(".pub")).sorted().toList()) {
        keys.add(TrustedKey.read(file));
      }
    }
    return keys;
  }

  /** Begins a patch, or with {@code dryRun} says what it would be. */
  public PatchState begin(PatchRequest asked) throws IOException, Refused {
    RuntimeView.Bundle target = target(asked.to());
    PatchPlan plan = plan(asked, target);
    if (asked.dryRun()) {
      return PatchState.begun(plan, clock.millis());
    }
    return switch (patches.begin(plan)) {
      case Beginning.Begun(var book, PatchState patch) -> patch;
      case Beginning.Refused(String why) -> throw new Refused(why);
    };
  }

  private RuntimeView.Bundle target(String to) throws IOException, Refused {
    List<RuntimeView.Bundle> all = view().bundles();
    List<RuntimeView.Bundle> found =
        all.stream()
            .filter(b -> b.version().equals(to) || (to.length() >= 8 && b.digest().startsWith(to)))
            .toList();
    return switch (found.size()) {
      case 1 -> found.getFirst();
      case 0 ->
          throw new Refused(
              "no bundle "
                  + to
                  + " is here (there are: "
                  + all.stream().map(RuntimeView.Bundle::version).toList()
                  + "); push it first");
      default ->
          throw new Refused(
              "several bundles have version "
                  + to
                  + ": name one by its digest, "
                  + found.stream().map(RuntimeView.Bundle::digest).toList());
    };
  }

  private PatchPlan plan(PatchRequest asked, RuntimeView.Bundle target) throws Refused {
    Map<String, String> workloads = new HashMap<>();
    Map<String, RunningRuntime> before = new HashMap<>();
    List<String> concerned = new ArrayList<>();
    for (RuntimeReport report : patches.reports().values()) {
      ProxyNode node = nodes.apply(report.proxyId());
      if (node != null
          && concerns(asked, node)
          && !report.runningDigest().equals(target.digest())) {
        concerned.add(node.id());
        workloads.put(node.id(), node.namespace() + "/" + node.workload());
        before.put(node.id(), new RunningRuntime(report.runningVersion(), report.runningDigest()));
      }
    }
    if (concerned.isEmpty()) {
      throw new Refused(
          "no connected proxy that can replace its runtime is concerned and runs another than "
              + target.version());
    }
    Waves waves;
    try {
      waves = Waves.parse(asked.waves());
    } catch (IllegalArgumentException unreadable) {
      throw new Refused(String.valueOf(unreadable.getMessage()));
    }
    long now = clock.millis();
    return new PatchPlan(
        id(now),
        new RunningRuntime(target.version(), target.digest()),
        waves.of(concerned, proxy -> workloads.getOrDefault(proxy, proxy)),
        before,
        patches.generations(),
        asked.limits(),
        asked.gate(),
        asked.soak(),
        asked.undo());
  }

  /** Named by the time; two of one moment by the next ones. */
  private String id(long now) {
    for (long at = now; ; at++) {
      String id = "patch-" + Long.toString(at, Character.MAX_RADIX);
      if (patches.all().stream().noneMatch(patch -> patch.plan().id().equals(id))) {
        return id;
      }
    }
  }

  private static boolean concerns(PatchRequest asked, ProxyNode node) {
    return (asked.namespace().isEmpty() || asked.namespace().equals(node.namespace()))
        && node.labels().entrySet().containsAll(asked.selector().entrySet())
        && (asked.proxies().isEmpty()
            || asked.proxies().contains(node.id())
            || asked.proxies().contains(node.instance())
            || asked.proxies().contains(node.instance() + "." + node.namespace()));
  }

  /**
   * Pauses, resumes or takes back a patch.
   *
   * @param what {@code pause}, {@code resume} or {@code rollback}
   */
  public PatchState ask(String id, String what) throws IOException, Refused {
    PatchEvent event =
        switch (what) {
          case "pause" -> new PatchEvent.Paused();
          case "resume" -> new PatchEvent.Resumed();
          case "rollback" -> new PatchEvent.TakenBack("asked for");
          default -> throw new Refused(what + " (expected: pause, resume or rollback)");
        };
    if (patches.all().stream().noneMatch(patch -> patch.plan().id().equals(id))) {
      throw new Refused("there is no patch " + id);
    }
    patches.ask(id, event);
    return patches.all().stream()
        .filter(patch -> patch.plan().id().equals(id))
        .findFirst()
        .orElseThrow();
  }
}
