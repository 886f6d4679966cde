package dev.meshctl.xdsclient;

import com.google.protobuf.Any;
import dev.meshctl.model.wire.Decoded;
import dev.meshctl.model.xds.ResourceType;
import dev.meshctl.model.xds.XdsSnapshot;
import dev.meshctl.xdsclient.ConfigSink.Rejection;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;

/**
 * The client's side of xDS in any {@link Dialect}, over one stream or several: updates in, asks and
 * snapshots out. What is held outlives a stream; what is subscribed and unanswered does not.
 *
 * <pre>
 * response --decode--> assembly --whole?--> sink --> ACK, or NACK naming each refused resource
 *                               --warming-> clusters, endpoints, hosts, secrets: ACK now
 *                                           listeners, routes: ACK once in force
 * </pre>
 *
 * <p>Thread: one at a time.
 */
final class ConfigProtocol {
  private static final System.Logger LOG = System.getLogger(ConfigProtocol.class.getName());
  private static final int MAX_MESSAGE_CHARS = 4096;

  private final Set<ResourceType> wildcards;

  /** Without an answer for these there is no whole; orders of a runtime may never come. */
  private final Set<ResourceType> needed;

  private final BiFunction<ResourceType, Any, Decoded> decoder;
  private final ConfigSink sink;
  private final ConfigAssembly assembly;
  private final LongSupplier nanoTime;
  private final Leases leases = new Leases();

  /** Types of which something that came last has run out. */
  private final Set<ResourceType> lapsed = EnumSet.noneOf(ResourceType.class);

  /** Wildcard types that were ever answered. */
  private final Set<ResourceType> answered = new LinkedHashSet<>();

  /** What could not be read, until it can be or is gone. */
  private final Map<ResourceType, Set<String>> unreadable = new EnumMap<>(ResourceType.class);

  // Of the stream.
  private final Map<ResourceType, Set<String>> subscribed = new EnumMap<>(ResourceType.class);
  private final Map<ResourceType, Unanswered> unanswered = new EnumMap<>(ResourceType.class);
  private boolean changed;

  /** A response in hand: {@code problems} are what decoding refused of it. */
  private record Unanswered(String nonce, List<Rejection> problems) {}

  /**
   * @param wildcards the types to take all of, among clusters, listeners, names and orders
   * @param statics what is there already and may refer to what comes
   * @param decoder reads a resource
   * @param nanoTime by which resources run out
   */
  ConfigProtocol(
      Set<ResourceType> wildcards,
      XdsSnapshot statics,
      BiFunction<ResourceType, Any, Decoded> decoder,
      ConfigSink sink,
      LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
    this.decoder = decoder;
    this.wildcards = Set.copyOf(wildcards);
    this.needed =
        wildcards.stream()
            .filter(type -> type != ResourceType.RUNTIME)
            .collect(Collectors.toUnmodifiableSet());
    this.assembly = new ConfigAssembly(statics);
    this.sink = sink;
  }

  /** What begins a stream for {@code types}: all that is wanted, with the versions held. */
  List<Ask> open(Collection<ResourceType> types) {
    List<Ask> out = new ArrayList<>();
    for (ResourceType type : ResourceType.values()) {
      if (!types.contains(type)) {
        continue;
      }
      subscribed.remove(type);
      unanswered.remove(type);
      if (wildcards.contains(type)
          || (type == ResourceType.VIRTUAL_HOST && assembly.wantsHosts())) {
        out.add(beginAll(type));
      } else if (ConfigAssembly.byName(type)) {
        Set<String> names = assembly.wanted(type);
        if (!names.isEmpty()) {
          Map<String, String> versions = assembly.versions(type);
          versions.keySet().retainAll(names);
          subscribed.put(type, names);
          out.add(new Ask.Begin(type, names, versions, lapsed.contains(type)));
        }
      }
    }
    return out;
  }

  private Ask beginAll(ResourceType type) {
    subscribed.put(type, Set.of());
    return new Ask.Begin(type, Set.of(), assembly.versions(type), lapsed.contains(type));
  }

