package dev.meshctl.model.source.kinds;

import static dev.meshctl.model.source.kinds.Shared.MAX_PORT;

import dev.meshctl.model.resource.EndpointSlice.AddressType;
import dev.meshctl.model.resource.IpBlock;
import dev.meshctl.model.resource.Metadata;
import dev.meshctl.model.resource.Namespace;
import dev.meshctl.model.resource.PortRef;
import dev.meshctl.model.resource.Service;
import dev.meshctl.model.resource.Service.Distribution;
import dev.meshctl.model.resource.Service.NodeAccess;
import dev.meshctl.model.resource.Service.SessionAffinity;
import dev.meshctl.model.resource.Service.Type;
import dev.meshctl.model.resource.ServiceAccount;
import dev.meshctl.model.resource.Transport;
import dev.meshctl.model.source.yaml.YamlObject;
import dev.meshctl.model.validation.DiagnosticCode;
import java.util.ArrayList;
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
        addresses(spec),
        access(type, spec, root));
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
        "ipFamilyPolicy", "allocateLoadBalancerNodePorts", "loadBalancerClass", "loadBalancerIP");
  }

  /** What nodes do; the mesh reports the one of them that its own balancing does otherwise. */
  private static NodeAccess access(Type type, YamlObject spec, YamlObject root) {
    boolean fromOutside = type == Type.NODE_PORT || type == Type.LOAD_BALANCER;
    List<String> externalIps = spec.texts("externalIPs");
    for (int i = 0; i < externalIps.size(); i++) {
      Addresses.check(spec, "externalIPs[" + i + "]", externalIps.get(i));
    }
    boolean local =
        spec.word("externalTrafficPolicy", Map.of("Cluster", false, "Local", true)).orElse(false);
    return new NodeAccess(
        local && (fromOutside || !externalIps.isEmpty()),
        externalIps.stream().filter(Addresses::isLiteral).toList(),
        type == Type.LOAD_BALANCER ? ingress(root) : List.of(),
        sourceRanges(spec),
        spec.number("healthCheckNodePort", 0, MAX_PORT).filter(port -> local).orElse(0),
        affinitySeconds(spec));
  }

  /** Who balances by itself ({@code ipMode: Proxy}) wants to be gone to, not stood in for. */
  private static List<String> ingress(YamlObject root) {
    return root
        .object("status")
        .flatMap(status -> status.lenient().object("loadBalancer"))
        .map(balancer -> balancer.lenient().objects("ingress"))
        .orElse(List.of())
        .stream()
        .filter(ingress -> ingress.lenient().text("ipMode").orElse("VIP").equals("VIP"))
        .flatMap(ingress -> ingress.text("ip").stream())
        .filter(Addresses::isLiteral)
        .toList();
  }

  private static List<IpBlock> sourceRanges(YamlObject spec) {
    List<IpBlock> ranges = new ArrayList<>();
    List<String> written = spec.texts("loadBalancerSourceRanges");
    for (int i = 0; i < written.size(); i++) {
      Optional<IpBlock> range = IpBlock.parse(written.get(i).strip());
      range.ifPresent(ranges::add);
      if (range.isEmpty()) {
        spec.report(
            DiagnosticCode.INVALID_NAME,
            "loadBalancerSourceRanges[" + i + "]",
            "'" + written.get(i) + "' (expected: a range of addresses, as 10.0.0.0/8)");
      }
    }
    return ranges;
  }

  private static int affinitySeconds(YamlObject spec) {
    Optional<YamlObject> client =
        spec.object("sessionAffinityConfig").flatMap(affinity -> affinity.object("clientIP"));
    int seconds =
        client
            .flatMap(c -> c.number("timeoutSeconds", 1, 86_400))
            .orElse(NodeAccess.AFFINITY_SECONDS);
    if (client.isPresent() && seconds != NodeAccess.AFFINITY_SECONDS) {
      client
          .get()
          .valueNotApplied(
              "timeoutSeconds",
              "is applied by the rules of nodes only: to a sidecar, affinity does not end");
    }
    return seconds;
  }

  private static Service.Port servicePort(YamlObject port) {
    int number = port.requiredNumber("port", 1, MAX_PORT);
    String name = port.text("name").orElse("");
    Transport transport = Protocols.transport(port);
    if (transport == Transport.SCTP) {
      port.valueNotApplied("protocol", "SCTP is applied by the rules of nodes only");
    }
    return new Service.Port(
        name,
        number,
        portRef(port, "targetPort").orElse(new PortRef.Number(number)),
        port.number("nodePort", 0, MAX_PORT).orElse(0),
        Protocols.ofServicePort(transport, port.text("appProtocol").orElse(""), name),
        transport);
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
