package dev.meshctl.controlplane.serve.protocol;

import com.google.common.collect.Interner;
import dev.meshctl.controlplane.serve.encoded.EncodedSnapshot;
import dev.meshctl.model.query.ResourceStatus;
import dev.meshctl.model.wire.EncodedResource;
import dev.meshctl.model.xds.ResourceType;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * One incremental ADS stream ("Incremental xDS" in Envoy's xDS protocol): requests and snapshots
 * in, responses out. At most one response a type is unanswered, so a slow proxy holds no memory and
 * skips what it missed.
 *
 * <pre>
 * per type:   QUIET --send--> AWAITING --ACK--> QUIET
 *                                      --NACK-> QUIET, the named versions are never sent again
 * </pre>
 *
 * <p>A version that was refused is not sent again on this stream, not even to who lets go of its
 * name and asks anew: what refuses it once does so again, and some ask at once.
 *
 * <p>Thread: one at a time.
 */
public final class DeltaState
    implements StreamState<DeltaDiscoveryRequest, DeltaDiscoveryResponse> {
  private final Map<ResourceType, DeltaType> types = new EnumMap<>(ResourceType.class);
  private final Interner<Set<String>> sameNames;
  private final LongSupplier nanoTime;
  private EncodedSnapshot snapshot = EncodedSnapshot.EMPTY;
  private long nonces;

  /** A version that it may have or not: told anew, and taken away where it is gone. */
  private static final String MAYBE_HELD = "?";

  /**
   * @param sameNames of all streams together: thousands of proxies subscribe to the same thousand
   *     names
   */
  public DeltaState(Interner<Set<String>> sameNames, LongSupplier nanoTime) {
    this.sameNames = sameNames;
    this.nanoTime = nanoTime;
  }

  private record Awaiting(
      String nonce,
      Map<String, String> sent,
      Map<String, String> heldBefore,
      long generation,
      Set<String> renewed) {}

  private static final class DeltaType extends TypeState {
    /** What the proxy has, or will have once it acknowledges. */
    final HeldVersions held;

    /**
     * Names asked for, to be answered even if held or absent. This and the next two are made anew
     * when they are done with: a cleared set keeps room for the thousands of names of a first
     * answer.
     */
    Set<String> asked = new LinkedHashSet<>();

    @Nullable Awaiting awaiting;

    /** Nothing is known of what it lacks, so every name must be looked at. */
    boolean everyName = true;

    /** Names that may have to be sent, and names that may have to be removed. */
    Set<String> toSend = new LinkedHashSet<>();

    Set<String> toRemove = new LinkedHashSet<>();

    DeltaType(ResourceType type) {
      super(type);
      held = new HeldVersions(type, this::wants);
    }

    @Override
    boolean awaiting() {
      return awaiting != null;
    }

    @Override
    int heldCount() {
      return held.names().size();
    }

    @Override
    void cured() {
      // Only the named versions were refused, each by itself.
    }

    @Override
    void forgetLent() {
      held.forget(DeltaState::lent);
      everyName = true;
    }
  }

  @Override
  public List<DeltaDiscoveryResponse> snapshot(EncodedSnapshot fresh) {
    EncodedSnapshot before = snapshot;
    snapshot = fresh;
    types.forEach((type, state) -> {
      for (String name : fresh.changed(before, type)) {
        look(type, state, name);
      }
    });
    return pump();
  }

  /** Notes what a name that may have changed means for the proxy. */
  private void look(ResourceType type, DeltaType state, String name) {
    EncodedResource now = snapshot.find(type, name);
    String held = state.held.get(name);
    state.toSend.remove(name);
    state.toRemove.remove(name);
    if (now == null) {
      if (held != null) {
        state.toRemove.add(name);
      }
    } else if (state.wants(name) && !now.version().equals(held)) {
      state.toSend.add(name);
    }
  }

  @Override
  public List<DeltaDiscoveryResponse> request(DeltaDiscoveryRequest request, ResourceType type) {
    DeltaType state = types.get(type);
    if (state == null) {
      state = new DeltaType(type);
      types.put(type, state);
      // The first request of a type without names is a wildcard.
      state.wildcard = request.getResourceNamesSubscribeCount() == 0;
      request.getInitialResourceVersionsMap().forEach(state.held::put);
      if (request.getInitialResourceVersionsMap().values().stream().anyMatch(DeltaState::lent)) {
        state.lease.cameLent();
      }
    }
    subscribe(type, state, request);
    acknowledge(type, state, request);
    return pump();
  }

  private void subscribe(ResourceType type, DeltaType state, DeltaDiscoveryRequest request) {
    if (request.getResourceNamesUnsubscribeCount() == 0
        && request.getResourceNamesSubscribeCount() == 0) {
      return;
    }
    Set<String> names = new LinkedHashSet<>(state.names);
    for (String name : request.getResourceNamesUnsubscribeList()) {
      if (name.equals("*")) {
        state.wildcard = false;
        state.held.retainOnly(names);
        state.toSend.retainAll(names);
        state.toRemove.retainAll(names);
      } else {
        names.remove(name);
        if (!state.wildcard) {
          state.held.remove(name);
          state.asked.remove(name);
          state.toSend.remove(name);
          state.toRemove.remove(name);
        }
      }
    }
    state.names = Set.copyOf(names);
    for (String written : request.getResourceNamesSubscribeList()) {
      if (written.equals("*")) {
        state.held.beforeWantingMore();
        state.wildcard = true;
        state.everyName = true;
        continue;
      }
      EncodedResource known = snapshot.find(type, written);
      String name = known == null ? written : known.name();
      boolean brought = request.getInitialResourceVersionsMap().containsKey(name);
      if (!state.wants(name) && !brought) {
        state.held.remove(name);
      }
      names.add(name);
      // On a new stream the versions it brought answer for it.
      if (!brought) {
        state.asked.add(name);
      }
    }
    state.names = sameNames.intern(Set.copyOf(names));
  }

  private void acknowledge(ResourceType type, DeltaType state, DeltaDiscoveryRequest request) {
    Awaiting awaiting = state.awaiting;
    if (awaiting == null || !awaiting.nonce.equals(request.getResponseNonce())) {
      return;
    }
    state.awaiting = null;
    state.answerTime.answered(nanoTime.getAsLong());
    awaiting.sent.forEach((name, version) -> {
      // It let go of the name and asked for it again while this was on its way.
      if (state.wants(name) && state.held.get(name) == null) {
        state.held.put(name, version);
      }
    });
    if (!request.hasErrorDetail()) {
      state.rejected.keySet().removeAll(awaiting.sent.keySet());
      return;
    }
    if (!awaiting.renewed.isEmpty()) {
      // It has not what we took it to have, so it gets it again.
      awaiting.renewed.forEach(state.held::remove);
      state.everyName = true;
      return;
    }
    state.error = request.getErrorDetail().getMessage();
    Set<String> all = awaiting.sent.keySet();
    Set<String> named = Rejections.named(state.error, all);
    boolean unclear = named.isEmpty() && all.size() > 1;
    if (unclear) {
      state.suspects.add(all);
    }
    awaiting.sent.forEach((name, version) -> {
      if (!unclear && (named.isEmpty() || named.contains(name))) {
        state.rejected.put(name, version);
        String before = awaiting.heldBefore.get(name);
        if (before == null) {
          state.held.remove(name);
        } else {
          state.held.put(name, before);
        }
      } else if (unclear || !PushOrder.takenOneByOne(type)) {
        state.held.put(name, MAYBE_HELD);
      }
    });
    // What it has now may be neither that nor what the mesh says since.
    state.everyName = true;
  }

  private List<DeltaDiscoveryResponse> pump() {
    List<DeltaDiscoveryResponse> out = new ArrayList<>();
    if (snapshot.generation() == 0) {
      // Before the first mesh is accepted we know nothing, and so remove nothing.
      return out;
    }
    long now = nanoTime.getAsLong();
    for (DeltaType state : types.values()) {
      state.forgetCuredRejections(snapshot);
      state.forgetWhatRanOut(now);
    }
    for (ResourceType type : PushOrder.ADDITIONS) {
      DeltaType state = types.get(type);
      if (state != null && state.awaiting == null && PushOrder.mayAdd(type, types)) {
        add(type, state, out);
      }
    }
    if (PushOrder.mayRemove(types)) {
      boolean rejecting = types.values().stream().anyMatch(TypeState::rejecting);
      for (ResourceType type : PushOrder.REMOVALS) {
        DeltaType state = types.get(type);
        if (state != null && !(rejecting && PushOrder.referredTo(type))) {
          remove(type, state, out);
        }
      }
    }
    types.forEach((type, state) -> renew(type, state, out));
    types.forEach(this::settle);
    return out;
  }

  private void add(ResourceType type, DeltaType state, List<DeltaDiscoveryResponse> out) {
    DeltaDiscoveryResponse.Builder response = DeltaDiscoveryResponse.newBuilder();
    Map<String, String> sent = new LinkedHashMap<>();
    if (state.everyName) {
      lookAtEveryName(type, state);
    }
    Set<String> due = due(type, state);
    for (String name : state.suspects.next(due)) {
      EncodedResource resource = snapshot.find(type, name);
      if (resource != null) {
        response.addResources(resource.resource());
        sent.put(name, resource.version());
        if (resource.ttlNanos() > 0) {
          state.lease.lent(resource.ttlNanos(), nanoTime.getAsLong());
        }
      }
    }
    state.toSend = new LinkedHashSet<>();
    due.stream().filter(name -> !sent.containsKey(name)).forEach(state.toSend::add);
    for (String name : state.asked) {
      if (snapshot.find(type, name) == null) {
        // There is no such resource: said, so that the proxy need not wait for it.
        response.addRemovedResources(name);
        state.held.remove(name);
      }
    }
    if (PushOrder.removedWithAdditions(type)) {
      response.addAllRemovedResources(takeGone(type, state));
    }
    if (!sent.isEmpty() || response.getRemovedResourcesCount() > 0 || state.owesFirstAnswer) {
      Set<String> stillAsked = new LinkedHashSet<>(state.asked);
      stillAsked.retainAll(state.toSend);
      state.asked = stillAsked;
      state.owesFirstAnswer = false;
      send(type, state, response, sent, Set.of(), out);
    }
  }

  /** What the proxy asked for or lacks, and did not refuse. */
  private Set<String> due(ResourceType type, DeltaType state) {
    Set<String> due = new LinkedHashSet<>(state.asked);
    due.addAll(state.toSend);
    due.removeIf(name -> {
      EncodedResource resource = snapshot.find(type, name);
      return resource == null
          || !state.wants(name)
          || resource.version().equals(state.rejected.get(name))
          || (!state.asked.contains(name) && resource.version().equals(state.held.get(name)));
    });
    return due;
  }

  private void lookAtEveryName(ResourceType type, DeltaType state) {
    state.everyName = false;
    state.held.names().forEach(name -> look(type, state, name));
    Collection<String> wanted = state.wildcard ? snapshot.of(type).keySet() : state.names;
    wanted.forEach(name -> look(type, state, name));
  }

  private void remove(ResourceType type, DeltaType state, List<DeltaDiscoveryResponse> out) {
    if (state.everyName) {
      lookAtEveryName(type, state);
    }
    List<String> gone = takeGone(type, state);
    if (!gone.isEmpty()) {
      send(
          type,
          state,
          DeltaDiscoveryResponse.newBuilder().addAllRemovedResources(gone),
          Map.of(),
          Set.of(),
          out);
    }
  }

  /** What it has and should not have, which it is about to be told. */
  private List<String> takeGone(ResourceType type, DeltaType state) {
    List<String> gone =
        state.toRemove.stream()
            .filter(name -> state.held.get(name) != null && snapshot.find(type, name) == null)
            .toList();
    state.toRemove = new LinkedHashSet<>();
    gone.forEach(state.held::remove);
    return gone;
  }

  @Override
  public List<DeltaDiscoveryResponse> renew() {
    long now = nanoTime.getAsLong();
    return types.values().stream().anyMatch(state -> state.renewalDue(now)) ? pump() : List.of();
  }

  /** What is lent is lent for another while, by its name and version alone. */
  private void renew(ResourceType type, DeltaType state, List<DeltaDiscoveryResponse> out) {
    long now = nanoTime.getAsLong();
    if (!state.renewalDue(now)) {
      return;
    }
    DeltaDiscoveryResponse.Builder response = DeltaDiscoveryResponse.newBuilder();
    Set<String> renewed = new LinkedHashSet<>();
    long ttlNanos = state.lease.ttlNanos();
    for (String name : state.held.names()) {
      String held = state.held.get(name);
      EncodedResource wanted = snapshot.find(type, name);
      if (held == null || !lent(held)) {
        continue;
      }
      if (wanted != null && wanted.version().equals(held)) {
        wanted.heartbeat().ifPresent(response::addResources);
        ttlNanos = wanted.ttlNanos();
        renewed.add(name);
      } else if (ttlNanos > 0) {
        // It is gone, or is other and was refused: until it can be taken away it is needed.
        response.addResources(Lease.heartbeat(name, held, ttlNanos));
        renewed.add(name);
      }
    }
    if (renewed.isEmpty()) {
      state.lease.ended();
    } else {
      state.lease.renewed(ttlNanos, now);
      send(type, state, response, Map.of(), renewed, out);
    }
  }

  private static boolean lent(String version) {
    return version.endsWith(EncodedResource.LENT);
  }

  private void send(
      ResourceType type,
      DeltaType state,
      DeltaDiscoveryResponse.Builder response,
      Map<String, String> sent,
      Set<String> renewed,
      List<DeltaDiscoveryResponse> out) {
    String nonce = Long.toString(++nonces);
    Map<String, String> heldBefore = new LinkedHashMap<>();
    sent.forEach((name, version) -> {
      String before = state.held.get(name);
      state.held.put(name, version);
      if (before != null) {
        heldBefore.put(name, before);
      }
    });
    state.awaiting = new Awaiting(nonce, sent, heldBefore, snapshot.generation(), renewed);
    state.answerTime.sent(nanoTime.getAsLong());
    state.sentGeneration = snapshot.generation();
    DeltaType endpoints = types.get(ResourceType.ENDPOINTS);
    if (type == ResourceType.CLUSTER && endpoints != null) {
      // A changed cluster warms until it hears its endpoints again; Envoy does not ask for them.
      heldBefore.keySet().stream()
          .filter(endpoints::wants)
          .filter(name -> snapshot.find(ResourceType.ENDPOINTS, name) != null)
          .forEach(endpoints.asked::add);
    }
    out.add(
        response
            .setTypeUrl(type.typeUrl())
            .setNonce(nonce)
            .setSystemVersionInfo(Long.toString(snapshot.generation()))
            .build());
  }

  /** A type with nothing left to send and nothing rejected is in step with the snapshot. */
  private void settle(ResourceType type, DeltaType state) {
    if (state.awaiting == null
        && !state.rejecting()
        && !state.everyName
        && state.asked.isEmpty()
        && state.toSend.isEmpty()
        && state.toRemove.isEmpty()) {
      state.held.settle(snapshot);
      state.inStep(snapshot);
    }
  }

  @Override
  public StreamStatus status() {
    return TypeState.status(snapshot, types);
  }

  @Override
  public List<ResourceStatus> resources() {
    List<ResourceStatus> all = new ArrayList<>();
    types.forEach((type, state) -> {
      Set<String> names = new TreeSet<>(state.held.names());
      names.addAll(state.wildcard ? snapshot.of(type).keySet() : state.names);
      for (String name : names) {
        EncodedResource wanted = snapshot.find(type, name);
        String sent = state.held.get(name);
        Awaiting awaiting = state.awaiting;
        String acked =
            awaiting != null && awaiting.sent.containsKey(name)
                ? awaiting.heldBefore.get(name)
                : sent;
        if (wanted != null || sent != null) {
          all.add(
              new ResourceStanding(wanted, sent, acked, state.rejected.get(name))
                  .status(type, name, state.error));
        }
      }
    });
    return all;
  }

  @Override
  public List<EncodedResource> held(ResourceType type) {
    DeltaType state = types.get(type);
    if (state == null) {
      return List.of();
    }
    return snapshot.of(type).values().stream()
        .filter(r -> state.wants(r.name()) && r.version().equals(state.held.get(r.name())))
        .toList();
  }
}
