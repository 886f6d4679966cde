package dev.meshctl.controlplane;

import com.google.common.base.Suppliers;
import dev.meshctl.controlplane.collect.EdgeWindows;
import dev.meshctl.controlplane.intake.Intake;
import dev.meshctl.controlplane.intake.IntakeStatus;
import dev.meshctl.controlplane.query.Answers;
import dev.meshctl.controlplane.serve.ProxySessions;
import dev.meshctl.model.query.CertificatesView;
import dev.meshctl.model.query.GraphView;
import dev.meshctl.model.query.MeshStatus;
import dev.meshctl.model.query.ProxyView;
import dev.meshctl.model.query.ResourceStatus;
import dev.meshctl.model.telemetry.EdgeSample;
import dev.meshctl.model.topology.MeshGraph;
import dev.meshctl.model.wire.EncodedResource;
import dev.meshctl.model.wire.EncodedTables;
import dev.meshctl.model.wire.ResourceJson;
import dev.meshctl.model.xds.ResourceType;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The query API's answers, from the rooms that know them.
 *
 * <p>Thread: any.
 */
final class MeshAnswers implements Answers {
  private final ControlPlane.Settings settings;
  private final InstantSource clock;
  private final ProxySessions sessions;
  private final EdgeWindows windows;
  private final CertificateAnswers certificates;
  private final long startedAtEpochMillis;
  private volatile @Nullable Intake intake;

  /** Made when somebody asks: most changes are pushed to proxies and never looked at. */
  private volatile @Nullable Supplier<MeshGraph> graph;

  MeshAnswers(
      ControlPlane.Settings settings,
      InstantSource clock,
      ProxySessions sessions,
      EdgeWindows windows,
      CertificateAnswers certificates) {
    this.certificates = certificates;
    this.settings = settings;
    this.clock = clock;
    this.sessions = sessions;
    this.windows = windows;
    this.startedAtEpochMillis = clock.millis();
  }

  void intake(Intake running) {
    intake = running;
  }

  void graph(Supplier<MeshGraph> fresh) {
    graph = Suppliers.memoize(fresh::get);
  }

  @Override
  public MeshStatus status() {
    Intake running = intake;
    IntakeStatus looked =
        running == null ? new IntakeStatus(0, false, Map.of(), List.of()) : running.status();
    List<ProxyView> connected =
        sessions.views().stream().filter(p -> p.state() != ProxyView.State.DISCONNECTED).toList();
    int synced =
        (int)
            connected.stream()
                .filter(p ->
                    p.state() == ProxyView.State.SYNCED && p.generation() == looked.generation())
                .count();
    return new MeshStatus(
        settings.mesh(),
        settings.version(),
        settings.trustDomain(),
        startedAtEpochMillis,
        looked.generation(),
        looked.accepted(),
        looked.sources(),
        looked.diagnostics(),
        connected.size(),
        synced);
  }

  @Override
  public GraphView graph(Duration window, List<EdgeSample> others) {
    Supplier<MeshGraph> configured = graph;
    long now = clock.millis();
    if (configured == null) {
      return new GraphView(now, window.toMillis(), List.of(), List.of());
    }
    List<EdgeSample> all = new ArrayList<>(windows.last(window));
    all.addAll(others);
    return configured.get().view(now, window, all);
  }

  @Override
  public List<EdgeSample> edges(Duration window) {
    return windows.last(window);
  }

  @Override
  public CertificatesView certificates() {
    return certificates.view();
  }

  @Override
  public List<ProxyView> proxies() {
    return sessions.views();
  }

  @Override
  public Optional<List<ResourceStatus>> resources(String proxyId) {
    return sessions.resources(proxyId);
  }

  @Override
  public Optional<String> proxyConfig(String proxyId, ResourceType type) {
    Optional<List<EncodedResource>> held = sessions.held(proxyId, type);
    if (type == ResourceType.ROUTE) {
      List<EncodedResource> hosts =
          sessions.held(proxyId, ResourceType.VIRTUAL_HOST).orElse(List.of());
      held = held.map(tables -> EncodedTables.joined(tables, hosts));
    }
    return held.map(ResourceJson::array);
  }
}
