package dev.meshctl.model.wire;

import com.google.protobuf.ListValue;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import dev.meshctl.model.xds.ProxyNode;
import dev.meshctl.model.xds.ProxyNode.Capture;
import dev.meshctl.model.xds.ProxyNode.Feature;
import dev.meshctl.model.xds.ProxyNode.Role;
import io.envoyproxy.envoy.config.core.v3.Node;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * {@link ProxyNode} to and from {@code envoy.config.core.v3.Node}, with Istio's metadata names
 * beside ours. A plain Envoy is understood by its id alone, {@code router~IP~NAME.NAMESPACE~DOMAIN}
 * or {@code sidecar~…}: a router binds all addresses and stands for the gateway that its cluster
 * (else its NAME) names, a sidecar is captured transparently.
 *
 * <p>Threads: pure functions.
 */
public final class NodeCodec {
  private static final String LABELS = "LABELS";
  private static final String NAMESPACE = "NAMESPACE";
  private static final String WORKLOAD_NAME = "WORKLOAD_NAME";
  private static final String NAME = "NAME";
  private static final String SERVICE_ACCOUNT = "SERVICE_ACCOUNT";
  private static final String INSTANCE_IPS = "INSTANCE_IPS";
  private static final String INTERCEPTION_MODE = "INTERCEPTION_MODE";
  private static final String REDIRECT = "REDIRECT";
  private static final String NONE = "NONE";
  private static final String GENERATOR = "GENERATOR";
  private static final String GRPC = "grpc";
  private static final String WORKLOAD_ADDRESS = "MESHCTL_WORKLOAD_ADDRESS";
  private static final String SERVICE_PREFIX = "MESHCTL_SERVICE_PREFIX";
  private static final String BIND_ADDRESS = "MESHCTL_BIND_ADDRESS";
  private static final String ANY_ADDRESS = "0.0.0.0";
  private static final String DEFAULT_ACCOUNT = "default";

  private NodeCodec() {}

  public static Node encode(ProxyNode node) {
    Struct.Builder metadata =
        Struct.newBuilder()
            .putFields(NAME, MetadataCodec.text(node.instance()))
            .putFields(NAMESPACE, MetadataCodec.text(node.namespace()))
            .putFields(WORKLOAD_NAME, MetadataCodec.text(node.workload()))
            .putFields(SERVICE_ACCOUNT, MetadataCodec.text(node.serviceAccount()));
    Struct.Builder labels = Struct.newBuilder();
    new TreeMap<>(node.labels())
        .forEach((name, value) -> labels.putFields(name, MetadataCodec.text(value)));
    metadata.putFields(LABELS, Value.newBuilder().setStructValue(labels).build());
    switch (node.capture()) {
      case Capture.Transparent(var podAddress, var otherAddress) -> {
        addresses(metadata, podAddress, otherAddress);
        metadata.putFields(INTERCEPTION_MODE, MetadataCodec.text(REDIRECT));
      }
      case Capture.Explicit(var proxyAddress, var workloadAddress, var servicePrefix) -> {
        addresses(metadata, proxyAddress);
        metadata
            .putFields(INTERCEPTION_MODE, MetadataCodec.text(NONE))
            .putFields(WORKLOAD_ADDRESS, MetadataCodec.text(workloadAddress))
            .putFields(SERVICE_PREFIX, MetadataCodec.text(servicePrefix));
      }
      case Capture.Edge(var bindAddress) -> {
        addresses(metadata, bindAddress);
        metadata.putFields(BIND_ADDRESS, MetadataCodec.text(bindAddress));
      }
      case Capture.Proxyless client -> metadata.putFields(GENERATOR, MetadataCodec.text(GRPC));
    }
    Node.Builder message =
        Node.newBuilder()
            .setId(node.id())
            .setCluster(node.workload() + "." + node.namespace())
            .setMetadata(metadata);
    for (Feature feature : Feature.values()) {
      if (node.can(feature)) {
        message.addClientFeatures(name(feature));
      }
    }
    return message.build();
  }

  private static void addresses(Struct.Builder metadata, String... addresses) {
    ListValue.Builder list = ListValue.newBuilder();
    for (String address : addresses) {
      if (!address.isEmpty()) {
        list.addValues(MetadataCodec.text(address));
      }
    }
    metadata.putFields(INSTANCE_IPS, Value.newBuilder().setListValue(list).build());
  }

