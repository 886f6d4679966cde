package dev.meshctl.model.wire;

import dev.meshctl.model.xds.LoadAssignment;
import dev.meshctl.model.xds.LoadAssignment.Endpoint;
import dev.meshctl.model.xds.LoadAssignment.Health;
import dev.meshctl.model.xds.LoadAssignment.Locality;
import dev.meshctl.model.xds.LoadAssignment.LocalityEndpoints;
import dev.meshctl.model.xds.SocketEndpoint;
import io.envoyproxy.envoy.config.core.v3.Address;
import io.envoyproxy.envoy.config.core.v3.HealthStatus;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.config.endpoint.v3.LbEndpoint;
import io.envoyproxy.envoy.config.endpoint.v3.LocalityLbEndpoints;
import java.util.ArrayList;
import java.util.List;

/** {@link LoadAssignment} to and from {@code ClusterLoadAssignment}. */
final class EndpointCodec {
  private static final KnownFields ASSIGNMENT =
      KnownFields.of(ClusterLoadAssignment.getDescriptor(), "cluster_name", "endpoints", "policy");
  private static final KnownFields POLICY =
      KnownFields.of(ClusterLoadAssignment.Policy.getDescriptor(), "overprovisioning_factor")
          .leavingAside("endpoint_stale_after");
  private static final KnownFields GROUP =
      KnownFields.of(
              LocalityLbEndpoints.getDescriptor(),
              "locality",
              "priority",
              "load_balancing_weight",
              "lb_endpoints")
          .leavingAside("metadata", "proximity");
  private static final KnownFields LB_ENDPOINT =
      KnownFields.of(
          LbEndpoint.getDescriptor(),
          "endpoint",
          "health_status",
          "load_balancing_weight",
          "metadata");
  private static final KnownFields ENDPOINT =
      KnownFields.of(
              io.envoyproxy.envoy.config.endpoint.v3.Endpoint.getDescriptor(),
              "address",
              "hostname")
          .leavingAside("health_check_config", "additional_addresses");

  private EndpointCodec() {}

  static ClusterLoadAssignment encode(LoadAssignment assignment) {
    ClusterLoadAssignment.Builder message =
        ClusterLoadAssignment.newBuilder().setClusterName(assignment.name());
    assignment.localities().forEach(group -> message.addEndpoints(encode(group)));
    if (assignment.overprovisioning() > 0) {
      message
          .getPolicyBuilder()
          .setOverprovisioningFactor(Packing.unsigned(assignment.overprovisioning()));
    }
    return message.build();
  }

  private static LocalityLbEndpoints encode(LocalityEndpoints group) {
    LocalityLbEndpoints.Builder message =
        LocalityLbEndpoints.newBuilder().setPriority(group.priority());
    // Also where it says nothing: gRPC in Go refuses a group that has none.
    message
        .getLocalityBuilder()
        .setRegion(group.locality().region())
        .setZone(group.locality().zone())
        .setSubZone(group.locality().subZone());
    if (group.weight() > 0) {
      message.setLoadBalancingWeight(Packing.unsigned(group.weight()));
    }
    group.endpoints().forEach(endpoint -> message.addLbEndpoints(encode(endpoint)));
    return message.build();
  }

  private static LbEndpoint encode(Endpoint endpoint) {
    LbEndpoint.Builder message = LbEndpoint.newBuilder();
    message
        .getEndpointBuilder()
        .setAddress(AddressCodec.encode(endpoint.address()))
        .setHostname(endpoint.hostname());
    message
        .setHealthStatus(encode(endpoint.health()))
        .setLoadBalancingWeight(Packing.unsigned(endpoint.weight()));
    var metadata = MetadataCodec.ofEndpoint(endpoint.workload(), endpoint.meshTls()).toBuilder();
    if (!endpoint.labels().isEmpty()) {
      metadata.mergeFrom(LabelCodec.encode(endpoint.labels()));
    }
    if (metadata.getFilterMetadataCount() > 0) {
      message.setMetadata(metadata);
    }
    return message.build();
  }

  private static HealthStatus encode(Health health) {
    return switch (health) {
      case HEALTHY -> HealthStatus.HEALTHY;
      case UNHEALTHY -> HealthStatus.UNHEALTHY;
      case DRAINING -> HealthStatus.DRAINING;
    };
  }

  static LoadAssignment decode(Reading reading, ClusterLoadAssignment message) {
    return decode(reading, "", message);
  }

  static LoadAssignment decode(Reading reading, String path, ClusterLoadAssignment message) {
    reading.expect(path, message, ASSIGNMENT);
    List<LocalityEndpoints> groups = new ArrayList<>();
    for (int i = 0; i < message.getEndpointsCount(); i++) {
      groups.add(
          decode(reading, Reading.join(path, "endpoints[" + i + "]"), message.getEndpoints(i)));
    }
    reading.expect(Reading.join(path, "policy"), message.getPolicy(), POLICY);
    return new LoadAssignment(
        message.getClusterName(),
        groups,
        Reading.unsigned(message.getPolicy().getOverprovisioningFactor()));
  }

  private static LocalityEndpoints decode(
      Reading reading, String path, LocalityLbEndpoints message) {
    reading.expect(path, message, GROUP);
    List<Endpoint> endpoints = new ArrayList<>();
    for (int i = 0; i < message.getLbEndpointsCount(); i++) {
      endpoints.add(decode(reading, path + ".lb_endpoints[" + i + "]", message.getLbEndpoints(i)));
    }
    var locality = message.getLocality();
    return new LocalityEndpoints(
        new Locality(locality.getRegion(), locality.getZone(), locality.getSubZone()),
        Reading.unsigned(message.getPriority()),
        Reading.unsigned(message.getLoadBalancingWeight()),
        endpoints);
  }

  private static Endpoint decode(Reading reading, String path, LbEndpoint message) {
    reading.expect(path, message, LB_ENDPOINT);
    reading.expect(path + ".endpoint", message.getEndpoint(), ENDPOINT);
    String metadata = path + ".metadata";
    return new Endpoint(
        address(reading, path + ".endpoint.address", message.getEndpoint().getAddress()),
        decode(reading, path + ".health_status", message.getHealthStatus()),
        message.hasLoadBalancingWeight()
            ? Math.max(1, Reading.unsigned(message.getLoadBalancingWeight()))
            : 1,
        MetadataCodec.meshTls(reading, metadata, message.getMetadata()),
        MetadataCodec.workload(reading, metadata, message.getMetadata()),
        message.getEndpoint().getHostname(),
        LabelCodec.decode(reading, metadata, message.getMetadata()));
  }

  /** The mode of a socket's file is its listener's business. */
  private static SocketEndpoint address(Reading reading, String path, Address message) {
    SocketEndpoint read = AddressCodec.decode(reading, path, message);
    if (read.mode() > 0) {
      reading.ignore(path + ".pipe.mode");
    }
    return new SocketEndpoint(read.address(), read.port());
  }

  private static Health decode(Reading reading, String path, HealthStatus status) {
    return switch (status) {
      // Unknown is healthy to Envoy, too; degraded ones serve where nothing better is left.
      case UNKNOWN, HEALTHY, DEGRADED -> Health.HEALTHY;
      case UNHEALTHY, TIMEOUT -> Health.UNHEALTHY;
      case DRAINING -> Health.DRAINING;
      case UNRECOGNIZED -> {
        reading.refuse(path, "unknown value (expected: one of HealthStatus)");
        yield Health.UNHEALTHY;
      }
    };
  }
}
