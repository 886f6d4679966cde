package dev.meshctl.app.patch;

import dev.meshctl.bundle.BundleStore;
import dev.meshctl.bundle.Host;
import dev.meshctl.bundle.TrustedKey;
import dev.meshctl.bundle.VerifiedBundle;
import dev.meshctl.model.patch.RuntimeReport;
import dev.meshctl.model.patch.RuntimeReport.Stage;
import dev.meshctl.model.xds.RuntimeOrder;
import dev.meshctl.model.xds.RuntimeOrder.Target;
import dev.meshctl.net.retry.Pause;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Follows orders, one at a time, and reports.
 *
 * <pre>
 *   the old process:  FETCHING - VERIFYING - UNPACKING - STARTING - HANDING_OVER
 *                          \         \          \           \            \
 *                           +---------+----------+-----------+--> FAILED   +--> ROLLED_BACK
 *   the new process:                                              WATCHING - DONE
 * </pre>
 *
 * <p>An order that was followed, well or not, is not followed again. One that comes while a process
 * takes another's place waits for its end; but if it is to go back, the new process gives up at
 * once: the old one is still there, which is faster than to start a third.
 *
 * <p>Thread: any; it works on virtual threads of its own.
 */
public final class OrderFollower implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(OrderFollower.class.getName());
  private static final String SUPERVISOR_GONE = "the supervisor is gone";
  private static final Duration LAST_WORDS = Duration.ofSeconds(2);
  private static final long WORTH_TELLING_BYTES = 32L << 20;
  private static final Pattern PEM =
      Pattern.compile("-----BEGIN PUBLIC KEY-----.*?-----END PUBLIC KEY-----", Pattern.DOTALL);

  private final String proxyId;
  private final Generation generation;
  private final RunningRuntime running;
  private final SupervisorLine line;
  private final BundleClient client;
  private final Reports reports;
  private final InstantSource clock;
  private final LongSupplier roomBytes;
  private FollowedOrder followed;
  private Stage stage = Stage.RUNNING;
  private String reason = "";
  private long overlapBytes;
  private @Nullable Thread working;
  private @Nullable RuntimeOrder waiting;
  private boolean settled;

  /**
   * Waiting, chance, time, and memory.
   *
   * @param roomBytes that the container's limit leaves, or {@link RuntimeReport#UNLIMITED}
   */
  public record Surroundings(
      Pause pause, RandomGenerator dice, InstantSource clock, LongSupplier roomBytes) {
    /** Those of this process. */
    public static Surroundings real(RandomGenerator dice) {
      return new Surroundings(
          Thread::sleep, dice, InstantSource.system(), ContainerMemory.here()::roomBytes);
    }
  }

  private OrderFollower(
      String proxyId,
      Generation generation,
      RunningRuntime running,
      SupervisorLine line,
      BundleClient client,
      Surroundings surroundings) {
    this.proxyId = proxyId;
    this.generation = generation;
    this.running = running;
    this.line = line;
    this.client = client;
    this.clock = surroundings.clock();
    this.roomBytes = surroundings.roomBytes();
    this.reports =
        Reports.start(client, surroundings.pause(), surroundings.dice(), this::withRoomOfNow);
    this.followed = FollowedOrder.read(generation.state());
    this.settled = generation.predecessor().isEmpty();
  }

  /** Begins with a report of what runs. */
  public static OrderFollower start(
      String proxyId,
      Generation generation,
      RunningRuntime running,
      SupervisorLine line,
      BundleClient client,
      Surroundings surroundings) {
    OrderFollower follower =
        new OrderFollower(proxyId, generation, running, line, client, surroundings);
    follower.begin();
    return follower;
  }

  private synchronized void begin() {
    // Who is to take another's place says nothing before it has: the other one speaks for both.
    if (generation.predecessor().isEmpty()) {
      to(Stage.RUNNING, "");
    }
  }

  /** We have taken the place of the one before. */
  public synchronized void serving() {
    if (generation.predecessor().isPresent()) {
      to(Stage.WATCHING, "");
    }
  }

  /** What is ordered now; may be the same as before. Does not block. */
  public synchronized void order(RuntimeOrder order) {
    if (order.generation() <= Math.max(followed.generation(), generation.number())) {
      return;
    }
    if (stage == Stage.STARTING || stage == Stage.HANDING_OVER) {
      // What has begun is seen to its end.
      waiting = order;
      return;
    }
    if (!settled) {
      waiting = order;
      if (goesBack(order.target())) {
        giveUp(order);
      }
      return;
    }
    if (working != null && working.isAlive()) {
      working.interrupt();
    }
    followed = followed.follow(order.generation(), clock.millis());
    remember();
    Thread before = working;
    working =
        Thread.ofVirtual()
            .name("runtime-order-" + order.generation())
            .start(() -> follow(order, before));
  }

  private static boolean goesBack(Target target) {
    return switch (target) {
      case Target.Bundle bundle -> bundle.rollback();
      case Target.Shipped shipped -> true;
    };
  }

  private void giveUp(RuntimeOrder order) {
    try {
      line.giveUp("order " + order.generation() + " is to go back");
    } catch (IOException gone) {
      // The supervisor's end is ours.
    }
  }

  /** What came meanwhile. */
  private void goOn() {
    RuntimeOrder next = waiting;
    waiting = null;
    if (next != null) {
      order(next);
    }
  }

  private void remember() {
    try {
      Files.createDirectories(generation.state());
      followed.write(generation.state());
    } catch (IOException unwritten) {
      LOG.log(System.Logger.Level.WARNING, "order not noted: {0}", unwritten.toString());
    }
  }

  private void follow(RuntimeOrder order, @Nullable Thread before) {
    try {
      if (before != null) {
        before.join();
      }
      Start start =
          switch (order.target()) {
            case Target.Bundle bundle when bundle.digest().equals(running.digest()) -> null;
            case Target.Shipped shipped when running.digest().isEmpty() -> null;
            case Target.Bundle bundle -> bundle(bundle);
            case Target.Shipped shipped -> new Start(generation.shipped(), 0);
          };
      if (start == null) {
        to(Stage.DONE, "");
        return;
      }
      begin(order, start);
    } catch (IOException | RuntimeException failed) {
      LOG.log(System.Logger.Level.WARNING, "order {0}: {1}", order.generation(), failed.toString());
      failed(order, failed.getMessage() == null ? failed.toString() : failed.getMessage());
    } catch (InterruptedException overtaken) {
      failed(order, "another order has come");
    }
  }

  /**
   * Not where another order has come meanwhile, which unpacking does not notice: what is started
   * then would serve, and take that order for one that was followed.
   */
  private synchronized void begin(RuntimeOrder order, Start start)
      throws IOException, InterruptedException {
    if (followed.generation() != order.generation()) {
      throw new InterruptedException();
    }
    to(Stage.STARTING, "");
    try {
      line.start(
          order.generation(),
          order.limits().ready(),
          order.limits().drain(),
          order.limits().watch(),
          start.needBytes(),
          start.folder());
    } catch (IOException gone) {
      throw new IOException(SUPERVISOR_GONE, gone);
    }
  }

  /** Of an order that was overtaken nothing is said: it would be taken for the end of the other. */
  private synchronized void failed(RuntimeOrder order, String why) {
    if (followed.generation() == order.generation()) {
      to(Stage.FAILED, why);
    }
  }

  /** What is to be started. */
  private record Start(Path folder, long needBytes) {}

  private Start bundle(Target.Bundle target) throws IOException, InterruptedException {
    to(Stage.FETCHING, "");
    List<TrustedKey> trusted = trusted();
    BundleStore store = new BundleStore(generation.state().resolve("bundles"), clock);
    makeRoom(store, target);
    VerifiedBundle bundle;
    try (BundleStore.Transfer transfer = store.incoming(target.digest())) {
      if (transfer.wants()) {
        client.fetch(target.digest(), transfer);
      }
      to(Stage.VERIFYING, "");
      bundle = transfer.finish(trusted);
    }
    bundle.checkFits(Host.here());
    bundle.checkNotOlder(comparable(running.version()), target.rollback(), ranBefore());
    to(Stage.UNPACKING, "");
    Path folder = runtimes().resolve(target.digest());
    bundle.unpack(folder);
    return new Start(folder, bundle.manifest().memoryBytes());
  }

  private synchronized Set<String> ranBefore() {
    return Set.copyOf(followed.ran(running.digest()).ranBefore());
  }

  private Path runtimes() throws IOException {
    return Files.createDirectories(generation.state().resolve("runtimes"));
  }

  /**
   * Before anything comes, so that the volume holds never more than three bundles: what runs, what
   * ran before it, which is the way back, and what is coming; and of what is unpacked what runs.
   */
  private void makeRoom(BundleStore store, Target.Bundle coming) throws IOException {
    Set<String> needed = new HashSet<>(Set.of(coming.digest(), running.digest()));
    synchronized (this) {
      followed.before(running.digest()).ifPresent(needed::add);
    }
    store.collect(needed, Instant.MAX, Instant.MAX);
    clean(runtimes());
  }

  /** A build that was never given a version is older than all. */
  private static String comparable(String version) {
    return version.isEmpty() || !Character.isDigit(version.charAt(0)) ? "0" : version;
  }

  private List<TrustedKey> trusted() throws IOException {
    List<TrustedKey> keys = new ArrayList<>();
    if (Files.exists(generation.trustedKeys())) {
      Matcher each = PEM.matcher(Files.readString(generation.trustedKeys()));
      while (each.find()) {
        keys.add(TrustedKey.of(each.group()));
      }
    }
    if (keys.isEmpty()) {
      throw new IOException(
          "no key is trusted here: " + generation.trustedKeys() + " has none that signs bundles");
    }
    return keys;
  }

  /** Only what runs stays: what was unpacked is in the store, and unpacked again when needed. */
  private void clean(Path runtimes) throws IOException {
    List<Path> folders;
    try (Stream<Path> all = Files.list(runtimes)) {
      folders = all.filter(each -> !each.equals(generation.runtime())).toList();
    }
    for (Path folder : folders) {
      try (Stream<Path> files = Files.walk(folder)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.deleteIfExists(file);
        }
      }
    }
  }

  /** What the supervisor said. */
  public synchronized void told(Told told) {
    switch (told) {
      case Told.Started started -> {}
      case Told.Ready ready -> to(Stage.HANDING_OVER, "");
      case Told.Failed(long which, long bytes, String why) -> {
        overlapBytes = bytes;
        to(Stage.FAILED, why);
        goOn();
      }
      case Told.RolledBack(long which, long bytes, String why) -> {
        overlapBytes = bytes;
        to(Stage.ROLLED_BACK, why);
        goOn();
      }
      case Told.Settled(long which, long bytes) -> {
        overlapBytes = bytes;
        settled = true;
        followed = followed.ran(running.digest());
        remember();
        to(Stage.DONE, "");
        goOn();
      }
      case Told.Gone gone -> {
        // Of one that has come to serve the end says nothing: both may.
        if (stage == Stage.STARTING) {
          to(Stage.FAILED, SUPERVISOR_GONE);
        }
      }
      case Told.Retire retire -> {}
      case Told.Resume resume -> {}
      case Told.Leave leave -> {}
    }
  }

  private synchronized void to(Stage next, String why) {
    stage = next;
    reason = why;
    reports.add(
        new RuntimeReport(
            proxyId,
            followed.generation(),
            stage,
            running.version(),
            running.digest(),
            reason,
            overlapBytes,
            followed.generation() == 0
                ? Duration.ZERO
                : Duration.ofMillis(clock.millis() - followed.sinceEpochMillis()),
            roomBytes.getAsLong()));
  }

  /** Little changes are not worth a write of whoever keeps it. */
  private RuntimeReport withRoomOfNow(RuntimeReport report) {
    long now = roomBytes.getAsLong();
    return (now < 0) != (report.roomBytes() < 0)
            || Math.abs(now - report.roomBytes()) >= WORTH_TELLING_BYTES
        ? report.withRoom(now)
        : report;
  }

  /** The last report goes first. */
  @Override
  public void close() {
    Thread thread;
    synchronized (this) {
      thread = working;
    }
    if (thread != null) {
      thread.interrupt();
    }
    try {
      reports.flush(LAST_WORDS);
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    }
    reports.close();
  }
}