  public static DecodedNode decode(Node node) {
    String[] parts = node.getId().split("~", -1);
    if (parts.length != 4) {
      return rejected(node, "TYPE~IP~NAME.NAMESPACE~DOMAIN");
    }
    Role role;
    switch (parts[0]) {
      case "sidecar" -> role = Role.SIDECAR;
      case "router" -> role = Role.GATEWAY;
      case "middle" -> role = Role.MIDDLE;
      case "node" -> role = Role.NODE;
      default -> {
        return rejected(node, "sidecar, router, middle or node before the first ~");
      }
    }
    int dot = parts[2].lastIndexOf('.');
    if (dot <= 0 || dot == parts[2].length() - 1) {
      return rejected(node, "NAME.NAMESPACE after the second ~");
    }
    Struct metadata = node.getMetadata();
    String instance = text(metadata, NAME, parts[2].substring(0, dot));
    String cluster = node.getCluster();
    int clusterDot = cluster.indexOf('.');
    String named = clusterDot < 0 ? cluster : cluster.substring(0, clusterDot);
    return new DecodedNode.Accepted(
        new ProxyNode(
            node.getId(),
            role,
            text(metadata, NAMESPACE, parts[2].substring(dot + 1)),
            text(metadata, WORKLOAD_NAME, named.isEmpty() ? instance : named),
            instance,
            text(metadata, SERVICE_ACCOUNT, DEFAULT_ACCOUNT),
            labels(metadata),
            speaksForItself(node) ? new Capture.Proxyless() : capture(role, metadata, parts[1]),
            features(node)));
  }

  private static Set<Feature> features(Node node) {
    Set<Feature> features = EnumSet.noneOf(Feature.class);
    for (Feature feature : Feature.values()) {
      if (node.getClientFeaturesList().contains(name(feature))) {
        features.add(feature);
      }
    }
    return features;
  }

  /** Among {@code client_features}; ours are named for us. */
  private static String name(Feature feature) {
    return switch (feature) {
      case SPLIT_TABLES -> "dev.meshctl.vhds";
      case RESOURCE_TTL -> "xds.config.supports-resource-ttl";
    };
  }

  /** A gRPC client says so as Istio has it, or by the name of its library ({@code gRPC Java}). */
  private static boolean speaksForItself(Node node) {
    return text(node.getMetadata(), GENERATOR, "").equals(GRPC)
        || node.getUserAgentName().startsWith("gRPC ");
  }

  private static DecodedNode rejected(Node node, String expected) {
    return new DecodedNode.Rejected("node.id: " + node.getId() + " (expected: " + expected + ")");
  }

  private static Capture capture(Role role, Struct metadata, String address) {
    List<String> addresses =
        MetadataCodec.field(metadata, INSTANCE_IPS).getListValue().getValuesList().stream()
            .map(Value::getStringValue)
            .filter(text -> !text.isEmpty())
            .toList();
    String first = addresses.isEmpty() ? address : addresses.getFirst();
    if (role != Role.SIDECAR) {
      return new Capture.Edge(text(metadata, BIND_ADDRESS, ANY_ADDRESS));
    }
    return text(metadata, INTERCEPTION_MODE, REDIRECT).equals(NONE)
        ? new Capture.Explicit(
            first, text(metadata, WORKLOAD_ADDRESS, first), text(metadata, SERVICE_PREFIX, ""))
        : new Capture.Transparent(first, otherVersion(first, addresses));
  }

  /** The first that is of another version of IP; empty for none. */
  private static String otherVersion(String first, List<String> addresses) {
    boolean six = first.indexOf(':') >= 0;
    return addresses.stream()
        .filter(address -> address.indexOf(':') >= 0 != six)
        .findFirst()
        .orElse("");
  }

  private static Map<String, String> labels(Struct metadata) {
    Map<String, String> labels = new HashMap<>();
    MetadataCodec.field(metadata, LABELS)
        .getStructValue()
        .getFieldsMap()
        .forEach((name, value) -> labels.put(name, value.getStringValue()));
    return labels;
  }

  private static String text(Struct metadata, String name, String otherwise) {
    String text = MetadataCodec.field(metadata, name).getStringValue();
    return text.isEmpty() ? otherwise : text;
  }
}
