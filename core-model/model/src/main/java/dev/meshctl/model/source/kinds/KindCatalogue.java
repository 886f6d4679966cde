package dev.meshctl.model.source.kinds;

import dev.meshctl.model.resource.MeshResource;
import dev.meshctl.model.resource.Metadata;
import dev.meshctl.model.source.yaml.YamlObject;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Every kind that is read, and every kind that is known and not applied.
 *
 * <p>Threads: any; immutable.
 */
public final class KindCatalogue {
  private static final List<String> NETWORKING = List.of("v1", "v1beta1", "v1alpha3");
  private static final Map<String, Kind> KINDS = new LinkedHashMap<>();

  static {
    read("", "Namespace", List.of("v1"), false, KubernetesParser::namespace);
    read("", "ServiceAccount", List.of("v1"), true, KubernetesParser::serviceAccount);
    read("", "Service", List.of("v1"), true, KubernetesParser::service);
    read("", "Secret", List.of("v1"), true, SecretParser::parse);
    read("", "ConfigMap", List.of("v1"), true, SecretParser::configMap);
    List<String> first = List.of("v1");
    read("", "ReplicationController", first, true, WorkloadParser::replicationController);
    read("", "Pod", first, true, PodParser::pod);
    read("", "Node", first, false, PodParser::node);
    read("", "Endpoints", first, true, EndpointParser::endpoints);
    read("discovery.k8s.io", "EndpointSlice", first, true, EndpointParser::slice);
    read("apps", "Deployment", first, true, WorkloadParser::deployment);
    read("apps", "StatefulSet", first, true, WorkloadParser::statefulSet);
    read("apps", "DaemonSet", first, true, WorkloadParser::daemonSet);
    read("apps", "ReplicaSet", first, true, WorkloadParser::replicaSet);
    read("batch", "Job", first, true, WorkloadParser::job);
    read("batch", "CronJob", first, true, WorkloadParser::cronJob);
    String istio = "networking.istio.io";
    read(istio, "VirtualService", NETWORKING, true, VirtualServiceParser::parse);
    read(istio, "DestinationRule", NETWORKING, true, DestinationRuleParser::parse);
    read(istio, "Gateway", NETWORKING, true, IstioGatewayParser::parse);
    read(istio, "ServiceEntry", NETWORKING, true, EntryParser::serviceEntry);
    read(istio, "WorkloadEntry", NETWORKING, true, EntryParser::workloadEntry);
    read(istio, "WorkloadGroup", NETWORKING, true, EntryParser::workloadGroup);
    read(istio, "Sidecar", NETWORKING, true, SidecarParser::parse);
    read(
        "security.istio.io",
        "PeerAuthentication",
        List.of("v1", "v1beta1"),
        true,
        IstioParser::peerAuthentication);
    read(
        "security.istio.io",
        "RequestAuthentication",
        List.of("v1", "v1beta1"),
        true,
        RequestAuthenticationParser::parse);
    read(
        "telemetry.istio.io",
        "Telemetry",
        List.of("v1", "v1alpha1"),
        true,
        TelemetryParser::telemetry);
    read(istio, "ProxyConfig", List.of("v1beta1"), true, TelemetryParser::proxyConfig);
    read(
        "security.istio.io",
        "AuthorizationPolicy",
        List.of("v1", "v1beta1"),
        true,
        AuthorizationPolicyParser::parse);
    read(
        "install.istio.io", "IstioOperator", List.of("v1alpha1"), true, MeshConfigParser::operator);
    String gatewayApi = "gateway.networking.k8s.io";
    List<String> stable = List.of("v1", "v1beta1");
    read(gatewayApi, "GatewayClass", stable, false, GatewayParser::gatewayClass);
    read(gatewayApi, "Gateway", stable, true, GatewayParser::gateway);
    read(gatewayApi, "HTTPRoute", stable, true, HttpRouteParser::parse);
    read(gatewayApi, "GRPCRoute", List.of("v1", "v1alpha2"), true, GrpcRouteParser::parse);
    read(
        gatewayApi,
        "TLSRoute",
        List.of("v1", "v1alpha3", "v1alpha2"),
        true,
        ConnectionRouteParser::tls);
    read(gatewayApi, "TCPRoute", List.of("v1", "v1alpha2"), true, ConnectionRouteParser::tcp);
    read(
        gatewayApi,
        "BackendTLSPolicy",
        List.of("v1", "v1alpha3"),
        true,
        BackendTlsPolicyParser::parse);
    read(
        gatewayApi,
        "ReferenceGrant",
        List.of("v1", "v1beta1", "v1alpha2"),
        true,
        ReferenceGrantParser::parse);

    deprecated(gatewayApi, "GRPCRoute", "v1", "v1alpha2");
    deprecated(gatewayApi, "TLSRoute", "v1", "v1alpha3", "v1alpha2");
    deprecated(gatewayApi, "BackendTLSPolicy", "v1", "v1alpha3");
    deprecated(gatewayApi, "ReferenceGrant", "v1beta1", "v1alpha2");

    known("", "Event", "LimitRange", "ResourceQuota");
    known("", "PersistentVolume", "PersistentVolumeClaim");
    known("autoscaling", "HorizontalPodAutoscaler");
    known("policy", "PodDisruptionBudget");
    known("networking.k8s.io", "Ingress", "IngressClass", "NetworkPolicy");
    known("storage.k8s.io", "StorageClass");
    known("scheduling.k8s.io", "PriorityClass");
    known("apiextensions.k8s.io", "CustomResourceDefinition");
    known("rbac.authorization.k8s.io", "Role", "RoleBinding", "ClusterRole", "ClusterRoleBinding");
    known(
        "admissionregistration.k8s.io",
        "MutatingWebhookConfiguration",
        "ValidatingWebhookConfiguration");
    knownWith(": no proxy is patched", istio, "EnvoyFilter");
    knownWith(": the plugin runs nowhere", "extensions.istio.io", "WasmPlugin");
    known(gatewayApi, "UDPRoute");
    known(gatewayApi, "ListenerSet");
    known("gateway.networking.x-k8s.io", "XBackendTrafficPolicy", "XListenerSet", "XMesh");
    known("monitoring.coreos.com", "ServiceMonitor", "PodMonitor", "PrometheusRule");
  }