  /** What to send after {@code update}; the sink may have been called. */
  List<Ask> update(Update update) {
    ResourceType type = update.type();
    List<Rejection> problems = new ArrayList<>();
    Set<String> named = new HashSet<>();
    for (Update.Named each : update.resources()) {
      switch (each) {
        case Update.Content content -> {
          take(type, content, named, problems);
          changed = true;
        }
        case Update.Heartbeat beat -> {
          named.add(beat.name());
          renew(type, beat).ifPresent(problems::add);
        }
      }
    }
    update.removed().forEach(name -> remove(type, name));
    changed |= !update.removed().isEmpty();
    if (type == ResourceType.VIRTUAL_HOST) {
      assembly.hostsKnown();
    }
    if (wildcards.contains(type)) {
      changed |= answered.add(type);
      if (update.whole()) {
        lapsed.remove(type);
        Set<String> gone = new LinkedHashSet<>(assembly.versions(type).keySet());
        gone.removeAll(named);
        changed |= !gone.isEmpty();
        gone.forEach(name -> remove(type, name));
      }
    }
    List<Ask> out = new ArrayList<>();
    // A server may send the next of a type before this one is in force.
    acknowledge(out, List.of(type), List.of());
    unanswered.put(type, new Unanswered(update.nonce(), problems));
    // Before the ACK, so that a server which waits for it knows what else we need.
    subscribe(out);
    if (complete()) {
      publish(out);
    } else {
      acknowledge(
          out,
          List.of(
              ResourceType.CLUSTER,
              ResourceType.ENDPOINTS,
              ResourceType.VIRTUAL_HOST,
              ResourceType.SECRET,
              ResourceType.NAMES,
              ResourceType.RUNTIME),
          List.of());
    }
    return out;
  }

  /** Whether there is anything to ask for among {@code types}. */
  boolean wants(Collection<ResourceType> types) {
    return types.stream()
        .anyMatch(type ->
            wildcards.contains(type)
                || (type == ResourceType.VIRTUAL_HOST && assembly.wantsHosts())
                || (ConfigAssembly.byName(type) && !assembly.wanted(type).isEmpty()));
  }

  /** Something changed that is not in force, because it is not whole. */
  boolean warming() {
    return changed;
  }

  /** Puts in force what can be, since the rest does not come. */
  List<Ask> giveUpWaiting() {
    List<Ask> out = new ArrayList<>();
    if (changed && answered.containsAll(needed)) {
      publish(out);
    }
    return out;
  }

  private void take(
      ResourceType type, Update.Content resource, Set<String> named, List<Rejection> problems) {
    switch (decoder.apply(type, resource.resource())) {
      case Decoded.Accepted(var decoded, var ignored, var inline) -> {
        named.add(decoded.name());
        mended(type, decoded.name());
        assembly.put(type, resource.version(), decoded, inline);
        leases.lend(type, decoded.name(), resource.ttlNanos(), nanoTime.getAsLong());
      }
      case Decoded.Rejected(String name, List<String> reasons) -> {
        String known = name.isEmpty() ? resource.name() : name;
        named.add(known);
        Rejection problem = new Rejection(type, known, String.join("; ", reasons));
        problems.add(problem);
        unreadable.computeIfAbsent(type, t -> new HashSet<>()).add(known);
        sink.unreadable(problem, resource.version());
      }
    }
  }

  /** Says what is wrong with a heartbeat of what is not held. */
  private Optional<Rejection> renew(ResourceType type, Update.Heartbeat beat) {
    String held = assembly.heldVersion(type, beat.name());
    if (held == null || !beat.version().orElse(held).equals(held)) {
      return Optional.of(
          new Rejection(
              type,
              beat.name(),
              "a heartbeat of "
                  + beat.version().map(version -> "version " + version).orElse("a resource")
                  + ", but held is "
                  + (held == null ? "none" : held)));
    }
    leases.lend(type, beat.name(), beat.ttlNanos(), nanoTime.getAsLong());
    return Optional.empty();
  }

  /** Until something that is held runs out, 0 or less where it has; empty where nothing does. */
  OptionalLong untilExpiryNanos() {
    return leases.remainingNanos(nanoTime.getAsLong());
  }

