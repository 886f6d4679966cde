package dev.meshctl.controlplane.serve.protocol;

import dev.meshctl.controlplane.serve.encoded.EncodedSnapshot;
import dev.meshctl.model.query.ResourceStatus;
import dev.meshctl.model.wire.EncodedResource;
import dev.meshctl.model.xds.ResourceType;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryResponse;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * One state-of-the-world ADS stream. A response for clusters or listeners holds all of them, so
 * absence removes; one for other types holds only what changed. To add before removing, a resource
 * that is gone stays in the responses until every addition is acknowledged. One that was refused
 * stands in them as it was before, or not at all: it is not sent again on this stream. A type of
 * which the proxy has all is not looked at until something that it wants changes.
 *
 * <p>Thread: one at a time.
 */
public final class SotwState implements StreamState<DiscoveryRequest, DiscoveryResponse> {
  private final Map<ResourceType, SotwType> types = new EnumMap<>(ResourceType.class);
  private final LongSupplier nanoTime;
  private EncodedSnapshot snapshot = EncodedSnapshot.EMPTY;
  private long nonces;

  public SotwState(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
  }

  private record Awaiting(
      String nonce,
      String version,
      Map<String, EncodedResource> heldBefore,
      Map<String, String> sent,
      boolean renewal) {}

  private static final class SotwType extends TypeState {
    boolean everNamed;
    Map<String, EncodedResource> held = new LinkedHashMap<>();

    /** Version of the whole set as the proxy knows it; from an earlier stream at first. */
    String version = "";

    String rejectedVersion = "";
    @Nullable Awaiting awaiting;

    /** It has what it wants, until something of that changes: there is nothing to look for. */
    boolean settled;

    SotwType(ResourceType type) {
      super(type);
    }

    @Override
    boolean awaiting() {
      return awaiting != null;
    }

    @Override
    int heldCount() {
      return held.size();
    }

    @Override
    void cured() {
      // Others of the refused set must not wait for what has left it.
      rejectedVersion = "";
    }

    @Override
    void forgetLent() {
      held = new LinkedHashMap<>();
      settled = false;
    }
  }

  private static boolean wholeSets(ResourceType type) {
    return type == ResourceType.CLUSTER || type == ResourceType.LISTENER;
  }

  @Override
  public List<DiscoveryResponse> snapshot(EncodedSnapshot fresh) {
    EncodedSnapshot before = snapshot;
    snapshot = fresh;
    for (SotwType state : types.values()) {
      if (state.settled && fresh.changed(before, state.type).stream().anyMatch(state::wants)) {
        state.settled = false;
      }
    }
    return pump();
  }

  @Override
  public List<DiscoveryResponse> request(DiscoveryRequest request, ResourceType type) {
    SotwType state = types.get(type);
    if (state == null) {
      state = new SotwType(type);
      types.put(type, state);
      state.version = request.getVersionInfo();
      subscribe(state, type, request);
      resume(type, state);
      return pump();
    }
    Awaiting awaiting = state.awaiting;
    if (awaiting != null && !awaiting.nonce.equals(request.getResponseNonce())) {
      // It has not seen our newest response; the request that answers it will follow.
      return List.of();
    }
    state.settled = false;
    subscribe(state, type, request);
    if (awaiting != null) {
      acknowledge(type, state, request, awaiting);
    }
    return pump();
  }

  private static void subscribe(SotwType state, ResourceType type, DiscoveryRequest request) {
    Set<String> names = new LinkedHashSet<>(request.getResourceNamesList());
    boolean star = names.remove("*");
    // Empty means everything only until the first name was given.
    state.wildcard =
        star
            || (names.isEmpty()
                && !state.everNamed
                && (wholeSets(type) || type == ResourceType.NAMES));
    state.everNamed |= !names.isEmpty() || star;
    if (!state.wildcard) {
      // Dropped names are forgotten, so that asking again is answered again.
      state.held.keySet().retainAll(names);
    }
    state.names = names;
  }

  /**
   * A reconnected proxy that names the version we would send has it all; unless it was lent some,
   * for that may have run out since.
   */
  private void resume(ResourceType type, SotwType state) {
    List<EncodedResource> wanted = wanted(type, state);
    if (!state.version.isEmpty()
        && state.version.equals(versionOf(wanted))
        && wanted.stream().noneMatch(r -> r.ttlNanos() > 0)) {
      wanted.forEach(r -> state.held.put(r.name(), r));
      state.owesFirstAnswer = false;
    } else {
      state.version = "";
    }
  }

