package dev.meshctl.xdsclient;

import dev.meshctl.model.xds.ClusterConfig;
import dev.meshctl.model.xds.LoadAssignment;
import dev.meshctl.model.xds.ResourceType;
import dev.meshctl.model.xds.RouteTableConfig;
import dev.meshctl.model.xds.SecretConfig;
import dev.meshctl.model.xds.SplitRouteTable;
import dev.meshctl.model.xds.VirtualHostConfig;
import dev.meshctl.model.xds.XdsResource;
import dev.meshctl.model.xds.XdsSnapshot;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Gathers resources until they make a whole: every cluster with its endpoints, every listener with
 * its routes, both with their secrets. Pure but for its own state.
 *
 * <p>A cluster or listener whose parts have not arrived is <i>warming</i>: {@link #assemble} gives
 * its last good version, or leaves it out.
 *
 * <p>Thread: one at a time.
 */
final class ConfigAssembly {
  private final Map<ResourceType, Map<String, Held>> held = new EnumMap<>(ResourceType.class);

  /** Names that the server said it has not. */
  private final Map<ResourceType, Set<String>> absent = new EnumMap<>(ResourceType.class);

  /** By name, which is a hash of the content: never wrong, and few. */
  private final Map<String, SecretConfig> inlineSecrets = new HashMap<>();

  /** What the sink took last, to go back to. */
  private Map<ResourceType, Map<String, Held>> good = Map.of();

  /** A resource with the version by which the server knows it. */
  record Held(String version, XdsResource resource) {}

  private final XdsSnapshot statics;

  /** The server has said which hosts there are: until then no split table is whole. */
  private boolean hostsKnown;

  /**
   * @param statics what is there already, and may refer to what comes
   */
  ConfigAssembly(XdsSnapshot statics) {
    this.statics = statics;
    for (ResourceType type : ResourceType.values()) {
      held.put(type, new LinkedHashMap<>());
      absent.put(type, new HashSet<>());
    }
  }

  private Map<String, Held> of(ResourceType type) {
    return held.computeIfAbsent(type, t -> new LinkedHashMap<>());
  }

  private Set<String> absentOf(ResourceType type) {
    return absent.computeIfAbsent(type, t -> new HashSet<>());
  }

  /**
   * @param inline secrets that stand in {@code resource} itself
   */
  void put(ResourceType type, String version, XdsResource resource, List<SecretConfig> inline) {
    inline.forEach(secret -> inlineSecrets.put(secret.name(), secret));
    of(type).put(resource.name(), new Held(version, resource));
    absentOf(type).remove(resource.name());
  }

  void remove(ResourceType type, String name) {
    of(type).remove(name);
    if (byName(type)) {
      absentOf(type).add(name);
    }
  }

  /** Name to version of all that is held, for a server that has to be told where we are. */
  Map<String, String> versions(ResourceType type) {
    Map<String, String> versions = new LinkedHashMap<>();
    of(type).forEach((name, h) -> versions.put(name, h.version));
    return versions;
  }

  /** Of what is held, in force or not; null where there is none of this name. */
  @Nullable String heldVersion(ResourceType type, String name) {
    Held h = of(type).get(name);
    return h == null ? null : h.version;
  }

  /** Of what the sink took last; empty where there is none of this name. */
  Optional<String> version(ResourceType type, String name) {
    return Optional.ofNullable(good.getOrDefault(type, Map.of()).get(name)).map(Held::version);
  }

  /** Subscribed by name, because something refers to them. */
  static boolean byName(ResourceType type) {
    return switch (type) {
      case ENDPOINTS, ROUTE, SECRET -> true;
      case CLUSTER, LISTENER, NAMES, RUNTIME, VIRTUAL_HOST -> false;
    };
  }

  /**
   * The names that held resources refer to, the last good ones included: while a newer version
   * warms the old one still needs its parts.
   */
  Set<String> wanted(ResourceType type) {
    Set<String> names = new LinkedHashSet<>();
    for (ResourceType from : List.of(ResourceType.CLUSTER, ResourceType.LISTENER)) {
      of(from).values().forEach(h -> names.addAll(References.of(h.resource, type)));
      good.getOrDefault(from, Map.of())
          .values()
          .forEach(h -> names.addAll(References.of(h.resource, type)));
      statics.of(from).values().forEach(each -> names.addAll(References.of(each, type)));
    }
    names.removeAll(statics.of(type).keySet());
    return names;
  }

  /**
   * A route table is held whose hosts come by themselves; all of them are subscribed to at once.
   */
  boolean wantsHosts() {
    return of(ResourceType.ROUTE).values().stream()
        .anyMatch(h -> h.resource instanceof SplitRouteTable);
  }

  /** The server has answered for virtual hosts. */
  void hostsKnown() {
    hostsKnown = true;
  }

  /** Forgets what nothing refers to any more. */
  void retain(ResourceType type, Collection<String> names) {
    of(type).keySet().retainAll(names);
    absentOf(type).retainAll(names);
  }

  /** Every cluster and listener has its parts. */
  boolean whole() {
    return of(ResourceType.CLUSTER).values().stream().allMatch(h -> warm(h.resource))
        && of(ResourceType.LISTENER).values().stream().allMatch(h -> warm(h.resource));
  }

  private boolean warm(XdsResource resource) {
    for (ResourceType type :
        List.of(ResourceType.ENDPOINTS, ResourceType.ROUTE, ResourceType.SECRET)) {
      for (String name : References.of(resource, type)) {
        Held part = of(type).get(name);
        if (part == null
            ? !absentOf(type).contains(name) && !statics.of(type).containsKey(name)
            : part.resource instanceof SplitRouteTable && !hostsKnown) {
          return false;
        }
      }
    }
    return true;
  }

  /** What can be in force now. */
  XdsSnapshot assemble() {
    Map<ResourceType, Map<String, XdsResource>> all = new EnumMap<>(ResourceType.class);
    for (ResourceType top : List.of(ResourceType.CLUSTER, ResourceType.LISTENER)) {
      Map<String, XdsResource> chosen = new LinkedHashMap<>();
      of(top)
          .forEach((name, h) -> {
            XdsResource resource = warm(h.resource) ? h.resource : lastGood(top, name);
            if (resource != null) {
              chosen.put(name, resource);
            }
          });
      all.put(top, chosen);
    }
    Map<ResourceType, Map<String, XdsResource>> parts = new EnumMap<>(ResourceType.class);
    all.values().forEach(byName -> byName.values().forEach(resource -> addParts(resource, parts)));
    for (ResourceType from : List.of(ResourceType.CLUSTER, ResourceType.LISTENER)) {
      statics.of(from).values().forEach(resource -> addParts(resource, parts));
    }
    parts.computeIfPresent(ResourceType.ROUTE, (type, tables) -> joined(tables));
    all.putAll(parts);
    all.values().forEach(byName -> byName.values().forEach(resource -> addInline(resource, parts)));
    all.putAll(parts);
    for (ResourceType alone : List.of(ResourceType.NAMES, ResourceType.RUNTIME)) {
      Map<String, XdsResource> byName = new HashMap<>();
      of(alone).forEach((name, h) -> byName.put(name, h.resource));
      all.put(alone, byName);
    }
    return new XdsSnapshot(all);
  }

  private void addParts(XdsResource user, Map<ResourceType, Map<String, XdsResource>> parts) {
    for (ResourceType type :
        List.of(ResourceType.ENDPOINTS, ResourceType.ROUTE, ResourceType.SECRET)) {
      for (String name : References.of(user, type)) {
        if (statics.of(type).containsKey(name)) {
          continue;
        }
        Held found = of(type).get(name);
        XdsResource part = found != null ? found.resource : nothing(type, name);
        if (part != null) {
          parts.computeIfAbsent(type, t -> new LinkedHashMap<>()).put(name, part);
        }
      }
    }
  }

  /** {@code tables}, each with the hosts that came by themselves. */
  private Map<String, XdsResource> joined(Map<String, XdsResource> tables) {
    if (tables.values().stream().noneMatch(SplitRouteTable.class::isInstance)) {
      return tables;
    }
    // In the order of names, so that the same hosts make the same table however they came.
    Map<String, Map<String, VirtualHostConfig>> byTable = new HashMap<>();
    hosts(held)
        .forEach(host ->
            byTable.computeIfAbsent(host.table(), t -> new TreeMap<>()).put(host.name(), host));
    Map<String, XdsResource> whole = new LinkedHashMap<>(tables);
    whole.replaceAll((name, table) ->
        table instanceof SplitRouteTable split
            ? split.with(byTable.getOrDefault(name, Map.of()).values())
            : table);
    return whole;
  }

  private static List<VirtualHostConfig> hosts(Map<ResourceType, Map<String, Held>> of) {
    List<VirtualHostConfig> hosts = new ArrayList<>();
    for (Held each : of.getOrDefault(ResourceType.VIRTUAL_HOST, Map.of()).values()) {
      if (each.resource instanceof VirtualHostConfig host) {
        hosts.add(host);
      }
    }
    return hosts;
  }

  /**
   * A refused table whose hosts came by themselves is the fault of those that are new since the
   * last good one: of those that the reason names, or of all. They are taken back.
   *
   * @return the hosts that were taken back; empty where nothing can be mended that way
   */
  List<ConfigSink.Rejection> takeBackHosts(List<ConfigSink.Rejection> refused) {
    List<ConfigSink.Rejection> back = new ArrayList<>();
    for (ConfigSink.Rejection r : refused) {
      Held table = r.type() == ResourceType.ROUTE ? of(r.type()).get(r.name()) : null;
      if (table == null || !(table.resource instanceof SplitRouteTable)) {
        continue;
      }
      List<VirtualHostConfig> suspects = new ArrayList<>(hosts(held));
      suspects.removeIf(host -> !host.table().equals(r.name()) || isGood(host));
      List<VirtualHostConfig> named =
          suspects.stream().filter(host -> r.reason().contains(host.host().name())).toList();
      for (VirtualHostConfig host : named.isEmpty() ? suspects : named) {
        restore(ResourceType.VIRTUAL_HOST, host.name());
        back.add(new ConfigSink.Rejection(ResourceType.VIRTUAL_HOST, host.name(), r.reason()));
      }
    }
    return back;
  }

  private boolean isGood(VirtualHostConfig host) {
    return host.equals(lastGood(ResourceType.VIRTUAL_HOST, host.name()));
  }

  /** The last good version is held again. */
  private void restore(ResourceType type, String name) {
    Held before = good.getOrDefault(type, Map.of()).get(name);
    if (before == null) {
      of(type).remove(name);
    } else {
      of(type).put(name, before);
    }
  }

  private void addInline(XdsResource user, Map<ResourceType, Map<String, XdsResource>> parts) {
    for (String name : ResourceReferences.secrets(user)) {
      SecretConfig secret = inlineSecrets.get(name);
      if (secret != null) {
        parts.computeIfAbsent(ResourceType.SECRET, t -> new LinkedHashMap<>()).put(name, secret);
      }
    }
  }

  /**
   * What stands for a part that the server has not: no endpoint, no route; a secret has no such.
   */
  private static @Nullable XdsResource nothing(ResourceType type, String name) {
    return switch (type) {
      case ENDPOINTS -> new LoadAssignment(name, List.of());
      case ROUTE -> new RouteTableConfig(name, List.of());
      case SECRET, CLUSTER, LISTENER, NAMES, RUNTIME, VIRTUAL_HOST -> null;
    };
  }

  private @Nullable XdsResource lastGood(ResourceType type, String name) {
    Held h = good.getOrDefault(type, Map.of()).get(name);
    return h == null ? null : h.resource;
  }

  /**
   * The sink took everything but {@code rejected}: of those the last good version is held again.
   */
  void settled(List<ConfigSink.Rejection> rejected) {
    rejected.forEach(r -> restore(r.type(), r.name()));
    Map<ResourceType, Map<String, Held>> taken = new EnumMap<>(ResourceType.class);
    held.forEach((type, byName) -> {
      Map<String, Held> kept = new LinkedHashMap<>(byName);
      if (type == ResourceType.CLUSTER || type == ResourceType.LISTENER) {
        // A warming one is not in force: its last good one still is.
        byName.forEach((name, h) -> {
          if (!warm(h.resource)) {
            Held before = good.getOrDefault(type, Map.of()).get(name);
            if (before == null) {
              kept.remove(name);
            } else {
              kept.put(name, before);
            }
          }
        });
      }
      taken.put(type, kept);
    });
    good = taken;
  }

  /** Which names a resource refers to. */
  private static final class References {
    private References() {}

    static Collection<String> of(XdsResource resource, ResourceType type) {
      return switch (type) {
        case ENDPOINTS ->
            resource instanceof ClusterConfig c
                    && c.discovery() instanceof ClusterConfig.Discovery.Eds(String name)
                ? List.of(name)
                : List.of();
        case ROUTE -> ResourceReferences.routes(resource);
        case SECRET ->
            ResourceReferences.secrets(resource).stream()
                // Our own certificate is a local secret: it never travels.
                .filter(name -> !name.equals(SecretConfig.OWN_CERTIFICATE) && !name.isEmpty())
                // What stood in the resource itself is here already.
                .filter(name -> !name.startsWith(SecretConfig.INLINE))
                .toList();
        case CLUSTER, LISTENER, NAMES, RUNTIME, VIRTUAL_HOST -> List.of();
      };
    }
  }
}
