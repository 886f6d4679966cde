package dev.meshctl.app;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * What a control plane's pod is told by its Deployment.
 *
 * @param replica name of the pod
 * @param namespace of the control plane
 * @param addresses of the pod, literal
 * @param revision {@code ""} for the one without a name
 * @param rootNamespace where what holds for the whole mesh is written
 * @param runtimeKeys file of the keys whose bundles count, as {@link KeyList} reads it
 * @param deploysGateways whether what serves Gateways of the Gateway API is made
 * @param data folder that is its own
 * @param linger for which it serves on once it was told to end, because not everybody has heard
 */
public record KubernetesVariables(
    String replica,
    String namespace,
    List<String> addresses,
    String serviceAccount,
    String revision,
    String rootNamespace,
    String trustDomain,
    InetSocketAddress grpc,
    InetSocketAddress query,
    InetSocketAddress health,
    InetSocketAddress webhook,
    Path injectorSettings,
    Path runtimeKeys,
    boolean deploysGateways,
    Path data,
    Duration linger) {
  private static final String SYSTEM_NAMESPACE = "meshctl-system";
  private static final String NO_NAME = "default";

  /** By then nodes and the API server have heard that it is not ready. */
  private static final Duration LINGER = Duration.ofSeconds(5);

  public KubernetesVariables {
    addresses = List.copyOf(addresses);
  }

  /**
   * Reads them.
   *
   * @throws IllegalArgumentException where an address is none; the message names the variable
   */
  public static KubernetesVariables read(Map<String, String> environment) {
    String namespace = of(environment, "POD_NAMESPACE", SYSTEM_NAMESPACE);
    String address = of(environment, "POD_IP", "127.0.0.1");
    String revision = of(environment, "MESHCTL_REVISION", NO_NAME);
    return new KubernetesVariables(
        of(environment, "POD_NAME", "control-plane-" + ProcessHandle.current().pid()),
        namespace,
        address.equals("127.0.0.1") ? List.of(address) : List.of(address, "127.0.0.1"),
        of(environment, "SERVICE_ACCOUNT", "meshctl-control-plane"),
        revision.equals(NO_NAME) ? "" : revision,
        of(environment, "MESHCTL_ROOT_NAMESPACE", namespace),
        of(environment, "MESHCTL_TRUST_DOMAIN", "cluster.local"),
        address(environment, "MESHCTL_GRPC_ADDRESS", "0.0.0.0:15012"),
        address(environment, "MESHCTL_QUERY_ADDRESS", "0.0.0.0:15013"),
        address(environment, "MESHCTL_HEALTH_ADDRESS", "0.0.0.0:15014"),
        address(environment, "MESHCTL_WEBHOOK_ADDRESS", "0.0.0.0:15017"),
        Path.of(
            of(environment, "MESHCTL_INJECTOR_SETTINGS", "/etc/meshctl/injector/settings.yaml")),
        Path.of(of(environment, "MESHCTL_RUNTIME_KEYS", "/etc/meshctl/runtime/trusted-keys.json")),
        of(environment, "MESHCTL_DEPLOY_GATEWAYS", "false").equals("true"),
        Path.of(of(environment, "MESHCTL_DATA", "/var/lib/meshctl")),
        seconds(environment, "MESHCTL_LINGER_SECONDS", LINGER));
  }

  private static String of(Map<String, String> environment, String name, String otherwise) {
    String written = environment.getOrDefault(name, "");
    return written.isBlank() ? otherwise : written;
  }

  private static Duration seconds(
      Map<String, String> environment, String name, Duration otherwise) {
    String written = of(environment, name, String.valueOf(otherwise.toSeconds()));
    if (!written.matches("\\d{1,4}")) {
      throw new IllegalArgumentException(
          name + ": '" + written + "' (expected: whole seconds, 0 or more)");
    }
    return Duration.ofSeconds(Long.parseLong(written));
  }

  private static InetSocketAddress address(
      Map<String, String> environment, String name, String otherwise) {
    return Addresses.resolve(name, of(environment, name, otherwise));
  }

  /** By which proxies and people call it. */
  List<String> dnsNames() {
    String service = "meshctl-control-plane" + (revision.isEmpty() ? "" : "-" + revision);
    return List.of(
        "localhost",
        service + "." + namespace + ".svc",
        service + "." + namespace + ".svc.cluster.local",
        service + "." + namespace);
  }
}
