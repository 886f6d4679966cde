package dev.meshctl.xdsclient;

import com.google.rpc.Code;
import com.google.rpc.Status;
import dev.meshctl.model.wire.Decoded;
import dev.meshctl.model.wire.NodeCodec;
import dev.meshctl.model.wire.XdsCodec;
import dev.meshctl.model.xds.ProxyNode;
import dev.meshctl.model.xds.ResourceType;
import dev.meshctl.xdsclient.ConfigSink.Rejection;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.Resource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * The client's side of incremental ADS: responses in, requests and snapshots out. What is held
 * outlives a stream; what is subscribed and unanswered does not.
 *
 * <pre>
 * response --decode--> assembly --whole?--> sink --> ACK, or NACK naming each refused resource
 *                               --warming-> clusters, endpoints, secrets: ACK now
 *                                           listeners, routes: ACK once in force
 * </pre>
 *
 * <p>Thread: one at a time.
 */
final class AdsProtocol {
  private static final int MAX_MESSAGE_CHARS = 4096;
  private static final Map<String, ResourceType> TYPES =
      Arrays.stream(ResourceType.values())
          .collect(Collectors.toUnmodifiableMap(ResourceType::typeUrl, Function.identity()));

  private final ProxyNode node;
  private final Set<ResourceType> wildcards;
  private final ConfigSink sink;
  private final ConfigAssembly assembly = new ConfigAssembly();

  /** Wildcard types that were ever answered: before all were, there is no whole. */
  private final Set<ResourceType> answered = new LinkedHashSet<>();

  // Of the stream.
  private final Map<ResourceType, Set<String>> subscribed = new EnumMap<>(ResourceType.class);
  private final Map<ResourceType, Unanswered> unanswered = new EnumMap<>(ResourceType.class);
  private boolean nodeSent;
  private boolean changed;

  /** A response in hand: {@code problems} are what decoding refused of it. */
  private record Unanswered(String nonce, List<Rejection> problems) {}

  /**
   * @param wildcards the types to take all of, among clusters, listeners and names
   */
  AdsProtocol(ProxyNode node, Set<ResourceType> wildcards, ConfigSink sink) {
    this.node = node;
    this.wildcards = Set.copyOf(wildcards);
    this.sink = sink;
  }

  /** The requests that begin a stream: everything wanted, with the versions already held. */
  List<DeltaDiscoveryRequest> open() {
    subscribed.clear();
    unanswered.clear();
    nodeSent = false;
    List<DeltaDiscoveryRequest> out = new ArrayList<>();
    for (ResourceType type : ResourceType.values()) {
      if (wildcards.contains(type)) {
        // Without names: everything.
        out.add(request(type).putAllInitialResourceVersions(assembly.versions(type)).build());
      } else if (ConfigAssembly.byName(type)) {
        Set<String> names = assembly.wanted(type);
        if (!names.isEmpty()) {
          Map<String, String> versions = assembly.versions(type);
          versions.keySet().retainAll(names);
          subscribed.put(type, names);
          out.add(
              request(type)
                  .addAllResourceNamesSubscribe(names)
                  .putAllInitialResourceVersions(versions)
                  .build());
        }
      }
    }
    return out;
  }

  /** What to send after {@code response}; the sink may have been called. */
  List<DeltaDiscoveryRequest> response(DeltaDiscoveryResponse response) {
    ResourceType type = TYPES.get(response.getTypeUrl());
    if (type == null) {
      return List.of();
    }
    List<Rejection> problems = new ArrayList<>();
    for (Resource resource : response.getResourcesList()) {
      take(type, resource, problems);
    }
    response.getRemovedResourcesList().forEach(name -> assembly.remove(type, name));
    changed |= response.getResourcesCount() + response.getRemovedResourcesCount() > 0;
    if (wildcards.contains(type)) {
      changed |= answered.add(type);
    }
    List<DeltaDiscoveryRequest> out = new ArrayList<>();
    // A server may send the next of a type before this one is in force.
    acknowledge(out, List.of(type), List.of());
    unanswered.put(type, new Unanswered(response.getNonce(), problems));
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
              ResourceType.SECRET,
              ResourceType.NAMES),
          List.of());
    }
    return out;
  }

  /** Something changed that is not in force, because it is not whole. */
  boolean warming() {
    return changed;
  }

  /** Puts in force what can be, since the rest does not come. */
  List<DeltaDiscoveryRequest> giveUpWaiting() {
    List<DeltaDiscoveryRequest> out = new ArrayList<>();
    if (changed && answered.containsAll(wildcards)) {
      publish(out);
    }
    return out;
  }

  private void take(ResourceType type, Resource resource, List<Rejection> problems) {
    switch (XdsCodec.decode(type, resource.getResource())) {
      case Decoded.Accepted(var decoded, var ignored, var inline) ->
          assembly.put(type, resource.getVersion(), decoded, inline);
      case Decoded.Rejected(String name, List<String> reasons) -> {
        String known = name.isEmpty() ? resource.getName() : name;
        problems.add(new Rejection(type, known, String.join("; ", reasons)));
      }
    }
  }

  private boolean complete() {
    return answered.containsAll(wildcards) && assembly.whole();
  }

  private void publish(List<DeltaDiscoveryRequest> out) {
    List<Rejection> refused = changed ? sink.accept(assembly.assemble()) : List.of();
    if (changed) {
      assembly.settled(refused);
      changed = false;
    }
    subscribe(out);
    acknowledge(out, List.of(ResourceType.values()), refused);
  }

  private void subscribe(List<DeltaDiscoveryRequest> out) {
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
      subscribed.put(type, now);
      out.add(
          request(type)
              .addAllResourceNamesSubscribe(added)
              .addAllResourceNamesUnsubscribe(dropped)
              .build());
    }
  }

  private void acknowledge(
      List<DeltaDiscoveryRequest> out, List<ResourceType> types, List<Rejection> refused) {
    for (ResourceType type : types) {
      Unanswered response = unanswered.remove(type);
      if (response != null) {
        // By name, the first reason: decoding and the sink may both object.
        Map<String, String> problems = new HashMap<>();
        response.problems.forEach(r -> problems.putIfAbsent(r.name(), r.reason()));
        refused.stream()
            .filter(r -> r.type() == type)
            .forEach(r -> problems.putIfAbsent(r.name(), r.reason()));
        DeltaDiscoveryRequest.Builder answer = request(type).setResponseNonce(response.nonce);
        if (!problems.isEmpty()) {
          answer.setErrorDetail(
              Status.newBuilder()
                  .setCode(Code.INVALID_ARGUMENT_VALUE)
                  .setMessage(message(problems)));
        }
        out.add(answer.build());
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

  private DeltaDiscoveryRequest.Builder request(ResourceType type) {
    DeltaDiscoveryRequest.Builder request =
        DeltaDiscoveryRequest.newBuilder().setTypeUrl(type.typeUrl());
    if (!nodeSent) {
      // The first request of a stream names the node for all.
      request.setNode(NodeCodec.encode(node));
      nodeSent = true;
    }
    return request;
  }
}
