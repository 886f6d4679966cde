package dev.meshctl.dataplane.resilience;

import dev.meshctl.model.xds.ClusterConfig.Enforcing;
import dev.meshctl.model.xds.ClusterConfig.OutlierDetection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;

/**
 * Ejects hosts that fail several times in a row (Envoy's {@code consecutive_5xx}, {@code
 * consecutive_gateway_failure}, {@code consecutive_local_origin_failure}), and at each check those
 * that failed too often since the last one ({@link OutlierRates}), for {@code baseEjectionTime}
 * times the number of ejections lately, at most {@code maxEjectionTime}. Never more than {@code
 * maxEjectionPercent} of the hosts at once.
 *
 * <p>Thread: one event loop. Time: nanoseconds of any clock that does not go back.
 */
public final class OutlierDetector {
  private final Set<Track> tracks = new LinkedHashSet<>();
  private final RandomGenerator dice;
  private Optional<OutlierDetection> config;
  private long nextCheckNanos;
  private int ejected;
  private long ejections;

  /**
   * @param config empty never ejects
   * @param dice for what is enforced in a part of the cases only
   */
  public OutlierDetector(Optional<OutlierDetection> config, RandomGenerator dice, long nowNanos) {
    this.dice = dice;
    this.config = config;
    this.nextCheckNanos = nowNanos + intervalNanos();
  }

  /** What is known of one host. */
  public static final class Track {
    private int consecutive5xx;
    private int consecutiveGatewayErrors;
    private int consecutiveLocalOrigin;
    private long successes;
    private long failures;
    private int ejections;
    private boolean ejected;
    private boolean closed;
    private long ejectedAtNanos;

    private Track() {}

    public boolean isEjected() {
      return ejected;
    }

    /** Lately: each check in health takes one off. */
    public int ejections() {
      return ejections;
    }
  }

  /** How a try ended, as a detector sees it. */
  public enum Outcome {
    SUCCESS,
    /** An answer of 500, 501 or above 504, or a failed gRPC call that maps to it. */
    SERVER_ERROR,
    /** 502, 503, 504. */
    GATEWAY_ERROR,
    /** No answer: connection failed or lost, time-out; counts as a gateway error. */
    LOCAL_ORIGIN;

    /** The outcome of an answer with {@code status}. */
    public static Outcome ofStatus(int status) {
      if (status < 500) {
        return SUCCESS;
      }
      return status >= 502 && status <= 504 ? GATEWAY_ERROR : SERVER_ERROR;
    }
  }

  /** New settings; ejected hosts stay so until the next check. */
  public void update(Optional<OutlierDetection> config) {
    this.config = config;
  }

  /** Watches one host more. */
  public Track open() {
    Track track = new Track();
    tracks.add(track);
    return track;
  }

  /** The host of {@code track} is gone. */
  public void close(Track track) {
    track.closed = true;
    if (tracks.remove(track) && track.ejected) {
      ejected--;
    }
  }

  /** Counts the end of a try; true where the host has just been ejected. */
  public boolean report(Track track, Outcome outcome, long nowNanos) {
    if (config.isEmpty() || track.closed) {
      return false;
    }
    OutlierDetection limits = config.get();
    boolean local = outcome == Outcome.LOCAL_ORIGIN;
    if (local && limits.localOrigin().split()) {
      track.consecutiveLocalOrigin++;
    } else {
      count(track, outcome);
    }
    Enforcing enforcing = limits.enforcing();
    int chance = 0;
    if (reached(track.consecutive5xx, limits.consecutive5xx())) {
      chance = enforcing.consecutive5xx();
    }
    if (reached(track.consecutiveGatewayErrors, limits.consecutiveGatewayErrors())) {
      chance = Math.max(chance, enforcing.gatewayErrors());
    }
    if (reached(track.consecutiveLocalOrigin, limits.localOrigin().consecutive())) {
      chance = Math.max(chance, enforcing.localOrigin());
    }
    if (chance == 0 || track.ejected) {
      return false;
    }
    if (chance < 100 && dice.nextInt(100) >= chance) {
      countAnew(track);
      return false;
    }
    return eject(track, limits, nowNanos);
  }

