package dev.meshctl.dataplane.observe;

import java.util.Arrays;
import java.util.stream.Collectors;

/** Envoy's response flags ({@code %RESPONSE_FLAGS%}), held as bits of a long. */
public enum ResponseFlag {
  /** No healthy upstream host. */
  UH,
  /** Upstream connection failure. */
  UF,
  /** Upstream overflow: a circuit breaker is open. */
  UO,
  /** No route. */
  NR,
  /** Upstream retry limit exceeded. */
  URX,
  /** No cluster of that name. */
  NC,
  /** Upstream request time-out. */
  UT,
  /** Upstream connection termination. */
  UC,
  /** Upstream remote reset. */
  UR,
  /** Upstream protocol error. */
  UPE,
  /** Upstream maximum stream duration. */
  UMSDR,
  /** Downstream connection termination. */
  DC,
  /** Downstream protocol error. */
  DPE,
  /** Failed local health check. */
  LH,
  /** Local reset. */
  LR,
  /** Delay injected. */
  DI,
  /** Fault (abort) injected. */
  FI,
  /** Rate limited. */
  RL,
  /** Denied by external authorization or policy. */
  UAEX,
  /** Invalid value of a strictly checked header. */
  IH,
  /** Stream idle time-out. */
  SI,
  /** Duration time-out of a connection. */
  DT,
  /** Overload protection. */
  OM,
  /** DNS resolution failed. */
  DF;

  private static final ResponseFlag[] ALL = values();

  /** This flag alone, to be or-ed with others. */
  public long bit() {
    return 1L << ordinal();
  }

  public boolean in(long flags) {
    return (flags & bit()) != 0;
  }

  /** {@code UF,URX}; empty for none. One flag or none makes no garbage. */
  public static String text(long flags) {
    if (flags == 0) {
      return "";
    }
    if (Long.bitCount(flags) == 1) {
      return ALL[Long.numberOfTrailingZeros(flags)].name();
    }
    return Arrays.stream(ALL)
        .filter(flag -> flag.in(flags))
        .map(Enum::name)
        .collect(Collectors.joining(","));
  }
}