  /** What has run out is gone, as if the server had taken it away. */
  List<Ask> expire() {
    List<Ask> out = new ArrayList<>();
    List<Leases.Lent> ended = leases.takeEnded(nanoTime.getAsLong());
    // The sink may have refused it in the meantime.
    ended.removeIf(each -> assembly.heldVersion(each.type(), each.name()) == null);
    if (ended.isEmpty()) {
      return out;
    }
    LOG.log(
        System.Logger.Level.WARNING,
        "{0} resources were not renewed in time and are gone, the first is {1} {2}",
        ended.size(),
        ended.getFirst().type(),
        ended.getFirst().name());
    for (Leases.Lent each : ended) {
      remove(each.type(), each.name());
      lapsed.add(each.type());
    }
    changed = true;
    subscribe(out);
    if (complete()) {
      publish(out);
    }
    return out;
  }

  private void remove(ResourceType type, String name) {
    assembly.remove(type, name);
    leases.end(type, name);
    mended(type, name);
  }

  private void mended(ResourceType type, String name) {
    Set<String> names = unreadable.get(type);
    if (names != null && names.remove(name)) {
      sink.mended(type, name);
    }
  }

  /** By which the server knows what is in force of this name. */
  Optional<String> version(ResourceType type, String name) {
    return assembly.version(type, name);
  }

  private boolean complete() {
    return answered.containsAll(needed) && assembly.whole();
  }

  private void publish(List<Ask> out) {
    List<Rejection> refused = new ArrayList<>();
    while (changed) {
      List<Rejection> now = sink.accept(assembly.assemble());
      List<Rejection> hosts = assembly.takeBackHosts(now);
      refused.addAll(hosts.isEmpty() ? now : hosts);
      // Without the bad hosts the rest of their table can be in force.
      changed = !hosts.isEmpty();
      if (!changed) {
        assembly.settled(now);
      }
    }
    subscribe(out);
    acknowledge(out, List.of(ResourceType.values()), refused);
  }

  private void subscribe(List<Ask> out) {
    if (assembly.wantsHosts() && !subscribed.containsKey(ResourceType.VIRTUAL_HOST)) {
      out.add(beginAll(ResourceType.VIRTUAL_HOST));
    }
    for (ResourceType type : ResourceType.values()) {
      if (!ConfigAssembly.byName(type)) {
        continue;
      }
      Set<String> before = subscribed.getOrDefault(type, Set.of());
      Set<String> now = assembly.wanted(type);
      if (now.equals(before)) {
        continue;
      }
      Set<String> added = new LinkedHashSet<>(now);
      added.removeAll(before);
      Set<String> dropped = new LinkedHashSet<>(before);
      dropped.removeAll(now);
      assembly.retain(type, now);
      leases.retain(type, now);
      subscribed.put(type, now);
      out.add(new Ask.Change(type, added, dropped));
    }
  }

  private void acknowledge(List<Ask> out, List<ResourceType> types, List<Rejection> refused) {
    for (ResourceType type : types) {
      Unanswered response = unanswered.remove(type);
      if (response != null) {
        // By name, the first reason: decoding and the sink may both object.
        Map<String, String> problems = new HashMap<>();
        response.problems.forEach(r -> problems.putIfAbsent(r.name(), r.reason()));
        refused.stream()
            .filter(r -> r.type() == type)
            .forEach(r -> problems.putIfAbsent(r.name(), r.reason()));
        if (!problems.isEmpty()) {
          LOG.log(
              System.Logger.Level.WARNING,
              "refused, the last good stays in force: {0}",
              message(problems));
        }
        out.add(
            new Ask.Answer(
                type,
                response.nonce,
                problems.isEmpty() ? Optional.empty() : Optional.of(message(problems))));
      }
    }
  }

  private static String message(Map<String, String> problems) {
    String text =
        problems.entrySet().stream()
            .sorted(Map.Entry.comparingByKey())
            .map(e -> e.getKey() + ": " + e.getValue())
            .collect(Collectors.joining("\n"));
    return text.length() <= MAX_MESSAGE_CHARS ? text : text.substring(0, MAX_MESSAGE_CHARS);
  }
}
