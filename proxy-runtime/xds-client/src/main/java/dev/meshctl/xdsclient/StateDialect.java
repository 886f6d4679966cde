package dev.meshctl.xdsclient;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.meshctl.model.wire.NodeCodec;
import dev.meshctl.model.xds.ProxyNode;
import dev.meshctl.model.xds.ResourceType;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.Resource;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * State of the world: each request names all that is wanted of a type and the version in force,
 * each response holds all that was asked for. A request answers the response whose nonce it
 * carries: with its version where it was taken, with the version before and the reason where not.
 */
final class StateDialect implements Dialect<DiscoveryRequest, DiscoveryResponse> {
  /**
   * A server takes a version for a promise that all that is asked for is held in it, and one that
   * is polled has no other way to know: it would answer "not modified" for ever.
   */
  private static final String HOLDS_NOT_ALL = "";

  private static final String WRAPPED = "/" + Resource.getDescriptor().getFullName();

  private final ProxyNode node;
  private final boolean polled;
  private final Map<ResourceType, Told> told = new EnumMap<>(ResourceType.class);
  private boolean nodeSent;

  /** What was last said of a type. */
  private static final class Told {
    final Set<String> names = new LinkedHashSet<>();

    /** In force; outlives the stream. */
    String version = "";

    /** Of the response in hand. */
    String offered = "";

    /** What the last poll asked for. */
    Set<String> asked = Set.of();

    String nonce = "";
    @Nullable String refusal;

    /** Names were added since the last response: the next may have been on its way already. */
    boolean mayBeUnheard;

    /** A server overlooks a request with the nonce of a response that it has followed up. */
    boolean repeat;
  }

  /**
   * @param polled there is no stream that would remember the node and what was asked for before
   */
  StateDialect(ProxyNode node, boolean polled) {
    this.node = node;
    this.polled = polled;
  }

  @Override
  public void begin() {
    nodeSent = false;
    told.values()
        .forEach(each -> {
          each.names.clear();
          each.nonce = "";
          each.refusal = null;
          each.mayBeUnheard = false;
          each.repeat = false;
        });
  }

  private Told told(ResourceType type) {
    return told.computeIfAbsent(type, t -> new Told());
  }

  @Override
  public List<DiscoveryRequest> requests(List<Ask> asks) {
    List<DiscoveryRequest> requests = new ArrayList<>();
    for (Ask ask : asks) {
      Told of = told(ask.type());
      switch (ask) {
        case Ask.Begin(var type, var names, var versions, var lapsed) -> {
          of.names.clear();
          of.names.addAll(names);
          if (lapsed || !versions.keySet().containsAll(names)) {
            of.version = HOLDS_NOT_ALL;
          }
        }
        case Ask.Change(var type, var added, var dropped) -> {
          of.names.addAll(added);
          of.names.removeAll(dropped);
          of.mayBeUnheard |= !added.isEmpty();
          if (polled && !added.isEmpty()) {
            of.version = HOLDS_NOT_ALL;
          }
          if (of.names.isEmpty()) {
            // Without names the request would ask for all: nothing is asked until some are wanted.
            continue;
          }
        }
        case Ask.Answer(var type, var nonce, var refusal) -> {
          if (!nonce.equals(of.nonce)) {
            // A newer response is in hand already.
            continue;
          }
          of.refusal = refusal.orElse(null);
          if (refusal.isEmpty()) {
            of.version = polled && !of.asked.containsAll(of.names) ? HOLDS_NOT_ALL : of.offered;
          }
        }
      }
      requests.add(request(ask.type(), of));
      of.refusal = polled ? of.refusal : null;
    }
    return requests;
  }

  @Override
  public List<DiscoveryRequest> repeats() {
    List<DiscoveryRequest> requests = new ArrayList<>();
    told.forEach((type, of) -> {
      if (of.repeat) {
        requests.add(request(type, of));
      }
    });
    return requests;
  }

  /** What a poll asks. */
  DiscoveryRequest poll(ResourceType type) {
    Told of = told(type);
    DiscoveryRequest request = request(type, of);
    of.refusal = null;
    of.asked = Set.copyOf(of.names);
    return request;
  }

  private DiscoveryRequest request(ResourceType type, Told of) {
    of.repeat = false;
    DiscoveryRequest.Builder request =
        DiscoveryRequest.newBuilder()
            .setTypeUrl(type.typeUrl())
            .setVersionInfo(of.version)
            .setResponseNonce(of.nonce)
            .addAllResourceNames(of.names);
    if (!nodeSent || polled) {
      request.setNode(NodeCodec.encode(node));
      nodeSent = true;
    }
    if (of.refusal != null) {
      request.setErrorDetail(DeltaDialect.refused(of.refusal));
    }
    return request.build();
  }

  @Override
  public Optional<Update> update(DiscoveryResponse response) {
    ResourceType type = TYPES.get(response.getTypeUrl());
    if (type == null) {
      return Optional.empty();
    }
    Told of = told(type);
    // A heartbeat is for what came with the version in force, whichever that was of each resource.
    Optional<String> held =
        response.getVersionInfo().equals(of.version)
            ? Optional.empty()
            : Optional.of(response.getVersionInfo());
    of.nonce = response.getNonce();
    of.offered = response.getVersionInfo();
    of.repeat = of.mayBeUnheard;
    of.mayBeUnheard = false;
    List<Update.Named> resources = new ArrayList<>();
    for (Any each : response.getResourcesList()) {
      resources.add(named(each, response.getVersionInfo(), held));
    }
    boolean whole =
        resources.isEmpty() || !resources.stream().allMatch(Update.Heartbeat.class::isInstance);
    return Optional.of(new Update(type, response.getNonce(), whole, resources, List.of()));
  }

  /** A resource may come wrapped, with a name of its own. */
  private static Update.Named named(Any any, String version, Optional<String> held) {
    if (any.getTypeUrl().endsWith(WRAPPED)) {
      try {
        return DeltaDialect.named(Resource.parseFrom(any.getValue()), version, held);
      } catch (InvalidProtocolBufferException malformed) {
        // Refused like each that is not what it should be.
        return new Update.Content("", version, 0, any);
      }
    }
    return new Update.Content("", version, 0, any);
  }
}
