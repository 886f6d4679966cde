package dev.meshctl.cluster.reading;

import dev.meshctl.cluster.ApiCatalogue;
import dev.meshctl.cluster.ApiCatalogue.ApiResource;
import dev.meshctl.cluster.ClusterConnection;
import dev.meshctl.cluster.ClusterException;
import dev.meshctl.cluster.ClusterObject;
import dev.meshctl.cluster.KindWatch;
import dev.meshctl.cluster.Permission;
import dev.meshctl.model.source.Position;
import dev.meshctl.model.source.kinds.KindCatalogue.Readable;
import dev.meshctl.model.validation.Diagnostic;
import dev.meshctl.model.validation.DiagnosticCode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Follows what a mesh reads of a cluster: each kind by a watch of its own, in the best version that
 * the cluster serves. A kind without CRD is followed once it has one; one that may not be read is a
 * finding that names the permission, and is tried again. While the API server is away all stays as
 * it was.
 *
 * <p>Of Secrets only those of type {@code kubernetes.io/tls} and those that gateways name are
 * followed, of ConfigMaps those that are named.
 *
 * <p>Thread: any; {@code changed} is called on the watches' threads and must not block.
 */
public final class ClusterSource implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(ClusterSource.class.getName());
  private static final Duration LOOK_AGAIN = Duration.ofSeconds(5);

  private final ClusterConnection connection;
  private final Runnable changed;
  private final Thread looking;
  private final Object lock = new Object();

  // All below under the lock.
  private final ReadObjects objects = new ReadObjects();
  private final Map<Wanted, Standing> watched = new LinkedHashMap<>();
  private boolean complete;
  private boolean lookNow;
  private boolean closed;
  private String away = "";
  private List<Diagnostic> toldFindings = List.of();

  /**
   * What is to be watched.
   *
   * @param field as {@link KindWatch.Selection#field()}
   */
  private record Wanted(
      String group, String kind, List<String> versions, String field, String value) {
    static Wanted whole(Readable kind) {
      return new Wanted(kind.group(), kind.kind(), kind.versions(), "", "");
    }

    static Wanted core(String kind, String field, String value) {
      return new Wanted("", kind, List.of("v1"), field, value);
    }
  }

  /** How it goes with it. */
  private sealed interface Standing {
    /** Nobody has looked. */
    record New() implements Standing {}

    /** The cluster has no such kind. */
    record Absent() implements Standing {}

    record Forbidden(String resource) implements Standing {}

    record Watching(KindWatch watch, String resource) implements Standing {}
  }

  private ClusterSource(ClusterConnection connection, Runnable changed) {
    this.connection = connection;
    this.changed = changed;
    for (Readable kind : MeshKinds.whole()) {
      watched.put(Wanted.whole(kind), new Standing.New());
    }
    watched.put(Wanted.core(MeshKinds.SECRET, "type", "kubernetes.io/tls"), new Standing.New());
    this.looking = Thread.ofVirtual().name("cluster-source").unstarted(this::look);
  }

  /** Begins to watch. */
  public static ClusterSource start(ClusterConnection connection, Runnable changed) {
    ClusterSource source = new ClusterSource(connection, changed);
    source.wantNamed();
    source.looking.start();
    return source;
  }

  /** What is known now. */
  public ClusterContents contents() {
    synchronized (lock) {
      return new ClusterContents(complete, objects.candidates(), objects.versions(), findings());
    }
  }

  private void look() {
    try {
      while (true) {
        lookAtAll();
        judgeCompleteness();
        tellNewFindings();
        synchronized (lock) {
          long end = System.nanoTime() + LOOK_AGAIN.toNanos();
          while (!lookNow && !closed && System.nanoTime() < end) {
            lock.wait(Math.max(1, (end - System.nanoTime()) / 1_000_000));
          }
          lookNow = false;
          if (closed) {
            return;
          }
        }
      }
    } catch (InterruptedException end) {
      // close() ends the loop.
    }
  }

  private void lookAtAll() {
    Map<Wanted, Standing> unwatched = new LinkedHashMap<>();
    synchronized (lock) {
      watched.forEach((wanted, standing) -> {
        if (!(standing instanceof Standing.Watching watching)
            || watching.watch().end().isPresent()) {
          unwatched.put(wanted, standing);
        }
      });
    }
    if (unwatched.isEmpty()) {
      return;
    }
    try {
      Served served = new Served(connection.kinds());
      for (var each : unwatched.entrySet()) {
        lookAfter(each.getKey(), ended(each.getKey(), each.getValue()), served);
      }
      setAway("");
    } catch (ClusterException failed) {
      setAway(String.valueOf(failed.getMessage()));
    }
  }

  /** What the cluster serves at this moment; each version is asked for once. */
  private static final class Served {
    private final ApiCatalogue kinds;
    private final Set<String> versions;
    private final Map<String, Map<String, ApiResource>> known = new HashMap<>();

    Served(ApiCatalogue kinds) throws ClusterException {
      this.kinds = kinds;
      this.versions = kinds.versions();
    }

    Optional<ApiResource> best(Wanted wanted) throws ClusterException {
      for (String version : wanted.versions()) {
        String full = wanted.group().isEmpty() ? version : wanted.group() + "/" + version;
        if (!versions.contains(full)) {
          continue;
        }
        if (!known.containsKey(full)) {
          known.put(full, kinds.discover(full));
        }
        ApiResource resource = known.get(full).get(wanted.kind());
        if (resource != null) {
          return Optional.of(resource);
        }
      }
      return Optional.empty();
    }
  }

  /** What follows from how a watch has ended. */
  private Standing ended(Wanted wanted, Standing standing) {
    if (!(standing instanceof Standing.Watching(KindWatch watch, String resource))) {
      return standing;
    }
    watch.close();
    if (watch.end().filter(end -> end == KindWatch.End.FORBIDDEN).isPresent()) {
      // What is known of them stays.
      LOG.log(System.Logger.Level.WARNING, "{0} may not be read", resource);
      return new Standing.Forbidden(resource);
    }
    boolean gone;
    synchronized (lock) {
      gone = objects.removeAll(wanted.group(), wanted.kind());
    }
    if (gone) {
      changed.run();
    }
    return new Standing.New();
  }

  private void lookAfter(Wanted wanted, Standing standing, Served served) throws ClusterException {
    Optional<ApiResource> best = served.best(wanted);
    if (best.isEmpty()) {
      stand(wanted, new Standing.Absent());
    } else if (standing instanceof Standing.Forbidden && !mayRead(best.get())) {
      stand(wanted, standing);
    } else {
      stand(wanted, watch(wanted, best.get()));
    }
  }

  /** Asks first, so that what stays forbidden is not tried out for ever. */
  private boolean mayRead(ApiResource resource) throws ClusterException {
    for (String verb : List.of("list", "watch")) {
      if (!connection
          .reviews()
          .mayI(
              Permission.OnResource.everywhere(verb, resource.kind().group(), resource.plural()))) {
        return false;
      }
    }
    return true;
  }

  private Standing watch(Wanted wanted, ApiResource resource) {
    KindWatch watch =
        connection.watch(
            new KindWatch.Selection(resource, Optional.empty(), wanted.field(), wanted.value()),
            new Events());
    return new Standing.Watching(
        watch, resource.plural() + (wanted.group().isEmpty() ? "" : "." + wanted.group()));
  }

  private void stand(Wanted wanted, Standing standing) {
    boolean told;
    synchronized (lock) {
      if (closed || !watched.containsKey(wanted)) {
        if (standing instanceof Standing.Watching watching) {
          watching.watch().close();
        }
        return;
      }
      Standing before = watched.put(wanted, standing);
      told =
          complete
              && standing instanceof Standing.Forbidden != before instanceof Standing.Forbidden;
    }
    if (told) {
      changed.run();
    }
  }

  private void setAway(String why) {
    boolean told;
    synchronized (lock) {
      told = away.isEmpty() != why.isEmpty();
      away = why;
    }
    if (told) {
      changed.run();
    }
  }

  private void judgeCompleteness() {
    synchronized (lock) {
      if (complete || !away.isEmpty()) {
        return;
      }
      for (Standing standing : watched.values()) {
        boolean decided =
            switch (standing) {
              case Standing.New fresh -> false;
              case Standing.Absent absent -> true;
              case Standing.Forbidden forbidden -> true;
              case Standing.Watching watching ->
                  watching.watch().synced() || watching.watch().end().isPresent();
            };
        if (!decided) {
          return;
        }
      }
      complete = true;
    }
    changed.run();
  }

  /** A server that went away in the middle of watches tells nobody so. */
  private void tellNewFindings() {
    boolean differ;
    synchronized (lock) {
      List<Diagnostic> now = findings();
      differ = !now.equals(toldFindings);
      toldFindings = now;
    }
    if (differ) {
      changed.run();
    }
  }

  private List<Diagnostic> findings() {
    List<Diagnostic> findings = new ArrayList<>();
    watched.forEach((wanted, standing) -> {
      if (standing instanceof Standing.Forbidden(String resource)) {
        findings.add(notPermitted(resource));
      }
    });
    boolean silent =
        watched.values().stream()
            .anyMatch(standing ->
                standing instanceof Standing.Watching watching
                    && watching.watch().failing()
                    && watching.watch().end().isEmpty());
    if (!away.isEmpty() || silent) {
      findings.add(
          finding(
              DiagnosticCode.CLUSTER_AWAY,
              connection.server().toString(),
              away.isEmpty() ? "does not answer; what was known stays in force" : away));
    }
    return findings.stream().distinct().toList();
  }

  /** Of a kind that may not be read; {@code resource} as in roles. */
  static Diagnostic notPermitted(String resource) {
    return finding(
        DiagnosticCode.MAY_NOT_READ,
        resource,
        "may not be read, so none of them counts (expected: the verbs list and watch on "
            + resource
            + ")");
  }

  private static Diagnostic finding(DiagnosticCode code, String subject, String problem) {
    return code.at(subject, new Position("cluster", 1, 1), "", problem);
  }

  /** Follows Secrets and ConfigMaps that are named by now, and no others. */
  private void wantNamed() {
    List<KindWatch> over = new ArrayList<>();
    synchronized (lock) {
      Set<Wanted> named = new LinkedHashSet<>();
      MeshKinds.secrets(objects.resources())
          .forEach(name -> named.add(Wanted.core(MeshKinds.SECRET, "metadata.name", name)));
      MeshKinds.configMaps(objects.resources())
          .forEach(name -> named.add(Wanted.core(MeshKinds.CONFIG_MAP, "metadata.name", name)));
      watched
          .entrySet()
          .removeIf(entry -> {
            boolean byName = entry.getKey().field().equals("metadata.name");
            if (!byName || named.contains(entry.getKey())) {
              return false;
            }
            if (entry.getValue() instanceof Standing.Watching watching) {
              over.add(watching.watch());
            }
            return true;
          });
      for (Wanted each : named) {
        if (watched.putIfAbsent(each, new Standing.New()) == null) {
          lookNow = true;
        }
      }
      lock.notifyAll();
    }
    over.forEach(KindWatch::close);
  }

  private final class Events implements KindWatch.Listener {
    @Override
    public void present(ClusterObject object) {
      take(object, true);
    }

    @Override
    public void absent(ClusterObject object) {
      take(object, false);
    }

    private void take(ClusterObject object, boolean there) {
      boolean told;
      boolean names;
      synchronized (lock) {
        boolean different = there ? objects.put(object) : objects.remove(object);
        told = different && complete;
        names = different && namesOthers(object);
      }
      if (names) {
        wantNamed();
      }
      if (told) {
        changed.run();
      }
    }

    private static boolean namesOthers(ClusterObject object) {
      return object.kind().kind().equals("Gateway")
          || object.kind().kind().equals("BackendTLSPolicy");
    }

    @Override
    public void complete() {
      synchronized (lock) {
        lookNow |= !complete;
        lock.notifyAll();
      }
    }
  }

  @Override
  public void close() {
    List<KindWatch> over = new ArrayList<>();
    synchronized (lock) {
      closed = true;
      for (Standing standing : watched.values()) {
        if (standing instanceof Standing.Watching watching) {
          over.add(watching.watch());
        }
      }
      watched.clear();
    }
    looking.interrupt();
    over.forEach(KindWatch::close);
  }
}