  private static void count(Track track, Outcome outcome) {
    // An answer, whichever, shows that the host can be reached.
    track.consecutiveLocalOrigin = 0;
    switch (outcome) {
      case SUCCESS -> {
        track.consecutive5xx = 0;
        track.consecutiveGatewayErrors = 0;
        track.successes++;
      }
      case SERVER_ERROR -> {
        track.consecutive5xx++;
        track.consecutiveGatewayErrors = 0;
        track.failures++;
      }
      case GATEWAY_ERROR, LOCAL_ORIGIN -> {
        track.consecutive5xx++;
        track.consecutiveGatewayErrors++;
        track.failures++;
      }
    }
  }

  private static boolean reached(int count, int limit) {
    return limit > 0 && count >= limit;
  }

  private static void countAnew(Track track) {
    track.consecutive5xx = 0;
    track.consecutiveGatewayErrors = 0;
    track.consecutiveLocalOrigin = 0;
  }

  private boolean eject(Track track, OutlierDetection limits, long nowNanos) {
    // Each detector's count starts anew, whether or not the ejection is let through.
    countAnew(track);
    if (100L * (ejected + 1) > (long) limits.maxEjectionPercent() * tracks.size()) {
      return false;
    }
    track.ejected = true;
    track.ejectedAtNanos = nowNanos;
    track.ejections++;
    ejected++;
    ejections++;
    return true;
  }

  /** To be called now and then; true where a host has come back, or been ejected. */
  public boolean check(long nowNanos) {
    if (nowNanos - nextCheckNanos < 0) {
      return false;
    }
    nextCheckNanos = nowNanos + intervalNanos();
    boolean changed = config.isPresent() && ejectByRates(config.get(), nowNanos);
    for (Track track : tracks) {
      track.successes = 0;
      track.failures = 0;
      if (!track.ejected) {
        track.ejections = Math.max(0, track.ejections - 1);
      } else if (config.isEmpty() || served(track, config.get(), nowNanos)) {
        track.ejected = false;
        ejected--;
        changed = true;
      }
    }
    return changed;
  }

  private boolean ejectByRates(OutlierDetection limits, long nowNanos) {
    boolean successRate = limits.successRate().enforcingPercent() > 0;
    boolean percentage = limits.failurePercentage().enforcingPercent() > 0;
    if (!successRate && !percentage) {
      return false;
    }
    List<Track> all = List.copyOf(tracks);
    long[] successes = all.stream().mapToLong(track -> track.successes).toArray();
    long[] failures = all.stream().mapToLong(track -> track.failures).toArray();
    boolean changed = false;
    if (successRate) {
      int chance = limits.successRate().enforcingPercent();
      for (int i : OutlierRates.bySuccess(limits.successRate(), successes, failures)) {
        changed |= ejectAtChance(all.get(i), chance, limits, nowNanos);
      }
    }
    if (percentage) {
      int chance = limits.failurePercentage().enforcingPercent();
      for (int i : OutlierRates.byFailures(limits.failurePercentage(), successes, failures)) {
        changed |= ejectAtChance(all.get(i), chance, limits, nowNanos);
      }
    }
    return changed;
  }

  private boolean ejectAtChance(Track track, int percent, OutlierDetection limits, long nowNanos) {
    return !track.ejected && dice.nextInt(100) < percent && eject(track, limits, nowNanos);
  }

  private static boolean served(Track track, OutlierDetection limits, long nowNanos) {
    long base = limits.baseEjectionTime().toNanos();
    long most = Math.max(base, limits.maxEjectionTime().toNanos());
    long term = base > most / track.ejections ? most : base * track.ejections;
    return nowNanos - track.ejectedAtNanos >= term;
  }

  private long intervalNanos() {
    return config.map(settings -> settings.interval().toNanos()).orElse(10_000_000_000L);
  }

  /** Hosts ejected now. */
  public int ejected() {
    return ejected;
  }

  /** Ejections ever. */
  public long ejections() {
    return ejections;
  }

  /** Nanoseconds until {@link #check} can change anything, at least 0. */
  public long nanosToCheck(long nowNanos) {
    return Math.max(0, nextCheckNanos - nowNanos);
  }
}
