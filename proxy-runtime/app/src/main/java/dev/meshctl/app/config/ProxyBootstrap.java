package dev.meshctl.app.config;

import dev.meshctl.model.xds.ProxyNode;
import java.util.List;

/**
 * What {@code ProxyMain --config FILE} reads (JSON), or {@code --config env:NAME} from a variable.
 *
 * @param trustDomain of the identity to ask for
 * @param discoveryAddress {@code HOST:PORT} of the control plane's gRPC (xDS, certificates,
 *     telemetry)
 * @param trustBundleFile PEM that verifies the control plane
 * @param tokenFile JWT that proves who we are when we ask for the first certificate; read at each
 *     use
 * @param adminAddress {@code HOST:PORT}, loopback only; port 0 picks one
 * @param healthAddress {@code HOST:PORT} that tells only whether it is ready; empty for none
 * @param dnsAddress {@code HOST:PORT} of the mesh DNS, empty for none
 * @param accessLog file, {@code -} for standard output, empty for none
 * @param workerThreads event loops, at least 1
 * @param drainSeconds how long requests may take to end, once this ends; at least 1
 * @param lingerSeconds how long it goes on to accept before that, because those who send here have
 *     not heard of its end yet; 0 for a sidecar that outlives its workload
 * @param probeAddress {@code HOST:PORT} where a kubelet asks after the workload; empty for none
 * @param probes what is asked there, and what of the workload
 */
public record ProxyBootstrap(
    ProxyNode node,
    String trustDomain,
    String discoveryAddress,
    String trustBundleFile,
    String tokenFile,
    String adminAddress,
    String healthAddress,
    String dnsAddress,
    String accessLog,
    int workerThreads,
    int drainSeconds,
    int lingerSeconds,
    String probeAddress,
    List<Probe> probes) {
  /** Where nothing is said. */
  public static final int DRAIN_SECONDS = 5;

  public ProxyBootstrap {
    probes = List.copyOf(probes);
  }

  /** One whose workload nobody probes through it. */
  public ProxyBootstrap(
      ProxyNode node,
      String trustDomain,
      String discoveryAddress,
      String trustBundleFile,
      String tokenFile,
      String adminAddress,
      String healthAddress,
      String dnsAddress,
      String accessLog,
      int workerThreads) {
    this(
        node,
        trustDomain,
        discoveryAddress,
        trustBundleFile,
        tokenFile,
        adminAddress,
        healthAddress,
        dnsAddress,
        accessLog,
        workerThreads,
        DRAIN_SECONDS,
        0,
        "",
        List.of());
  }

  /**
   * One question of a kubelet's, asked in its place.
   *
   * @param path at which it asks
   * @param type {@code http}, {@code https}, {@code tcp} or {@code grpc}
   * @param port of the workload
   * @param target path and query of HTTP; empty for the others
   * @param headers of HTTP
   * @param service of gRPC, may be empty
   * @param timeoutSeconds at least 1
   */
  public record Probe(
      String path,
      String type,
      int port,
      String target,
      List<Header> headers,
      String service,
      int timeoutSeconds) {
    public Probe {
      headers = List.copyOf(headers);
    }
  }

  /** A header of an HTTP probe. */
  public record Header(String name, String value) {}
}
