package dev.meshctl.controlplane.patch;

import dev.meshctl.model.patch.Candidate;
import dev.meshctl.model.patch.PatchBook.Beginning;
import dev.meshctl.model.patch.PatchEvent;
import dev.meshctl.model.patch.PatchPlan;
import dev.meshctl.model.patch.PatchScope;
import dev.meshctl.model.patch.PatchState;
import dev.meshctl.model.patch.RunningRuntime;
import dev.meshctl.model.patch.RuntimeReport;
import dev.meshctl.model.patch.Waves;
import dev.meshctl.model.query.PatchRequest;
import dev.meshctl.model.query.RuntimeView;
import dev.meshctl.model.xds.ProxyNode;
import java.io.IOException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What operators ask of runtimes, answered: which there are, one more, a patch, its end.
 *
 * <p>Thread: any.
 */
public final class RuntimeDesk {
  private final Orders patches;
  private final BundleShelf shelf;
  private final Function<String, @Nullable ProxyNode> nodes;
  private final InstantSource clock;

  /**
   * @param nodes the connected proxy of an id, or null
   */
  public RuntimeDesk(
      Orders patches,
      BundleShelf shelf,
      Function<String, @Nullable ProxyNode> nodes,
      InstantSource clock) {
    this.patches = patches;
    this.shelf = shelf;
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
    return new RuntimeView(
        shelf.bundles(), shelf.aside(), List.copyOf(patches.reports().values()), patches.all());
  }

  /** How much of a bundle is here; the size of all of it where it is whole. */
  public long received(String digest) throws IOException {
    return shelf.received(digest);
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
    return shelf.receive(digest, offset, bytes, last);
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
    List<RuntimeView.Bundle> all = shelf.bundles();
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
                  + asides()
                  + "); push it first");
      default ->
          throw new Refused(
              "several bundles have version "
                  + to
                  + ": name one by its digest, "
                  + found.stream().map(RuntimeView.Bundle::digest).toList());
    };
  }

  /** What is here and is not given out: of which version one is that is bad nobody knows. */
  private String asides() throws IOException {
    List<RuntimeView.Aside> aside = shelf.aside();
    return aside.isEmpty()
        ? ""
        : ", and not given out: " + aside.stream().map(RuntimeView.Aside::file).toList();
  }

  private List<Candidate> candidates() {
    List<Candidate> all = new ArrayList<>();
    for (RuntimeReport report : patches.reports().values()) {
      ProxyNode node = nodes.apply(report.proxyId());
      if (node != null) {
        all.add(Candidate.of(node, "", report));
      }
    }
    return all;
  }

  private PatchPlan plan(PatchRequest asked, RuntimeView.Bundle target) throws Refused {
    RunningRuntime running = new RunningRuntime(target.version(), target.digest());
    List<Candidate> concerned =
        new PatchScope(asked.namespace(), asked.selector(), asked.proxies())
            .concerned(candidates(), running);
    if (concerned.isEmpty()) {
      throw new Refused(
          "no connected proxy that can replace its runtime is concerned and runs another than "
              + target.version());
    }
    Optional<String> noRoom = PatchScope.withoutRoom(concerned, target.memoryBytes());
    if (noRoom.isPresent()) {
      throw new Refused(noRoom.get());
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
        running,
        PatchScope.waves(waves, concerned),
        PatchScope.before(concerned),
        patches.generations(),
        asked.limits(),
        asked.gate(),
        asked.soak(),
        asked.undo(),
        PatchScope.pace(asked.perNode(), concerned));
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
