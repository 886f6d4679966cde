package dev.meshctl.cli.context;

import dev.meshctl.cli.CommandFailure;
import dev.meshctl.model.query.GraphView;
import dev.meshctl.model.query.MeshClient;
import dev.meshctl.model.query.ProxyView;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.function.Supplier;
import tools.jackson.databind.JsonNode;

/**
 * Whom to ask where all of a mesh is meant: on a cluster every replica of its control plane that is
 * ready, for each knows only of the proxies that called it.
 *
 * <p>Thread: any; blocking.
 */
public final class MeshReplicas implements AutoCloseable {
  private final List<Replica> all;
  private final Supplier<Predicate<ProxyView>> gone;
  private final Runnable whenClosed;

  /**
   * One that answers.
   *
   * @param name of its pod; empty for the control plane of a mesh on this machine
   * @param client closed with {@link MeshReplicas}
   */
  public record Replica(String name, MeshClient client) {
    /** Those that are or were connected to it. */
    public List<Told> proxies() {
      return client.proxies().stream().map(proxy -> new Told(this, proxy)).toList();
    }
  }

  /**
   * What a replica says of a proxy.
   *
   * @param by whom to ask more of it; its generations are that replica's count
   */
  public record Told(Replica by, ProxyView proxy) {
    private boolean connected() {
      return proxy.state() != ProxyView.State.DISCONNECTED;
    }

    /** One that went from one replica to another is told of by both. */
    private Told better(Told other) {
      if (connected() != other.connected()) {
        return connected() ? this : other;
      }
      return proxy.connectedSinceEpochMillis() >= other.proxy.connectedSinceEpochMillis()
          ? this
          : other;
    }
  }

  /**
   * @param all whom to ask; closed with this
   * @param gone of one that is not connected: it never comes back, as its pod is no more; asked for
   *     where there is such a one
   * @param whenClosed ends what leads to them
   */
  public MeshReplicas(List<Replica> all, Supplier<Predicate<ProxyView>> gone, Runnable whenClosed) {
    this.all = List.copyOf(all);
    this.gone = gone;
    this.whenClosed = whenClosed;
  }

  /** Of a control plane that is one process; it is closed with this. */
  public static MeshReplicas of(MeshClient only) {
    return new MeshReplicas(List.of(new Replica("", only)), () -> proxy -> false, () -> {});
  }

  /**
   * Of a cluster, which is closed with this.
   *
   * @throws CommandFailure where none is ready, or one may not ask them
   */
  public static MeshReplicas of(ClusterMesh cluster) {
    return open(cluster, cluster::close);
  }

  /** The same of a cluster that stays open. */
  public static MeshReplicas within(ClusterMesh cluster) {
    return open(cluster, () -> {});
  }

  private static MeshReplicas open(ClusterMesh cluster, Runnable whenClosed) {
    List<Replica> all = new ArrayList<>();
    try {
      cluster.requireMesh();
      for (String name : cluster.replicas()) {
        all.add(new Replica(name, cluster.client(name)));
      }
      if (all.isEmpty()) {
        throw CommandFailure.failed(
            "no control plane of the mesh is ready", "see meshctl check --context NAME");
      }
      return new MeshReplicas(all, cluster::gone, whenClosed);
    } catch (RuntimeException failed) {
      close(all, whenClosed);
      throw failed;
    }
  }

  public List<Replica> all() {
    return all;
  }

  /**
   * The proxies of the mesh, each as it is told of by the replica that it is connected to. A pod
   * comes and goes, and who has gone is missed by nobody.
   */
  public List<Told> proxies() {
    Map<String, Told> best = new LinkedHashMap<>();
    for (Replica replica : all) {
      replica.proxies().forEach(told -> best.merge(told.proxy().id(), told, Told::better));
    }
    if (best.values().stream().allMatch(Told::connected)) {
      return List.copyOf(best.values());
    }
    Predicate<ProxyView> never = gone.get();
    return best.values().stream()
        .filter(told -> told.connected() || !never.test(told.proxy()))
        .toList();
  }

  /** The service graph with what the proxies of all replicas measured. */
  public GraphView graph(Duration window) {
    MeshClient first = all.getFirst().client();
    if (all.size() == 1) {
      return first.graph(window);
    }
    List<JsonNode> others =
        all.stream().skip(1).map(other -> other.client().edges(window)).toList();
    return first.graph(window, others);
  }

  @Override
  public void close() {
    close(all, whenClosed);
  }

  private static void close(List<Replica> all, Runnable whenClosed) {
    all.forEach(replica -> replica.client().close());
    whenClosed.run();
  }
}
