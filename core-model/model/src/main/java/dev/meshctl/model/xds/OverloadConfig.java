package dev.meshctl.model.xds;

import java.time.Duration;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * {@code envoy.config.overload.v3.OverloadManager}: when the process protects itself.
 *
 * @param refreshInterval between two looks at the memory
 * @param maxMemoryBytes of heap and buffers together that count as full: {@code
 *     fixed_heap.max_heap_size_bytes}; 0 is what the process may have
 * @param maxConnections of clients at a time: {@code max_active_downstream_connections}; 0 is as
 *     many as its open files allow
 * @param actions taken as the memory fills
 */
public record OverloadConfig(
    Duration refreshInterval,
    long maxMemoryBytes,
    long maxConnections,
    Map<Action, List<Trigger>> actions) {

  /** In force where none is configured. */
  public static final OverloadConfig DEFAULT =
      new OverloadConfig(
          Duration.ofSeconds(1),
          0,
          0,
          Map.of(
              Action.DISABLE_KEEPALIVE, List.of(Trigger.at(0.92)),
              Action.STOP_ACCEPTING_REQUESTS, List.of(Trigger.at(0.95)),
              Action.STOP_ACCEPTING_CONNECTIONS, List.of(Trigger.at(0.98))));

  public OverloadConfig {
    Map<Action, List<Trigger>> copy = new EnumMap<>(Action.class);
    actions.forEach((action, triggers) -> copy.put(action, List.copyOf(triggers)));
    actions = Collections.unmodifiableMap(copy);
  }

  /** What is done; each for a share of the cases between the ends of a trigger. */
  public enum Action {
    /** Requests are answered with 503. */
    STOP_ACCEPTING_REQUESTS,
    /** Answers end their connections. */
    DISABLE_KEEPALIVE,
    /** Listeners leave new connections in the kernel's queue; only when wholly on. */
    STOP_ACCEPTING_CONNECTIONS,
    /** New connections are closed. */
    REJECT_CONNECTIONS
  }

  /**
   * When an action is taken.
   *
   * @param from share of the memory, 0 to 1, from which it begins
   * @param full share from which it is wholly on; the same as {@code from} for a threshold
   */
  public record Trigger(double from, double full) {
    public static Trigger at(double threshold) {
      return new Trigger(threshold, threshold);
    }

    /** How far the action is on at {@code pressure}, 0 to 1. */
    public double at(OverloadReading reading) {
      double pressure = reading.memory();
      if (pressure >= full) {
        return 1;
      }
      return pressure <= from ? 0 : (pressure - from) / (full - from);
    }
  }

  /**
   * A look at what is scarce.
   *
   * @param memory in use of what there may be, 0 is none
   */
  public record OverloadReading(double memory) {}

  /** The farthest that any trigger of {@code action} goes. */
  public double level(Action action, OverloadReading reading) {
    double level = 0;
    for (Trigger trigger : actions.getOrDefault(action, List.of())) {
      level = Math.max(level, trigger.at(reading));
    }
    return level;
  }

  /** Below it no action is taken. */
  public double lowestTrigger() {
    return actions.values().stream()
        .flatMap(List::stream)
        .mapToDouble(Trigger::from)
        .min()
        .orElse(Double.MAX_VALUE);
  }
}
