package dev.meshctl.cli.local.process;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Lets a process start its next generation beside itself, as the supervisor of a container does and
 * in the same words ({@code proxy-runtime/supervisor}, {@code docs/adr/0019}):
 *
 * <pre>
 *            start              ready                watch over
 *   ALONE ----------> STARTING --------> WATCHING ----------------> ALONE, of the next one
 *     ^                  |                  |
 *     +--- dies, hangs --+--- dies, hangs --+   the old one goes on
 * </pre>
 *
 * <p>Each generation has a socket of its own, so that it is known who speaks.
 *
 * <p>Thread: any.
 */
public final class Generations implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(Generations.class.getName());
  private static final Duration TICK = Duration.ofMillis(50);
  private static final Duration SILENCE = Duration.ofSeconds(10);
  private static final Duration GOODBYE = Duration.ofSeconds(5);
  private static final int PAGE_BYTES = 4096;

  private enum Phase {
    ALONE,
    STARTING,
    WATCHING
  }

  private final Setting setting;
  private final ChildProcesses children;
  private final List<Life> leaving = new ArrayList<>();
  private Phase phase = Phase.ALONE;
  private @Nullable Life present;
  private @Nullable Life next;
  private Optional<Path> lastGood = Optional.empty();
  private long lastGeneration;
  private long deadlineNanos;
  private Duration watch = Duration.ZERO;
  private Duration drain = Duration.ZERO;
  private long overlapBytes;
  private boolean ticking;
  private boolean closed;

  /** How a generation is started. */
  @FunctionalInterface
  public interface Specs {
    /**
     * @param runtime folder of an unpacked runtime; empty for what is installed
     * @param environment to be added
     */
    ProcessSpec of(Optional<Path> runtime, Map<String, String> environment) throws Exception;
  }

  /**
   * What stays the same.
   *
   * @param folder of ours alone; short, because sockets are in it
   * @param installed the folder of the installation, by which an order names it
   * @param trustedKeys PEM of who may sign runtimes
   */
  public record Setting(String name, Path folder, Path installed, Path trustedKeys, Specs specs) {}

  private static final class Life {
    private final long generation;
    private final Optional<Path> runtime;
    private final ServerSocketChannel socket;
    private @Nullable Process process;
    private @Nullable SocketChannel line;
    private long heardNanos;
    private boolean heard;
    private long killNanos;

    Life(long generation, Optional<Path> runtime, ServerSocketChannel socket) {
      this.generation = generation;
      this.runtime = runtime;
      this.socket = socket;
    }

    boolean alive() {
      return process != null && process.isAlive();
    }
  }

  public Generations(Setting setting, ChildProcesses children) {
    this.setting = setting;
    this.children = children;
  }

  /** Starts the last good one alone. */
  synchronized Process begin() throws Exception {
    if (next != null) {
      end(next);
      next = null;
      phase = Phase.ALONE;
    }
    Life life = start(lastGeneration, lastGood, Optional.empty());
    present = life;
    return Objects.requireNonNull(life.process);
  }

  /** Who serves. */
  synchronized Optional<Process> present() {
    return present == null ? Optional.empty() : Optional.ofNullable(present.process);
  }

  /** Who serves when {@code dead} does no more: a next one that has taken over. */
  synchronized Optional<Process> heirOf(Process dead) {
    Life serving = present;
    if (serving != null && serving.process != dead && serving.alive()) {
      return Optional.ofNullable(serving.process);
    }
    if (phase == Phase.WATCHING && next != null && next.alive()) {
      settle();
      return present();
    }
    return Optional.empty();
  }

  private Life start(long generation, Optional<Path> runtime, Optional<Life> before)
      throws Exception {
    Files.createDirectories(setting.folder());
    Path at = setting.folder().resolve("s." + generation);
    Files.deleteIfExists(at);
    ServerSocketChannel socket = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    socket.bind(UnixDomainSocketAddress.of(at));
    Life life = new Life(generation, runtime, socket);
    Map<String, String> environment = new LinkedHashMap<>();
    environment.put("MESHCTL_SUPERVISOR", at.toString());
    environment.put("MESHCTL_GENERATION", Long.toString(generation));
    environment.put("MESHCTL_HANDOVER", handOver(generation));
    before.ifPresent(old -> environment.put("MESHCTL_PREDECESSOR", handOver(old.generation)));
    environment.put("MESHCTL_RUNTIME", runtime.orElse(setting.installed()).toString());
    environment.put("MESHCTL_SHIPPED", setting.installed().toString());
    environment.put("MESHCTL_STATE", setting.folder().resolve("state").toString());
    environment.put("MESHCTL_TRUSTED_KEYS", setting.trustedKeys().toString());
    try {
      Process process = children.start(setting.specs().of(runtime, environment));
      life.process = process;
      var unused = process.onExit().thenAccept(ended -> died(life));
    } catch (Exception notStarted) {
      socket.close();
      throw notStarted;
    }
    Thread.ofVirtual().name(setting.name() + "-line").start(() -> listen(life));
    return life;
  }

  private String handOver(long generation) {
    return setting.folder().resolve("h." + generation).toString();
  }

  // ---- lines

  private void listen(Life life) {
    try (ServerSocketChannel socket = life.socket) {
      while (true) {
        SocketChannel line = socket.accept();
        synchronized (this) {
          life.line = line;
        }
        BufferedReader lines = new BufferedReader(Channels.newReader(line, StandardCharsets.UTF_8));
        for (String text = lines.readLine(); text != null; text = lines.readLine()) {
          heard(life, text);
        }
      }
    } catch (IOException ended) {
      // With its process, or with us.
    }
  }

  private static void tell(@Nullable Life to, String text) {
    if (to == null || to.line == null) {
      return;
    }
    try {
      to.line.write(ByteBuffer.wrap((text + "\n").getBytes(StandardCharsets.UTF_8)));
    } catch (IOException gone) {
      // Its end is noticed elsewhere.
    }
  }

  private synchronized void heard(Life from, String text) {
    from.heard = true;
    from.heardNanos = System.nanoTime();
    if (text.equals("ready")) {
      ready(from);
    } else if (text.startsWith("start ")) {
      order(from, text.substring("start ".length()));
    } else if (text.startsWith("giveup ") && from == next) {
      takeBack(text.substring("giveup ".length()), true);
    }
  }

  private void ready(Life life) {
    if (life == next && phase == Phase.STARTING) {
      phase = Phase.WATCHING;
      deadlineNanos = System.nanoTime() + watch.toNanos();
      tell(present, "ready " + life.generation);
      tell(present, "retire " + drain.toMillis());
      if (watch.isZero()) {
        settle();
      }
    }
  }

  private void order(Life from, String rest) {
    String[] words = rest.split(" ", 6);
    long generation;
    Duration ready;
    try {
      generation = Long.parseLong(words[0]);
      if (from != present || phase != Phase.ALONE || closed) {
        tell(from, "failed " + generation + " 0 another generation is on its way");
        return;
      }
      if (generation <= from.generation) {
        tell(
            from,
            "failed "
                + generation
                + " 0 it is not above the present generation "
                + from.generation);
        return;
      }
      ready = Duration.ofMillis(Long.parseLong(words[1]));
      drain = Duration.ofMillis(Long.parseLong(words[2]));
      watch = Duration.ofMillis(Long.parseLong(words[3]));
      long needed = Long.parseLong(words[4]);
      long available = available();
      if (available >= 0 && needed > available) {
        tell(
            from,
            "failed %d 0 memory: %d bytes are available, and the new process needs %d beside the old one"
                .formatted(generation, available, needed));
        return;
      }
      Path folder = Path.of(words[5]);
      overlapBytes = 0;
      next =
          start(
              generation,
              folder.equals(setting.installed()) ? Optional.empty() : Optional.of(folder),
              Optional.of(from));
    } catch (IllegalArgumentException | IndexOutOfBoundsException malformed) {
      tell(from, "failed 0 0 not understood: " + rest);
      return;
    } catch (Exception notStarted) {
      tell(from, "failed " + words[0] + " 0 no process could be made: " + notStarted.getMessage());
      return;
    }
    phase = Phase.STARTING;
    deadlineNanos = System.nanoTime() + ready.toNanos();
    tell(from, "started " + generation);
    tick();
  }

  // ---- the order of things

  /**
   * @param mayDrain whether it is still of its senses, and may end what it has begun while the old
   *     one takes what is new
   */
  private void takeBack(String why, boolean mayDrain) {
    Life failed = Objects.requireNonNull(next);
    boolean hadTakenOver = phase == Phase.WATCHING;
    LOG.log(
        System.Logger.Level.WARNING,
        "{0}: generation {1} failed: {2}",
        setting.name(),
        failed.generation,
        why);
    next = null;
    phase = Phase.ALONE;
    if (hadTakenOver) {
      tell(present, "resume");
    }
    if (hadTakenOver && mayDrain && present != null && present.alive()) {
      tell(failed, "retire " + drain.toMillis());
      sendAway(failed);
    } else {
      end(failed);
    }
    tell(
        present,
        "%s %d %d %s"
            .formatted(
                hadTakenOver ? "rolledback" : "failed", failed.generation, overlapBytes, why));
  }

  private void settle() {
    Life old = present;
    Life settled = Objects.requireNonNull(next);
    present = settled;
    next = null;
    phase = Phase.ALONE;
    lastGood = settled.runtime;
    lastGeneration = settled.generation;
    tell(settled, "settled " + settled.generation + " " + overlapBytes);
    if (old != null && old.alive()) {
      sendAway(old);
    }
  }

  private void sendAway(Life life) {
    tell(life, "leave");
    life.killNanos = System.nanoTime() + drain.plus(GOODBYE).toNanos();
    leaving.add(life);
  }

  private synchronized void died(Life life) {
    try {
      life.socket.close();
    } catch (IOException gone) {
      // As wanted.
    }
    if (life.process != null) {
      children.ended(life.process);
    }
    leaving.remove(life);
    if (life == next) {
      takeBack(
          "it ended with "
              + Objects.requireNonNull(life.process).exitValue()
              + (phase == Phase.STARTING ? " before it was ready" : " within the watch period"),
          false);
    }
  }

  private static void end(Life life) {
    if (life.process != null) {
      life.process.destroyForcibly();
    }
  }

  private void tick() {
    if (!ticking) {
      ticking = true;
      Thread.ofVirtual().name(setting.name() + "-generations").start(this::run);
    }
  }

  private void run() {
    try {
      while (onTime()) {
        Thread.sleep(TICK);
      }
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    }
  }

  private synchronized boolean onTime() {
    long now = System.nanoTime();
    Life coming = next;
    if (coming != null) {
      overlapBytes = Math.max(overlapBytes, resident(present) + resident(coming));
      if (phase == Phase.STARTING && now - deadlineNanos >= 0) {
        takeBack("it was not ready in time", false);
      } else if (phase == Phase.WATCHING
          && coming.heard
          && now - coming.heardNanos > SILENCE.toNanos()) {
        takeBack("it hangs: nothing was heard of it", false);
      } else if (phase == Phase.WATCHING && now - deadlineNanos >= 0) {
        settle();
      }
    }
    for (Life each : leaving) {
      if (now - each.killNanos >= 0) {
        end(each);
      }
    }
    ticking = !closed && (phase != Phase.ALONE || !leaving.isEmpty());
    return ticking;
  }

  private static long resident(@Nullable Life life) {
    if (life == null || life.process == null) {
      return 0;
    }
    try {
      String statm = Files.readString(Path.of("/proc/" + life.process.pid() + "/statm"));
      return Long.parseLong(statm.split(" ")[1]) * PAGE_BYTES;
    } catch (IOException | RuntimeException gone) {
      return 0;
    }
  }

  /** Of the machine; -1 where it does not say. */
  private static long available() {
    try {
      for (String line : Files.readAllLines(Path.of("/proc/meminfo"))) {
        if (line.startsWith("MemAvailable:")) {
          return Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024;
        }
      }
    } catch (IOException | NumberFormatException unknown) {
      return -1;
    }
    return -1;
  }

  /** Ends all but the one that serves, which its owner ends. */
  @Override
  public void close() {
    List<Life> others = new ArrayList<>();
    synchronized (this) {
      closed = true;
      others.addAll(leaving);
      if (next != null) {
        others.add(next);
        next = null;
        phase = Phase.ALONE;
      }
    }
    others.forEach(Generations::end);
  }
}
