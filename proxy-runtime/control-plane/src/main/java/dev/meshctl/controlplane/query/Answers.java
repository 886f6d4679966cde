package dev.meshctl.controlplane.query;

import dev.meshctl.model.query.CertificatesView;
import dev.meshctl.model.query.GraphView;
import dev.meshctl.model.query.MeshStatus;
import dev.meshctl.model.query.ProxyView;
import dev.meshctl.model.query.ResourceStatus;
import dev.meshctl.model.telemetry.EdgeSample;
import dev.meshctl.model.xds.ResourceType;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What the API knows.
 *
 * <p>Thread: any.
 */
public interface Answers {
  MeshStatus status();

  /** Rates are over the last {@code window}. */
  default GraphView graph(Duration window) {
    return graph(window, List.of());
  }

  /** With what other replicas measured beside it. */
  GraphView graph(Duration window, List<EdgeSample> others);

  /** What the proxies connected here measured in the last {@code window}, by edge. */
  List<EdgeSample> edges(Duration window);

  List<ProxyView> proxies();

  /** Certificates in use, and the roots. */
  CertificatesView certificates();

  /** Resource by resource; empty where no such proxy is connected. */
  Optional<List<ResourceStatus>> resources(String proxyId);

  /** A JSON array of the resources that a proxy holds; empty where no such proxy is connected. */
  Optional<String> proxyConfig(String proxyId, ResourceType type);
}