  private KindCatalogue() {}

  /** What is done with a kind. */
  public sealed interface Kind {
    /**
     * Read by a parser.
     *
     * @param deprecated versions, with the version to write instead; as the API's own server warns
     */
    record Read(
        ResourceParser parser,
        List<String> versions,
        boolean namespaced,
        Map<String, String> deprecated)
        implements Kind {}

    /**
     * Part of a cluster that the mesh does nothing about.
     *
     * @param effect what that means; empty where it means nothing
     */
    record NotApplied(String effect) implements Kind {}
  }

  /** Makes a record of an object whose {@code metadata} has been read. */
  @FunctionalInterface
  public interface ResourceParser {
    MeshResource parse(Metadata metadata, YamlObject root);
  }

  /**
   * A kind that is read.
   *
   * @param versions the best first
   */
  public record Readable(String group, String kind, List<String> versions, boolean namespaced) {}

  /** Every kind that is read. */
  public static List<Readable> readable() {
    List<Readable> readable = new ArrayList<>();
    KINDS.forEach((key, kind) -> {
      if (kind instanceof Kind.Read read) {
        int slash = key.lastIndexOf('/');
        readable.add(
            new Readable(
                key.substring(0, slash),
                key.substring(slash + 1),
                read.versions(),
                read.namespaced()));
      }
    });
    return List.copyOf(readable);
  }

  /** Looks a kind up; a version that the API never had is no match. */
  public static Optional<Kind> find(String apiVersion, String kind) {
    int slash = apiVersion.indexOf('/');
    String group = slash < 0 ? "" : apiVersion.substring(0, slash);
    String version = apiVersion.substring(slash + 1);
    Kind found = KINDS.get(group + "/" + kind);
    if (found instanceof Kind.Read read && !read.versions().contains(version)) {
      return Optional.empty();
    }
    return Optional.ofNullable(found);
  }

  /** {@code apiVersion kind} of all that is read, and {@code group kind} of the rest. */
  public static List<String> all() {
    List<String> all = new ArrayList<>();
    KINDS.forEach((key, kind) -> {
      int slash = key.lastIndexOf('/');
      String group = key.substring(0, slash);
      String name = key.substring(slash + 1);
      if (kind instanceof Kind.Read read) {
        for (String version : read.versions()) {
          all.add((group.isEmpty() ? version : group + "/" + version) + " " + name);
        }
      } else {
        all.add((group.isEmpty() ? "v1" : group) + " " + name);
      }
    });
    return all;
  }

  private static void read(
      String group, String kind, List<String> versions, boolean namespaced, ResourceParser parser) {
    KINDS.put(group + "/" + kind, new Kind.Read(parser, versions, namespaced, Map.of()));
  }

  private static void deprecated(String group, String kind, String instead, String... versions) {
    KINDS.computeIfPresent(
        group + "/" + kind,
        (_, found) -> {
          Kind.Read read = (Kind.Read) found;
          Map<String, String> deprecated = new LinkedHashMap<>();
          for (String version : versions) {
            deprecated.put(version, instead);
          }
          return new Kind.Read(read.parser(), read.versions(), read.namespaced(), deprecated);
        });
  }

  private static void known(String group, String... kinds) {
    knownWith("", group, kinds);
  }

  private static void knownWith(String effect, String group, String... kinds) {
    for (String kind : kinds) {
      KINDS.put(group + "/" + kind, new Kind.NotApplied(effect));
    }
  }
}
