package dev.meshctl.model.resource;

import dev.meshctl.model.resource.DestinationRule.Keepalive;
import dev.meshctl.model.resource.DestinationRule.LocalityLb;
import dev.meshctl.model.resource.Sidecar.OutboundTraffic;
import dev.meshctl.model.resource.VirtualService.Retries;
import java.time.Duration;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Istio's {@code MeshConfig}: what holds where no resource says otherwise. It is no object of its
 * own: a cluster has it as text in the ConfigMap {@code istio}, who installs it in an
 * IstioOperator.
 *
 * @param metadata of the object that holds it
 * @param rootNamespace empty where not written
 * @param trustDomain empty where not written
 * @param outboundTraffic what becomes of connections to what nobody has declared
 * @param serviceExportTo of Services and ServiceEntries without {@code exportTo}
 * @param connectTimeout of clusters whose DestinationRule has none
 * @param accessLog of all listeners
 * @param retries of routes that say nothing of retries
 * @param localityLb of policies that say nothing of localities
 * @param autoMtls whether replicas with a sidecar are called by mutual TLS where no DestinationRule
 *     speaks of TLS
 * @param h2Upgrade whether HTTP/1.1 becomes HTTP/2 where no DestinationRule says otherwise
 */
public record MeshConfig(
    Metadata metadata,
    String rootNamespace,
    String trustDomain,
    Optional<OutboundTraffic> outboundTraffic,
    List<String> serviceExportTo,
    List<String> virtualServiceExportTo,
    List<String> destinationRuleExportTo,
    Optional<Duration> connectTimeout,
    Optional<Keepalive> tcpKeepalive,
    Optional<AccessLogging> accessLog,
    Optional<Retries> retries,
    Optional<LocalityLb> localityLb,
    boolean autoMtls,
    boolean h2Upgrade)
    implements MeshResource {
  private static final List<String> EVERYONE = List.of("*");

  /** What holds where there is none. */
  public static final MeshConfig NONE = empty(new Metadata("", "", Map.of(), Map.of()));

  public MeshConfig {
    serviceExportTo = List.copyOf(serviceExportTo);
    virtualServiceExportTo = List.copyOf(virtualServiceExportTo);
    destinationRuleExportTo = List.copyOf(destinationRuleExportTo);
  }

  /** One that says nothing. */
  public static MeshConfig empty(Metadata metadata) {
    return new MeshConfig(
        metadata,
        "",
        "",
        Optional.empty(),
        EVERYONE,
        EVERYONE,
        EVERYONE,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        true,
        false);
  }

  /** That of a mesh: the first by namespace and name, else {@link #NONE}. */
  public static MeshConfig in(Collection<? extends MeshResource> resources) {
    return resources.stream()
        .filter(MeshConfig.class::isInstance)
        .map(MeshConfig.class::cast)
        .min(Comparator.comparing(mesh -> mesh.id().toString()))
        .orElse(NONE);
  }

  /**
   * {@code accessLogFile}, {@code accessLogFormat} and {@code accessLogEncoding}.
   *
   * @param file a path, {@code /dev/stdout} or {@code /dev/stderr}
   * @param json one object a line, else text
   * @param text the line, where it is text; empty is Istio's own
   * @param members of the object, where it is one; empty are Istio's own
   */
  public record AccessLogging(String file, boolean json, String text, Map<String, String> members) {
    public AccessLogging {
      members = Collections.unmodifiableMap(new LinkedHashMap<>(members));
    }
  }

  @Override
  public String kind() {
    return "MeshConfig";
  }
}
