package dev.meshctl.controlplane.patch;

import dev.meshctl.model.patch.Gate;
import dev.meshctl.model.patch.PatchBook;
import dev.meshctl.model.patch.PatchBook.Beginning;
import dev.meshctl.model.patch.PatchEvent;
import dev.meshctl.model.patch.PatchPlan;
import dev.meshctl.model.patch.PatchState;
import dev.meshctl.model.patch.PatchState.Standing;
import dev.meshctl.model.patch.RuntimeReport;
import dev.meshctl.model.xds.RuntimeOrder;
import dev.meshctl.net.retry.Pause;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * The patches that are under way and were. What is decided is on the disk before a proxy hears of
 * it, so a control plane that dies and comes back goes on where it was.
 *
 * <p>Thread: any.
 */
public final class Patches implements Orders {
  private static final System.Logger LOG = System.getLogger(Patches.class.getName());
  private static final Duration TICK = Duration.ofSeconds(1);

  private final PatchFile file;
  private final World world;
  private final InstantSource clock;
  private final Pause pause;
  private final Map<String, RuntimeReport> reports = new TreeMap<>();
  private final Thread ticking;
  private volatile PatchBook book;

  /** What patches want to know, and whom they tell. */
  public interface World {
    /** Whether the proxy's stream is open. */
    boolean connected(String proxyId);

    /** Proxies of {@code among} that refuse what they are told. */
    List<String> refusing(Collection<String> among);

    /** What the last {@code window} brought to and from the workloads of these proxies. */
    Gate.Measured measured(Collection<String> proxies, Duration window);

    /** Somebody's order is another. */
    void ordersChanged();
  }

  private Patches(PatchFile file, PatchBook book, World world, InstantSource clock, Pause pause) {
    this.file = file;
    this.book = book;
    this.world = world;
    this.clock = clock;
    this.pause = pause;
    this.ticking = Thread.ofVirtual().name("patches").unstarted(this::tickAlways);
  }

  /**
   * Goes on with what is in {@code file}.
   *
   * @throws IOException where it does not read
   */
  public static Patches open(Path file, World world, InstantSource clock, Pause pause)
      throws IOException {
    PatchFile kept = new PatchFile(file);
    return new Patches(kept, kept.read(), world, clock, pause);
  }

  @Override
  public void start() {
    ticking.start();
  }

  @Override
  public Optional<RuntimeOrder> order(String proxyId) {
    return book.order(proxyId);
  }

  @Override
  public synchronized Optional<Set<String>> needed() {
    Set<String> needed = new HashSet<>(book.digests());
    reports.values().forEach(report -> needed.add(report.runningDigest()));
    return Optional.of(needed);
  }

  @Override
  public List<PatchState> all() {
    return book.patches();
  }

  @Override
  public synchronized Map<String, RuntimeReport> reports() {
    return Map.copyOf(reports);
  }

  @Override
  public synchronized Map<String, Long> generations() {
    Map<String, Long> highest = new TreeMap<>(book.generations());
    reports.forEach((proxy, report) -> highest.merge(proxy, report.generation(), Math::max));
    return highest;
  }

  @Override
  public synchronized Beginning begin(PatchPlan plan) throws IOException {
    Beginning beginning = book.begin(plan, clock.millis());
    if (beginning instanceof Beginning.Begun(PatchBook next, PatchState patch)) {
      put(next);
    }
    return beginning;
  }

  @Override
  public synchronized void ask(String id, PatchEvent event) throws IOException {
    put(book.next(id, event, clock.millis()));
  }

  @Override
  public synchronized void reported(RuntimeReport report) throws IOException {
    put(book.next(new PatchEvent.Reported(report), clock.millis()));
    reports.put(report.proxyId(), report);
  }

  /** Looks at connections, measurements and the time. */
  public synchronized void tick() throws IOException {
    PatchBook next = book;
    long now = clock.millis();
    for (PatchState patch : book.patches()) {
      if (!patch.phase().over()) {
        for (PatchEvent event : seen(patch)) {
          next = next.next(patch.plan().id(), event, now);
        }
      }
    }
    put(next);
  }

  private List<PatchEvent> seen(PatchState patch) {
    List<PatchEvent> events = new ArrayList<>();
    patch
        .members()
        .forEach((proxy, member) -> {
          boolean connected = world.connected(proxy);
          if (connected != member.connected()) {
            events.add(new PatchEvent.Connected(proxy, connected));
          }
        });
    List<String> touched = new ArrayList<>(patch.standing(Standing.PATCHED));
    touched.addAll(patch.standing(Standing.ORDERED));
    if (!touched.isEmpty()) {
      events.add(new PatchEvent.Judged(judged(patch, touched)));
    }
    events.add(new PatchEvent.Ticked());
    return events;
  }

  private PatchEvent.Verdict judged(PatchState patch, List<String> touched) {
    List<String> refusing = world.refusing(patch.standing(Standing.PATCHED));
    if (!refusing.isEmpty()) {
      return new PatchEvent.Verdict.Ill(
          refusing.getFirst() + " refuses its configuration since it runs the new runtime");
    }
    Gate gate = patch.plan().gate();
    return gate.judge(world.measured(touched, gate.window()));
  }

  /** Kept, then told. */
  private void put(PatchBook next) throws IOException {
    PatchBook before = book;
    if (next.equals(before)) {
      return;
    }
    file.write(next);
    book = next;
    log(before, next);
    world.ordersChanged();
  }

  private static void log(PatchBook before, PatchBook after) {
    for (PatchState patch : after.patches()) {
      Optional<PatchState> was = before.find(patch.plan().id());
      if (was.isEmpty() || was.get().phase() != patch.phase() || was.get().wave() != patch.wave()) {
        LOG.log(
            System.Logger.Level.INFO,
            "patch {0} to {1}: {2}, wave {3} of {4}{5}",
            patch.plan().id(),
            patch.plan().target().version(),
            patch.phase(),
            patch.wave() + 1,
            patch.plan().waves().size(),
            patch.problem().isEmpty() ? "" : ": " + patch.problem());
      }
    }
  }

  private void tickAlways() {
    try {
      while (true) {
        pause.pause(TICK);
        try {
          tick();
        } catch (IOException | RuntimeException failed) {
          LOG.log(System.Logger.Level.ERROR, "patches stand still: {0}", failed.toString());
        }
      }
    } catch (InterruptedException closed) {
      // By close.
    }
  }

  @Override
  public void close() {
    ticking.interrupt();
  }
}
