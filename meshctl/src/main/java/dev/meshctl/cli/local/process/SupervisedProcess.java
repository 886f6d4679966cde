package dev.meshctl.cli.local.process;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One process that is to run: started, asked whether it serves, started again when it dies.
 *
 * <pre>
 *   STARTING --serves--> READY --fails 3 probes--> STARTING
 *      |                   |
 *      +------dies---------+--> DEAD --backoff--> STARTING          stop from anywhere --> STOPPED
 * </pre>
 *
 * <p>One that may be replaced by a next generation of itself stays READY meanwhile; its process id
 * changes.
 *
 * <p>Thread: a virtual thread of its own does all; {@link #state} and {@link #stop} from any.
 */
public final class SupervisedProcess {
  private static final Duration QUICK = Duration.ofMillis(40);
  private static final Duration CALM = Duration.ofSeconds(1);
  private static final int FAILURES_TOLERATED = 3;
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private final String name;
  private final Starting starting;
  private final Optional<Generations> generations;
  private final ReadinessProbe probe;
  private final ChildProcesses children;
  private final Semaphore startSlots;
  private final Runnable onChange;
  private final CountDownLatch ended = new CountDownLatch(1);
  private volatile State state = new State(Phase.STARTING, 0, 0, "");
  private volatile boolean stopping;
  private volatile @Nullable Process process;
  private @Nullable Thread watcher;

  public enum Phase {
    STARTING,
    READY,
    /** Waits for its next start. */
    DEAD,
    STOPPED
  }

  /**
   * @param pid 0 while there is none
   * @param restarts after deaths
   * @param lastExit how it ended last, empty where it never did: {@code exit code 1}, {@code killed
   *     by signal 9}
   */
  public record State(Phase phase, long pid, int restarts, String lastExit) {}

  /**
   * @param spec made anew for each start; blocks until the process may start
   * @param startSlots one is held from start to readiness, so that a machine with few cores starts
   *     some at a time rather than all slowly
   * @param onChange called after each change of state, on the watcher's thread
   */
  public SupervisedProcess(
      String name,
      Callable<ProcessSpec> spec,
      ReadinessProbe probe,
      ChildProcesses children,
      Semaphore startSlots,
      Runnable onChange) {
    this(
        name,
        slots -> {
          ProcessSpec next = spec.call();
          slots.acquire();
          return children.start(next);
        },
        Optional.empty(),
        probe,
        children,
        startSlots,
        onChange);
  }

  /** One that may start its next generation beside itself. */
  public SupervisedProcess(
      String name,
      Generations generations,
      ReadinessProbe probe,
      ChildProcesses children,
      Semaphore startSlots,
      Runnable onChange) {
    this(
        name,
        slots -> {
          slots.acquire();
          return generations.begin();
        },
        Optional.of(generations),
        probe,
        children,
        startSlots,
        onChange);
  }

  /** Starts the process, with a slot in hand. */
  private interface Starting {
    Process start(Semaphore slots) throws Exception;
  }

  private SupervisedProcess(
      String name,
      Starting starting,
      Optional<Generations> generations,
      ReadinessProbe probe,
      ChildProcesses children,
      Semaphore startSlots,
      Runnable onChange) {
    this.name = name;
    this.starting = starting;
    this.generations = generations;
    this.probe = probe;
    this.children = children;
    this.startSlots = startSlots;
    this.onChange = onChange;
  }

  public String name() {
    return name;
  }

  public State state() {
    return state;
  }

  public synchronized void start() {
    if (watcher == null && !stopping) {
      watcher = Thread.ofVirtual().name(name).start(this::run);
    }
  }

  /** Ends the process, waits for that. */
  public void stop() {
    stopping = true;
    Thread thread;
    synchronized (this) {
      thread = watcher;
    }
    if (thread == null) {
      change(new State(Phase.STOPPED, 0, state.restarts(), state.lastExit()));
      return;
    }
    generations.ifPresent(Generations::close);
    Process running = process;
    if (running != null) {
      // One that has just taken over may not be known here yet.
      Process serving = generations.flatMap(Generations::present).orElse(running);
      children.stop(serving, PATIENCE);
      if (running != serving) {
        children.stop(running, PATIENCE);
      }
    }
    thread.interrupt();
    try {
      ended.await(PATIENCE.toSeconds() + 3, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    RestartBackoff backoff = RestartBackoff.FRESH;
    try {
      while (!stopping) {
        long born = System.nanoTime();
        String exit = live();
        if (stopping) {
          break;
        }
        backoff = backoff.afterDeath(Duration.ofNanos(System.nanoTime() - born));
        change(new State(Phase.DEAD, 0, state.restarts() + 1, exit));
        Thread.sleep(backoff.delay());
      }
    } catch (InterruptedException stopped) {
      // By stop.
    } finally {
      Process left = process;
      if (left != null) {
        children.stop(left, Duration.ZERO);
        children.ended(left);
      }
      change(new State(Phase.STOPPED, 0, state.restarts(), state.lastExit()));
      ended.countDown();
    }
  }

  /** One life; returns how it ended. */
  private String live() throws InterruptedException {
    boolean slot = false;
    try {
      Process running = starting.start(startSlots);
      slot = true;
      process = running;
      if (stopping) {
        return "";
      }
      change(new State(Phase.STARTING, running.pid(), state.restarts(), state.lastExit()));
      int failures = 0;
      while (true) {
        if (running.waitFor(pause().toMillis(), TimeUnit.MILLISECONDS)) {
          Process dead = running;
          Optional<Process> heir = generations.flatMap(each -> each.heirOf(dead));
          if (heir.isEmpty()) {
            break;
          }
          children.ended(running);
          running = heir.get();
        } else {
          running = generations.flatMap(Generations::present).orElse(running);
        }
        if (running != process) {
          process = running;
          change(new State(state.phase(), running.pid(), state.restarts(), state.lastExit()));
        }
        if (probe.serves()) {
          failures = 0;
          if (state.phase() != Phase.READY) {
            change(new State(Phase.READY, running.pid(), state.restarts(), state.lastExit()));
          }
          if (slot) {
            startSlots.release();
            slot = false;
          }
        } else if (state.phase() == Phase.READY && ++failures >= FAILURES_TOLERATED) {
          change(new State(Phase.STARTING, running.pid(), state.restarts(), state.lastExit()));
        }
      }
      process = null;
      children.ended(running);
      return described(running.exitValue());
    } catch (IOException failed) {
      return "could not be started: " + failed.getMessage();
    } catch (InterruptedException stopped) {
      throw stopped;
    } catch (Exception failed) {
      return "could not be started: " + failed;
    } finally {
      if (slot) {
        startSlots.release();
      }
    }
  }

  private Duration pause() {
    return state.phase() == Phase.READY ? CALM : QUICK;
  }

  private void change(State next) {
    if (!next.equals(state)) {
      state = next;
      onChange.run();
    }
  }

  /** As a shell counts: 128 and the signal. */
  static String described(int exitValue) {
    return exitValue > 128 && exitValue < 160
        ? "killed by signal " + (exitValue - 128)
        : "exit code " + exitValue;
  }
}