  private void acknowledge(
      ResourceType type, SotwType state, DiscoveryRequest request, Awaiting awaiting) {
    state.awaiting = null;
    state.answerTime.answered(nanoTime.getAsLong());
    if (awaiting.renewal) {
      if (request.hasErrorDetail() && !wholeSets(type)) {
        // It has not what we took it to have, so it gets it again.
        state.held = new LinkedHashMap<>();
      }
      return;
    }
    if (!request.hasErrorDetail()) {
      state.rejected.keySet().removeAll(awaiting.sent.keySet());
      state.version = awaiting.version;
      state.rejectedVersion = "";
      return;
    }
    state.error = request.getErrorDetail().getMessage();
    state.rejectedVersion = awaiting.version;
    Set<String> all = awaiting.sent.keySet();
    Set<String> named = Rejections.named(state.error, all);
    if (named.isEmpty() && all.size() > 1 && !wholeSets(type)) {
      state.suspects.add(all);
    } else {
      // What was sent, whatever is said to be held since: a changed cluster has its endpoints anew.
      awaiting.sent.forEach((name, version) -> {
        if (named.isEmpty() || named.contains(name)) {
          state.rejected.put(name, version);
        }
      });
    }
    state.held = new LinkedHashMap<>(awaiting.heldBefore);
  }

  private List<DiscoveryResponse> pump() {
    List<DiscoveryResponse> out = new ArrayList<>();
    if (snapshot.generation() == 0) {
      return out;
    }
    long now = nanoTime.getAsLong();
    for (SotwType state : types.values()) {
      state.forgetCuredRejections(snapshot);
      state.forgetWhatRanOut(now);
    }
    for (ResourceType type : PushOrder.ADDITIONS) {
      SotwType state = types.get(type);
      if (state != null
          && !state.settled
          && state.awaiting == null
          && PushOrder.mayAdd(type, types)) {
        push(type, state, true, out);
      }
    }
    if (PushOrder.mayRemove(types)) {
      boolean rejecting = types.values().stream().anyMatch(TypeState::rejecting);
      for (ResourceType type : PushOrder.REMOVALS) {
        SotwType state = types.get(type);
        if (state != null && !state.settled && !(rejecting && PushOrder.referredTo(type))) {
          push(type, state, false, out);
        }
      }
    }
    types.forEach((type, state) -> renew(type, state, out));
    types.forEach(this::settle);
    return out;
  }

  private void push(
      ResourceType type, SotwType state, boolean keepGone, List<DiscoveryResponse> out) {
    List<EncodedResource> wanted = wanted(type, state);
    Map<String, EncodedResource> target = new LinkedHashMap<>();
    wanted.forEach(r -> target.put(r.name(), r));
    boolean gone = false;
    for (EncodedResource had : state.held.values()) {
      if (!target.containsKey(had.name())) {
        gone = true;
        if (keepGone) {
          target.put(had.name(), had);
        }
      }
    }
    state.rejected.forEach((name, version) -> {
      EncodedResource resource = target.get(name);
      if (resource != null && resource.version().equals(version)) {
        keepAsItIs(state, target, name);
      }
    });
    Map<String, EncodedResource> due = new LinkedHashMap<>(target);
    due.values().removeIf(r -> has(state, r));
    Set<String> now = Set.copyOf(state.suspects.next(due.keySet()));
    due.keySet().stream()
        .filter(name -> !now.contains(name))
        .forEach(name -> keepAsItIs(state, target, name));
    due.keySet().retainAll(now);
    Collection<EncodedResource> changed = due.values();
    boolean dropping = gone && !keepGone;
    if (!wholeSets(type)) {
      // Absence says nothing here: what is gone is simply forgotten.
      if (dropping) {
        state.held.keySet().retainAll(target.keySet());
      }
      dropping = false;
    }
    String version = versionOf(target.values());
    boolean refused = version.equals(state.rejectedVersion);
    if (!state.owesFirstAnswer && (refused || (changed.isEmpty() && !dropping))) {
      return;
    }
    if (state.owesFirstAnswer && !wholeSets(type) && changed.isEmpty()) {
      // Nothing by those names yet; answered when there is.
      return;
    }
    state.owesFirstAnswer = false;
    send(type, state, target, changed, version, out);
  }

  private static boolean has(SotwType state, EncodedResource resource) {
    EncodedResource had = state.held.get(resource.name());
    return had != null && had.version().equals(resource.version());
  }

  /** The last version of it that the proxy took, if any, stands in {@code target}. */
  private static void keepAsItIs(SotwType state, Map<String, EncodedResource> target, String name) {
    EncodedResource had = state.held.get(name);
    if (had == null) {
      target.remove(name);
    } else {
      target.put(name, had);
    }
  }

