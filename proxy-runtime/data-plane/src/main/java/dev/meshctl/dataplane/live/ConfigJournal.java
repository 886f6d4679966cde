package dev.meshctl.dataplane.live;

import dev.meshctl.model.xds.ResourceType;
import dev.meshctl.model.xds.XdsResource;
import dev.meshctl.xdsclient.ConfigSink.Rejection;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * When each resource in force came to be, and what was refused since.
 *
 * <p>Thread: any.
 */
public final class ConfigJournal {
  private final InstantSource clock;
  private final Map<ResourceType, Map<String, Instant>> updated = new EnumMap<>(ResourceType.class);
  private final Map<Key, Refusal> unreadable = new LinkedHashMap<>();
  private final Map<Key, Refusal> refused = new LinkedHashMap<>();

  private record Key(ResourceType type, String name) {}

  /**
   * The last version of a resource that was refused.
   *
   * @param version empty where it is not known
   */
  public record Refusal(
      ResourceType type, String name, String version, String reason, Instant when) {}

  public ConfigJournal(InstantSource clock) {
    this.clock = clock;
  }

  /** {@code now} is in force instead of {@code before}. */
  synchronized void settle(
      ResourceType type,
      Map<String, ? extends XdsResource> before,
      Map<String, ? extends XdsResource> now) {
    Map<String, Instant> times = updated.computeIfAbsent(type, t -> new HashMap<>());
    times.keySet().retainAll(now.keySet());
    // One object for all that came together.
    Instant when = clock.instant();
    now.forEach((name, resource) -> {
      if (!resource.equals(before.get(name))) {
        times.put(name, when);
        unreadable.remove(new Key(type, name));
      }
    });
  }

  /** What could be read, and yet could not be put in force when all was last tried. */
  public synchronized void refused(List<Rejection> rejections) {
    Map<Key, Refusal> before = new HashMap<>(refused);
    refused.clear();
    for (Rejection each : rejections) {
      Key key = new Key(each.type(), each.name());
      Refusal known = before.get(key);
      refused.put(
          key, known != null && known.reason().equals(each.reason()) ? known : refusal(each, ""));
    }
  }

  /** What could not be read. */
  public synchronized void unreadable(Rejection rejection, String version) {
    unreadable.put(new Key(rejection.type(), rejection.name()), refusal(rejection, version));
  }

  private Refusal refusal(Rejection of, String version) {
    return new Refusal(of.type(), of.name(), version, of.reason(), clock.instant());
  }

  /** What was unreadable is gone, or can be read now. */
  public synchronized void mended(ResourceType type, String name) {
    unreadable.remove(new Key(type, name));
  }

  /** When this version of the resource came in force; the epoch where none is. */
  public synchronized Instant updated(ResourceType type, String name) {
    return updated.getOrDefault(type, Map.of()).getOrDefault(name, Instant.EPOCH);
  }

  /** One a resource, those that could not be read first. */
  public synchronized List<Refusal> refusals() {
    Map<Key, Refusal> all = new LinkedHashMap<>(unreadable);
    refused.forEach(all::putIfAbsent);
    return new ArrayList<>(all.values());
  }
}
