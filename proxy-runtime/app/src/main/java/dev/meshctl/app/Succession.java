package dev.meshctl.app;

import dev.meshctl.app.patch.BundleClient;
import dev.meshctl.app.patch.Generation;
import dev.meshctl.app.patch.OrderFollower;
import dev.meshctl.app.patch.RunningRuntime;
import dev.meshctl.app.patch.SupervisorLine;
import dev.meshctl.app.patch.Told;
import dev.meshctl.dataplane.DataPlane;
import dev.meshctl.model.xds.ResourceType;
import dev.meshctl.model.xds.RuntimeOrder;
import dev.meshctl.model.xds.XdsSnapshot;
import dev.meshctl.net.handover.Handed;
import dev.meshctl.net.handover.Inheritance;
import dev.meshctl.net.handover.Predecessor;
import dev.meshctl.net.handover.Successors;
import dev.meshctl.net.loop.Loops;
import dev.meshctl.xdsclient.ConfigSink.Rejection;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.random.RandomGenerator;

/**
 * The place of this process among those of its proxy: takes it from the one before, and leaves it
 * to the next, as the supervisor says.
 *
 * <pre>
 *   configured - self-test - sockets of the one before - accepts - "ready" - ... - "retire" - "leave"
 *                                                            ^                        |
 *                                                            +------- "resume" -------+
 * </pre>
 *
 * <p>Thread: any; what the supervisor says comes one at a time.
 */
