package dev.meshctl.injector.mutation;

import java.util.List;

/**
 * What an injector is told once for all pods.
 *
 * @param image of sidecar and capture
 * @param imagePullPolicy {@code Always}, {@code IfNotPresent}, {@code Never}; empty for the
 *     cluster's default
 * @param imagePullSecrets names, added to those of the pod
 * @param revision of the control plane that injects
 * @param defaultRevision it also takes pods that name no revision ({@code istio-injection:
 *     enabled})
 * @param byDefault pods of namespaces that say nothing get a sidecar, too
 * @param trustDomain of identities
 * @param discoveryAddress {@code HOST:PORT} of the control plane
 * @param nativeSidecars the cluster knows init containers with {@code restartPolicy: Always}
 *     (Kubernetes 1.29)
 * @param capture who redirects the pod's traffic
 * @param captureDns queries of the pod are answered by its sidecar
 * @param holdApplication containers start when the sidecar is ready
 * @param rewriteProbes the kubelet asks the sidecar, which asks the container
 * @param includeOutboundBlocks of addresses whose traffic is captured; {@code *} for all
 * @param excludeOutboundBlocks that are not, with commas between
 * @param resources where a pod says nothing else
 * @param drainSeconds how long requests may take to end, at most
 * @param workerThreads event loops of a sidecar
 * @param accessLog file, {@code -} for standard output, empty for none
 * @param ports where the sidecar listens
 */
public record InjectionSettings(
    String image,
    String imagePullPolicy,
    List<String> imagePullSecrets,
    String revision,
    boolean defaultRevision,
    boolean byDefault,
    String trustDomain,
    String discoveryAddress,
    boolean nativeSidecars,
    Capture capture,
    boolean captureDns,
    boolean holdApplication,
    boolean rewriteProbes,
    String includeOutboundBlocks,
    String excludeOutboundBlocks,
    Resources resources,
    int drainSeconds,
    int workerThreads,
    String accessLog,
    Ports ports) {
  public InjectionSettings {
    imagePullSecrets = List.copyOf(imagePullSecrets);
  }

  /** Who redirects a pod's traffic to its sidecar. */
  public enum Capture {
    /** An init container with NET_ADMIN. */
    INIT_CONTAINER,
    /** Something on the node, before the pod's containers start; the pod needs no privilege. */
    NODE_AGENT
  }

  /** Quantities as Kubernetes writes them; empty for none. */
  public record Resources(String cpu, String cpuLimit, String memory, String memoryLimit) {
    /** What most pods do with. */
    public static final Resources DEFAULT = new Resources("100m", "2", "128Mi", "1Gi");
  }

  /**
   * Ports of a sidecar.
   *
   * @param probes where the kubelet asks after the containers
   * @param health where the kubelet asks after the sidecar itself
   * @param metrics never captured, for whoever scrapes it
   */
  public record Ports(
      int outbound, int inbound, int dns, int admin, int probes, int health, int metrics) {
    /** The established ones. */
    public static final Ports DEFAULT = new Ports(15001, 15006, 15053, 15000, 15020, 15021, 15090);
  }

  /**
   * The usual ones of the default revision.
   *
   * @param discoveryAddress {@code HOST:PORT} of the control plane
   */
  public static InjectionSettings of(String image, String discoveryAddress) {
    return new InjectionSettings(
        image,
        "",
        List.of(),
        "default",
        true,
        false,
        "cluster.local",
        discoveryAddress,
        true,
        Capture.INIT_CONTAINER,
        true,
        false,
        true,
        "*",
        "",
        Resources.DEFAULT,
        5,
        2,
        "-",
        Ports.DEFAULT);
  }
}
