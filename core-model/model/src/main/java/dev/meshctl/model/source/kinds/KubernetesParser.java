package dev.meshctl.model.source.kinds;

import static dev.meshctl.model.source.kinds.Shared.MAX_PORT;

import dev.meshctl.model.resource.EndpointSlice.AddressType;
import dev.meshctl.model.resource.Metadata;
import dev.meshctl.model.resource.Namespace;
import dev.meshctl.model.resource.PortRef;
import dev.meshctl.model.resource.Service;
import dev.meshctl.model.resource.Service.Distribution;
import dev.meshctl.model.resource.Service.SessionAffinity;
import dev.meshctl.model.resource.Service.Type;
import dev.meshctl.model.resource.ServiceAccount;
import dev.meshctl.model.source.yaml.YamlObject;
import dev.meshctl.model.validation.DiagnosticCode;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Namespace, ServiceAccount and Service. */
final class KubernetesParser {
  private static final Map<String, Type> TYPES =
      Map.of(
          "ClusterIP", Type.CLUSTER_IP,
          "NodePort", Type.NODE_PORT,
          "LoadBalancer", Type.LOAD_BALANCER,
          "ExternalName", Type.EXTERNAL_NAME);

  /** Seconds, where nothing is written. */
  private static final int AFFINITY = 10_800;

  private static final Map<String, Distribution> DISTRIBUTIONS =
      Map.of(
          "PreferClose", Distribution.SAME_ZONE,
          "PreferSameZone", Distribution.SAME_ZONE,
          "PreferSameNode", Distribution.SAME_NODE);

  private KubernetesParser() {}

  static Namespace namespace(Metadata metadata, YamlObject root) {
    root.ignore("spec");
    return new Namespace(metadata);
  }

  static ServiceAccount serviceAccount(Metadata metadata, YamlObject root) {
    root.ignore("secrets", "imagePullSecrets", "automountServiceAccountToken");
    return new ServiceAccount(metadata);
  }

  static Service service(Metadata metadata, YamlObject root) {
    Optional<YamlObject> written = root.requiredObject("spec");
    if (written.isEmpty()) {
      return new Service(
          metadata, Type.CLUSTER_IP, Map.of(), List.of(), false, "", SessionAffinity.NONE);
    }
    YamlObject spec = written.get();
    Type type = spec.word("type", TYPES).orElse(Type.CLUSTER_IP);
    withoutEffect(spec);
    String externalName = spec.text("externalName").orElse("");
    if (type == Type.EXTERNAL_NAME && externalName.isEmpty()) {
      spec.missing("externalName");
    }
    Names.checkHost(spec, "externalName", externalName);
    List<Service.Port> ports =
        spec.objects("ports").stream().map(KubernetesParser::servicePort).toList();
    boolean headless = spec.text("clusterIP").orElse("").equals("None");
    if (ports.isEmpty() && type != Type.EXTERNAL_NAME && !headless && !spec.has("ports")) {
      spec.missing("ports");
    }
    return new Service(
        metadata,
        type,
        spec.textMap("selector"),
        ports,
        headless,
        type == Type.EXTERNAL_NAME ? externalName : "",
        spec.word(
                "sessionAffinity",
                Map.of("None", SessionAffinity.NONE, "ClientIP", SessionAffinity.CLIENT_IP))
            .orElse(SessionAffinity.NONE),
        spec.flag("publishNotReadyAddresses").orElse(false),
        spec.word("internalTrafficPolicy", Map.of("Cluster", false, "Local", true)).orElse(false),
        spec.word("trafficDistribution", DISTRIBUTIONS).orElse(Distribution.ANY),
        ipFamilies(spec),
        addresses(spec));
  }

  private static List<AddressType> ipFamilies(YamlObject spec) {
    return spec.texts("ipFamilies").stream()
        .map(family -> family.equals("IPv6") ? AddressType.IPV6 : AddressType.IPV4)
        .toList();
  }

  /** {@code clusterIPs}, or the older {@code clusterIP}, where they are addresses. */
  private static List<String> addresses(YamlObject spec) {
    List<String> all = spec.texts("clusterIPs");
    return (all.isEmpty() ? spec.text("clusterIP").stream().toList() : all)
        .stream().filter(Addresses::isLiteral).toList();
  }

  private static void withoutEffect(YamlObject spec) {
    spec.ignore(
        "ipFamilyPolicy",
        "allocateLoadBalancerNodePorts",
        "healthCheckNodePort",
        "loadBalancerClass",
        "loadBalancerIP");
    if (spec.text("externalTrafficPolicy").orElse("Cluster").equals("Local")) {
      spec.valueNotApplied(
          "externalTrafficPolicy", "'Local' is not applied: traffic goes to any replica");
    }
    spec.notApplied("externalIPs", "loadBalancerSourceRanges");
    spec.object("sessionAffinityConfig")
        .flatMap(affinity -> affinity.object("clientIP"))
        .filter(client -> client.number("timeoutSeconds", 1, 86_400).orElse(AFFINITY) != AFFINITY)
        .ifPresent(client ->
            client.valueNotApplied("timeoutSeconds", "is not applied: affinity does not end"));
  }

  private static Service.Port servicePort(YamlObject port) {
    int number = port.requiredNumber("port", 1, MAX_PORT);
    String name = port.text("name").orElse("");
    String transport =
        port.word("protocol", Map.of("TCP", "TCP", "UDP", "UDP", "SCTP", "SCTP")).orElse("TCP");
    if (transport.equals("SCTP")) {
      port.valueNotApplied("protocol", "SCTP is not applied");
    }
    return new Service.Port(
        name,
        number,
        portRef(port, "targetPort").orElse(new PortRef.Number(number)),
        port.number("nodePort", 0, MAX_PORT).orElse(0),
        Protocols.ofServicePort(transport, port.text("appProtocol").orElse(""), name));
  }

  /** A number, or a name with at least one letter ({@code IANA_SVC_NAME}). */
  static Optional<PortRef> portRef(YamlObject from, String key) {
    return from.<PortRef>numberOrText(
        key,
        1,
        MAX_PORT,
        PortRef.Number::new,
        name -> {
          if (!name.matches("[a-z0-9]([a-z0-9-]{0,13}[a-z0-9])?") || !name.matches(".*[a-z].*")) {
            from.report(
                DiagnosticCode.INVALID_NAME,
                key,
                "'"
                    + name
                    + "' (expected: a number without quotes, or at most 15 lower-case letters,"
                    + " digits and '-', one of them a letter)");
          }
          return new PortRef.Name(name);
        });
  }
}
