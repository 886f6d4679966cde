package dev.meshctl.app;

import dev.meshctl.app.config.ProxyBootstrap;
import dev.meshctl.dataplane.probe.AppProbe;
import dev.meshctl.dataplane.probe.AppProbe.Action;
import dev.meshctl.model.xds.ProxyNode;
import dev.meshctl.model.xds.ProxyNode.Capture;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;

/** What a bootstrap says of probes, as the data plane asks them. */
final class WorkloadProbes {
  private WorkloadProbes() {}

  /**
   * @throws IllegalArgumentException where a probe is of no known type
   */
  static List<AppProbe> of(ProxyBootstrap bootstrap) {
    return bootstrap.probes().stream()
        .map(probe ->
            new AppProbe(
                probe.path(),
                probe.port(),
                action(probe),
                Duration.ofSeconds(Math.max(1, probe.timeoutSeconds()))))
        .toList();
  }

  private static Action action(ProxyBootstrap.Probe probe) {
    List<AppProbe.Header> headers =
        probe.headers().stream().map(h -> new AppProbe.Header(h.name(), h.value())).toList();
    return switch (probe.type()) {
      case "http" -> new Action.Http(false, probe.target(), headers);
      case "https" -> new Action.Http(true, probe.target(), headers);
      case "tcp" -> new Action.Tcp();
      case "grpc" -> new Action.Grpc(probe.service());
      default ->
          throw new IllegalArgumentException(
              "probes: '" + probe.type() + "' (expected: http, https, tcp or grpc)");
    };
  }

  /**
   * Loopback: there the redirection turns a proxy's own connection to the pod's address, where the
   * workload may listen; at that address itself it would come in by the front door.
   */
  static InetAddress workload(ProxyNode node) {
    return InetAddress.ofLiteral(
        node.capture() instanceof Capture.Transparent capture
            ? capture.workloadAddress()
            : "127.0.0.1");
  }
}