  private void send(
      ResourceType type,
      SotwType state,
      Map<String, EncodedResource> target,
      Collection<EncodedResource> changed,
      String version,
      List<DiscoveryResponse> out) {
    Collection<EncodedResource> body = wholeSets(type) ? target.values() : changed;
    DiscoveryResponse.Builder response =
        DiscoveryResponse.newBuilder()
            .setTypeUrl(type.typeUrl())
            .setVersionInfo(version)
            .setNonce(Long.toString(++nonces));
    for (EncodedResource each : body) {
      response.addResources(each.orWrapped());
      if (each.ttlNanos() > 0) {
        state.lease.lent(each.ttlNanos(), nanoTime.getAsLong());
      }
    }
    Map<String, String> sent = new LinkedHashMap<>();
    changed.forEach(r -> sent.put(r.name(), r.version()));
    state.awaiting = new Awaiting(response.getNonce(), version, state.held, sent, false);
    state.held = target;
    state.answerTime.sent(nanoTime.getAsLong());
    state.sentGeneration = snapshot.generation();
    SotwType endpoints = types.get(ResourceType.ENDPOINTS);
    if (type == ResourceType.CLUSTER && endpoints != null) {
      // A changed cluster warms until it hears its endpoints again.
      endpoints.held.keySet().removeAll(sent.keySet());
      endpoints.settled = false;
    }
    out.add(response.build());
  }

  @Override
  public List<DiscoveryResponse> renew() {
    long now = nanoTime.getAsLong();
    return types.values().stream().anyMatch(state -> state.renewalDue(now)) ? pump() : List.of();
  }

  /**
   * What is lent is lent for another while. Of clusters and listeners everything is said again:
   * absence removes, and Envoy takes a response of mere heartbeats for one of nothing.
   */
  private void renew(ResourceType type, SotwType state, List<DiscoveryResponse> out) {
    long now = nanoTime.getAsLong();
    if (!state.renewalDue(now)) {
      return;
    }
    DiscoveryResponse.Builder response =
        DiscoveryResponse.newBuilder()
            .setTypeUrl(type.typeUrl())
            .setVersionInfo(state.version)
            .setNonce(Long.toString(++nonces));
    long ttlNanos = 0;
    for (EncodedResource each : state.held.values()) {
      if (wholeSets(type)) {
        response.addResources(each.orWrapped());
      } else {
        each.heartbeat()
            .map(beat -> beat.toBuilder().setVersion(state.version).build())
            .map(EncodedResource::wrapped)
            .ifPresent(response::addResources);
      }
      ttlNanos = Math.max(ttlNanos, each.ttlNanos());
    }
    if (ttlNanos == 0) {
      state.lease.ended();
      return;
    }
    state.lease.renewed(ttlNanos, now);
    state.awaiting = new Awaiting(response.getNonce(), state.version, state.held, Map.of(), true);
    state.answerTime.sent(now);
    out.add(response.build());
  }

  private List<EncodedResource> wanted(ResourceType type, SotwType state) {
    if (state.wildcard) {
      return List.copyOf(snapshot.of(type).values());
    }
    List<EncodedResource> found = new ArrayList<>();
    for (String name : state.names) {
      EncodedResource resource = snapshot.find(type, name);
      if (resource != null) {
        found.add(resource);
      }
    }
    return found;
  }

  private static String versionOf(Collection<EncodedResource> resources) {
    Map<String, String> sorted = new TreeMap<>();
    resources.forEach(r -> sorted.put(r.name(), r.version()));
    return Digests.of(sorted.toString());
  }

  private void settle(ResourceType type, SotwType state) {
    if (state.settled || (state.awaiting == null && !state.rejecting() && hasAll(type, state))) {
      state.settled = !state.owesFirstAnswer;
      state.inStep(snapshot);
    }
  }

  /** It has what it wants of the snapshot, and nothing else. */
  private boolean hasAll(ResourceType type, SotwType state) {
    List<EncodedResource> wanted = wanted(type, state);
    return wanted.size() == state.held.size() && wanted.stream().allMatch(r -> has(state, r));
  }

  @Override
  public StreamStatus status() {
    return TypeState.status(snapshot, types);
  }

  @Override
  public List<ResourceStatus> resources() {
    List<ResourceStatus> all = new ArrayList<>();
    types.forEach((type, state) -> {
      Set<String> names = new TreeSet<>(state.held.keySet());
      wanted(type, state).forEach(resource -> names.add(resource.name()));
      Awaiting awaiting = state.awaiting;
      for (String name : names) {
        String sent = version(state.held.get(name));
        String acked =
            awaiting == null || !awaiting.sent.containsKey(name)
                ? sent
                : version(awaiting.heldBefore.get(name));
        all.add(
            new ResourceStanding(snapshot.find(type, name), sent, acked, state.rejected.get(name))
                .status(type, name, state.error));
      }
    });
    return all;
  }

  private static @Nullable String version(@Nullable EncodedResource resource) {
    return resource == null ? null : resource.version();
  }

  @Override
  public List<EncodedResource> held(ResourceType type) {
    SotwType state = types.get(type);
    return state == null ? List.of() : List.copyOf(state.held.values());
  }
}