final class Succession implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(Succession.class.getName());
  private static final Duration SELF_TEST = Duration.ofSeconds(5);
  private static final Duration SOCKETS = Duration.ofSeconds(10);
  private static final Duration RESPONSE = Duration.ofSeconds(2);
  private static final Duration LOOK = Duration.ofMillis(50);
  private static final int GAVE_UP = 4;

  private final Generation generation;
  private final Loops loops;
  private final DataPlane dataPlane;
  private final Place place;
  private final RandomGenerator dice;
  private final AtomicBoolean first = new AtomicBoolean(true);
  private final SupervisorLine line;
  private Optional<OrderFollower> follower = Optional.empty();
  private Optional<Successors> successors = Optional.empty();
  private Optional<Predecessor> predecessor = Optional.empty();
  private boolean retired;
  private long drainUntilNanos;
  private boolean closed;

  /** What the proxy does for it. */
  interface Place {
    /** Opens what a kubelet asks, silent for now. */
    void open(Inheritance inheritance);

    /** The sockets of that. */
    List<Handed> handed();

    /** Whether it is us whom a kubelet asks. */
    void serving(boolean on);

    /** Asks for configuration, or no longer; what is in force stays. */
    void listening(boolean on);
  }

  private Succession(
      Generation generation, Loops loops, DataPlane dataPlane, Place place, RandomGenerator dice)
      throws IOException {
    this.generation = generation;
    this.loops = loops;
    this.dataPlane = dataPlane;
    this.place = place;
    this.dice = dice;
    this.line =
        SupervisorLine.connect(
            generation.supervisor(), () -> dataPlane.responds(RESPONSE), Thread::sleep, this::told);
  }

  /**
   * @throws UncheckedIOException where the supervisor does not answer
   */
  static Succession begin(
      Generation generation, Loops loops, DataPlane dataPlane, Place place, RandomGenerator dice) {
    try {
      return new Succession(generation, loops, dataPlane, place, dice);
    } catch (IOException unanswered) {
      throw new UncheckedIOException(
          new IOException(
              generation.supervisor()
                  + ": the supervisor does not answer: "
                  + unanswered.getMessage(),
              unanswered));
    }
  }

  /** Follows orders from now on. */
  synchronized void follow(String proxyId, BundleClient client) {
    OrderFollower started =
        OrderFollower.start(
            proxyId,
            generation,
            RunningRuntime.of(generation, Version.current()),
            line,
            client,
            OrderFollower.Surroundings.real(dice));
    follower = Optional.of(started);
  }

  /** A configuration has come; there may be an order in it. */
  void ordered(XdsSnapshot snapshot) {
    Optional<OrderFollower> present;
    synchronized (this) {
      present = retired ? Optional.empty() : follower;
    }
    if (snapshot.of(ResourceType.RUNTIME).get(RuntimeOrder.NAME) instanceof RuntimeOrder order) {
      present.ifPresent(each -> each.order(order));
    }
  }

  /** A configuration is in force. */
  void configured() {
    if (first.getAndSet(false)) {
      Thread.ofVirtual().name("succession").start(this::takePlace);
    }
  }

  private void takePlace() {
    try {
      if (generation.predecessor().isPresent()) {
        Optional<String> wrong = dataPlane.selfTest(SELF_TEST);
        if (wrong.isPresent()) {
          giveUp(wrong.get());
          return;
        }
        List<Rejection> refused = takeOver();
        if (!refused.isEmpty()) {
          giveUp(refused.getFirst().name() + ": " + refused.getFirst().reason());
          return;
        }
        place.serving(true);
      }
      awaitSuccessors();
      line.ready();
      synchronized (this) {
        follower.ifPresent(OrderFollower::serving);
      }
    } catch (IOException | RuntimeException failed) {
      giveUp(String.valueOf(failed.getMessage()));
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    }
  }

  private List<Rejection> takeOver() throws IOException, InterruptedException {
    Inheritance inheritance = inheritance();
    place.open(inheritance);
    return dataPlane.takeOver(inheritance);
  }

  private Inheritance inheritance() throws IOException, InterruptedException {
    Optional<Predecessor> before = Predecessor.ask(loops, generation.predecessor().orElseThrow());
    if (before.isEmpty()) {
      LOG.log(System.Logger.Level.WARNING, "the process before us is dead: nothing is inherited");
      return Inheritance.none();
    }
    synchronized (this) {
      predecessor = before;
    }
    return before.get().sockets(SOCKETS);
  }

  private void awaitSuccessors() throws IOException {
    if (!loops.transport().handsOver()) {
      return;
    }
    Files.createDirectories(generation.successors().getParent());
    Successors waiting = Successors.await(loops, generation.successors(), new Offering());
    synchronized (this) {
      successors = Optional.of(waiting);
    }
  }

  private final class Offering implements Successors.Offer {
    @Override
    public List<Handed> share() {
      List<Handed> all = new ArrayList<>(dataPlane.handOver());
      all.addAll(place.handed());
      return all;
    }

    @Override
    public void alone() {
      goOn();
    }
  }

  private void giveUp(String why) {
    LOG.log(System.Logger.Level.ERROR, "generation {0} gives up: {1}", generation.number(), why);
    try {
      line.giveUp(why);
    } catch (IOException gone) {
      // Our end says it as well.
    }
    if (generation.predecessor().isPresent()) {
      Thread.ofPlatform().name("give-up").start(() -> System.exit(GAVE_UP));
    }
  }

  private void told(Told told) {
    synchronized (this) {
      follower.ifPresent(each -> each.told(told));
    }
    switch (told) {
      case Told.Retire(Duration drain) -> retire(drain);
      case Told.Resume resume -> goOn();
      case Told.Leave leave -> Thread.ofPlatform().name("leave").start(this::leave);
      case Told.Started started -> {}
      case Told.Ready ready -> {}
      case Told.Failed failed -> {}
      case Told.RolledBack back -> {}
      case Told.Settled settled -> {}
      // We serve on; there is no next one.
      case Told.Gone gone -> {}
    }
  }

  private void retire(Duration drain) {
    synchronized (this) {
      retired = true;
      drainUntilNanos = System.nanoTime() + drain.toNanos();
    }
    LOG.log(System.Logger.Level.INFO, "generation {0} retires", generation.number());
    place.serving(false);
    dataPlane.retire();
    // Last: it waits for a change that waits for us.
    place.listening(false);
  }

  private void goOn() {
    synchronized (this) {
      if (closed) {
        return;
      }
      retired = false;
    }
    LOG.log(System.Logger.Level.INFO, "generation {0} goes on", generation.number());
    dataPlane.goOn();
    place.serving(true);
    place.listening(true);
  }

  private void leave() {
    long until;
    synchronized (this) {
      until = drainUntilNanos;
    }
    while (dataPlane.openConnections() > 0 && System.nanoTime() - until < 0) {
      LockSupport.parkNanos(LOOK.toNanos());
    }
    System.exit(0);
  }

  /** Nobody follows any more. */
  @Override
  public void close() {
    Optional<OrderFollower> following;
    Optional<Successors> waiting;
    synchronized (this) {
      closed = true;
      following = follower;
      waiting = successors;
    }
    following.ifPresent(OrderFollower::close);
    waiting.ifPresent(Successors::close);
    line.close();
  }
}
