package dev.meshctl.controlplane.serve;

import dev.meshctl.model.xds.ResourceType;
import java.time.Duration;
import java.util.Map;

/**
 * How much a control plane takes on at a time; {@code docs/guide/scale.md} says what each is for.
 *
 * @param debounceAfter a change waits until nothing has changed for so long
 * @param debounceMax but no longer than this
 * @param unansweredBytes sent to all proxies together and not yet acknowledged, beyond which others
 *     wait; 1 or more
 * @param patience after which bytes of a proxy that does not answer count no more
 * @param requestsPerSecond of one stream, once {@code requestBurst} is used up; what comes faster
 *     is left unread; 1 or more
 * @param requestBurst 1 or more
 * @param ttls types whose resources proxies that can are lent for a time, and told again before it
 *     runs out; of the others they keep what they have for as long as they hear nothing else
 */
public record PushSettings(
    Duration debounceAfter,
    Duration debounceMax,
    long unansweredBytes,
    Duration patience,
    int requestsPerSecond,
    int requestBurst,
    Map<ResourceType, Duration> ttls) {
  public static final PushSettings DEFAULT =
      new PushSettings(
          Duration.ofMillis(30),
          Duration.ofMillis(300),
          128L << 20,
          Duration.ofSeconds(5),
          100,
          1000,
          Map.of());

  public PushSettings {
    ttls = Map.copyOf(ttls);
  }

  /** The same with other times. */
  public PushSettings lending(Map<ResourceType, Duration> times) {
    return new PushSettings(
        debounceAfter,
        debounceMax,
        unansweredBytes,
        patience,
        requestsPerSecond,
        requestBurst,
        times);
  }
}
