package dev.meshctl.controlplane.kubernetes.patch;

import dev.meshctl.cluster.ClusterConnection;
import dev.meshctl.cluster.ClusterEvents;
import dev.meshctl.cluster.ClusterException;
import dev.meshctl.cluster.ClusterObject;
import dev.meshctl.cluster.FollowedKind;
import dev.meshctl.cluster.install.Revisions;
import dev.meshctl.cluster.patch.PatchLead;
import dev.meshctl.cluster.patch.PatchStatus;
import dev.meshctl.cluster.patch.ReplicaReport;
import dev.meshctl.cluster.patch.ReplicaSight;
import dev.meshctl.cluster.patch.RuntimeKinds;
import dev.meshctl.cluster.patch.RuntimePatch;
import dev.meshctl.controlplane.Patching;
import dev.meshctl.controlplane.kubernetes.WokenThread;
import dev.meshctl.controlplane.patch.Orders;
import dev.meshctl.model.patch.Gate;
import dev.meshctl.model.patch.PatchBook;
import dev.meshctl.model.patch.PatchBook.Beginning;
import dev.meshctl.model.patch.PatchEvent;
import dev.meshctl.model.patch.PatchPlan;
import dev.meshctl.model.patch.PatchState;
import dev.meshctl.model.patch.RuntimeReport;
import dev.meshctl.model.query.RuntimeView;
import dev.meshctl.model.xds.RuntimeOrder;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * Patches that are objects of the cluster. Each replica orders what stands in their status and
 * tells in an object of its own what it has heard; the one that leads moves them on. So whichever
 * replica dies, whoever is left knows as much.
 *
 * <p>What is decided is kept by the API server before a proxy hears of it, and only if nobody else
 * has changed the object since: two that lead for a moment do no harm.
 *
 * <p>Thread: any; one of its own works.
 */
public final class ClusterOrders implements Orders {
  private static final System.Logger LOG = System.getLogger(ClusterOrders.class.getName());
  private static final Duration TICK = Duration.ofSeconds(1);

  /** At which revision is the default one, of which nobody tells us. */
  private static final Duration LOOK_AGAIN = Duration.ofSeconds(10);

  private static final Duration EXCHANGE = Duration.ofSeconds(3);

  /** What a proxy said that is connected no more. */
  private static final Duration KEPT = Duration.ofMinutes(10);

  private final Affairs affairs;
  private final Revisions revisions;
  private final Patching.Mesh mesh;
  private final BooleanSupplier leads;
  private final ClusterConnection connection;
  private final FollowedKind patches;
  private final ReplicaObjects replicas;
  private final ClusterEvents events;
  private final BundleExchange exchange;
  private final WokenThread working;
  private final Thread exchanging;

  /** By proxy; its own lock. */
  private final Map<String, Heard> heard = new HashMap<>();

  private volatile PatchBook book = PatchBook.EMPTY;

  // The working thread's alone.
  private Revisions.Answering answering;
  private Instant lookedAt = Instant.MIN;

  /** What a proxy of this replica said last, and when. */
  private record Heard(RuntimeReport report, long epochMillis) {}

  /**
   * Of which replica of which control plane.
   *
   * @param namespace of the control plane
   * @param revision {@code ""} for the one without a name
   * @param replica name of the pod
   * @param address {@code HOST:PORT} where others fetch bundles; empty until it is bound
   */
  public record Affairs(
      String namespace, String revision, String replica, Supplier<String> address) {
    /** A replica of the same revision; none is said of the one without a name. */
    boolean isSibling(ClusterObject replica) {
      return replica.labels().getOrDefault(Revisions.LABEL, "").equals(revision);
    }
  }

  /**
   * @param exchange closed with it
   * @param leads whether this replica writes for all
   */
  public ClusterOrders(
      ClusterConnection connection,
      Affairs affairs,
      Patching.Mesh mesh,
      BundleExchange exchange,
      BooleanSupplier leads) {
    this.connection = connection;
    this.affairs = affairs;
    this.revisions = new Revisions(connection.objects(), affairs.namespace(), affairs.revision());
    this.answering = new Revisions.Answering(affairs.revision(), affairs.revision().isEmpty());
    this.mesh = mesh;
    this.exchange = exchange;
    this.leads = leads;
    this.events =
        new ClusterEvents(
            connection.objects(),
            new ClusterEvents.Reporter("meshctl.dev/control-plane", affairs.replica()));
    this.working = new WokenThread("runtime-patches", TICK, this::turn);
    this.patches = FollowedKind.start(connection, RuntimeKinds.PATCH, working::wake);
    this.replicas = new ReplicaObjects(connection, affairs, mesh.clock(), working::wake);
    this.exchanging = Thread.ofVirtual().name("runtime-bundles").unstarted(this::exchange);
  }

  @Override
  public void start() {
    working.start();
    exchanging.start();
  }

  @Override
  public Optional<RuntimeOrder> order(String proxyId) {
    return book.order(proxyId);
  }

  @Override
  public Optional<Set<String>> needed() {
    if (!patches.complete() || !replicas.complete()) {
      return Optional.empty();
    }
    Set<String> needed = new HashSet<>(book.digests());
    synchronized (heard) {
      heard.values().forEach(each -> needed.add(each.report().runningDigest()));
    }
    List<RuntimeView.Bundle> bundles = new ArrayList<>();
    for (ReplicaReport replica : replicas.fresh()) {
      replica.proxies().forEach(each -> needed.add(each.report().runningDigest()));
      bundles.addAll(replica.bundles());
    }
    // Also of those that have not begun.
    for (RuntimePatch patch : read()) {
      needed.add(patch.spec().digest());
      bundles.stream()
          .filter(bundle -> bundle.version().equals(patch.spec().version()))
          .forEach(bundle -> needed.add(bundle.digest()));
    }
    return Optional.of(needed);
  }

  /** From another replica, or because it is pushed again. */
  @Override
  public boolean mayCome(String digest) {
    return needed().map(all -> all.contains(digest)).orElse(true);
  }

  @Override
  public List<PatchState> all() {
    return book.patches();
  }

  @Override
  public Map<String, RuntimeReport> reports() {
    Map<String, RuntimeReport> all = new TreeMap<>();
    synchronized (heard) {
      heard.forEach((proxy, each) -> all.put(proxy, each.report()));
    }
    return all;
  }

  @Override
  public Map<String, Long> generations() {
    return book.generations();
  }

  @Override
  public Beginning begin(PatchPlan plan) {
    return new Beginning.Refused(
        "on a cluster a patch is an object of kind RuntimePatch; meshctl runtime patch makes one"
            + " where it is told the --context");
  }

  @Override
  public void ask(String id, PatchEvent event) throws IOException {
    throw new IOException(
        "on a cluster a patch is an object of kind RuntimePatch; set spec.paused or spec.rollback");
  }

  @Override
  public void reported(RuntimeReport report) {
    synchronized (heard) {
      heard.put(report.proxyId(), new Heard(report, mesh.clock().millis()));
    }
    working.wake();
  }

  private Duration turn(WokenThread.Cause cause) {
    attempt("this replica's report", () -> replicas.publish(own()));
    Instant time = mesh.clock().instant();
    if (!time.isBefore(lookedAt.plus(LOOK_AGAIN))) {
      lookedAt = time;
      attempt("which revision is the default", () -> answering = revisions.now());
    }
    List<RuntimePatch> all = read();
    follow(all);
    // Before all is read, a patch that is under way would look as if there were none.
    if (leads.getAsBoolean() && patches.complete() && replicas.complete()) {
      lead(all);
    }
    return TICK;
  }

  private interface Duty {
    void perform() throws ClusterException, IOException;
  }

  private static void attempt(String what, Duty duty) {
    try {
      duty.perform();
    } catch (ClusterException | IOException | RuntimeException failed) {
      LOG.log(System.Logger.Level.WARNING, "{0}: {1}", what, failed.toString());
    }
  }

  /** What this replica has and has heard of proxies that are connected to it now. */
  private ReplicaReport own() throws IOException {
    List<ReplicaReport.Connected> connected = new ArrayList<>();
    Map<String, Heard> all;
    long forgotten = mesh.clock().millis() - KEPT.toMillis();
    synchronized (heard) {
      heard
          .entrySet()
          .removeIf(each ->
              each.getValue().epochMillis() < forgotten
                  && mesh.nodes().apply(each.getKey()) == null);
      all = new TreeMap<>(heard);
    }
    all.forEach((proxy, each) -> {
      var node = mesh.nodes().apply(proxy);
      if (node != null) {
        connected.add(
            ReplicaObjects.connected(
                node,
                mesh.pods().get(),
                each.report(),
                each.epochMillis(),
                !mesh.world().refusing(Set.of(proxy)).isEmpty()));
      }
    });
    Map<String, Gate.Measured> measured = new TreeMap<>();
    for (PatchState patch : book.patches()) {
      if (!patch.phase().over()) {
        Set<String> touched = new HashSet<>(patch.standing(PatchState.Standing.PATCHED));
        touched.addAll(patch.standing(PatchState.Standing.ORDERED));
        measured.put(
            patch.plan().id(), mesh.world().measured(touched, patch.plan().gate().window()));
      }
    }
    return new ReplicaReport(
        affairs.replica(), affairs.address().get(), mesh.shelf().bundles(), connected, measured);
  }

  /** The patches that this revision answers for, in the order in which they began. */
  private List<RuntimePatch> read() {
    List<RuntimePatch> all = new ArrayList<>();
    for (ClusterObject object : patches.objects()) {
      if (answering.takes(List.of(object.labels()))) {
        try {
          all.add(RuntimePatch.read(object));
        } catch (IllegalArgumentException unreadable) {
          unreadable(object, String.valueOf(unreadable.getMessage()));
        }
      }
    }
    all.sort(
        Comparator.comparingLong((RuntimePatch patch) -> patch.status().startedEpochMillis())
            .thenComparing(RuntimePatch::id));
    return all;
  }

  /** One that does not read orders nothing; its author is told once. */
  private void unreadable(ClusterObject object, String why) {
    boolean told =
        object.tree().path("status").path("message").asString("").equals(why)
            || object.tree().path("status").path("members").isArray();
    if (leads.getAsBoolean() && !told) {
      var tree = object.tree().deepCopy();
      tree.putObject("status")
          .put("phase", PatchStatus.REFUSED)
          .put("reason", "InvalidSpec")
          .put("message", why);
      attempt(
          "the status of " + object,
          () -> patches.written(connection.objects().replaceStatus(new ClusterObject(tree))));
    }
  }

  private void follow(List<RuntimePatch> all) {
    PatchBook next =
        new PatchBook(all.stream().flatMap(patch -> patch.status().state().stream()).toList());
    if (!next.equals(book)) {
      book = next;
      mesh.world().ordersChanged();
    }
  }

  private void lead(List<RuntimePatch> all) {
    ReplicaSight sight = ReplicaSight.of(replicas.fresh(), mesh.pods().get().names());
    for (RuntimePatch patch : all) {
      if (patch.object().isBeingDeleted()) {
        continue;
      }
      Instant now = mesh.clock().instant();
      PatchStatus next =
          new PatchLead(affairs.namespace(), book, sight).next(patch, now.toEpochMilli());
      if (!next.equals(patch.status()) || !patch.isObserved()) {
        attempt(
            patch.id(),
            () -> {
              ClusterObject kept = connection.objects().replaceStatus(patch.with(next));
              patches.written(kept);
              follow(read());
              tell(kept, patch.status(), next, now);
            });
      }
    }
  }

  private void tell(ClusterObject about, PatchStatus before, PatchStatus after, Instant now)
      throws ClusterException {
    Optional<ClusterEvents.News> news = PatchNews.of(before, after);
    if (news.isPresent()) {
      LOG.log(
          System.Logger.Level.INFO,
          "patch {0}: {1}: {2}",
          RuntimePatch.id(about),
          news.get().reason(),
          news.get().note());
      events.tell(ClusterEvents.Subject.of(about), news.get(), now);
    }
  }

  private void exchange() {
    try {
      while (true) {
        mesh.pause().pause(EXCHANGE);
        for (ReplicaReport other : replicas.fresh()) {
          if (!other.replica().equals(affairs.replica()) && !other.address().isEmpty()) {
            fetchFrom(other);
          }
        }
      }
    } catch (InterruptedException end) {
      // close() ends the loop.
    }
  }

  private void fetchFrom(ReplicaReport other) {
    for (RuntimeView.Bundle bundle : other.bundles()) {
      attempt(
          "bundle " + bundle.version() + " of " + other.replica(),
          () -> {
            // What is about to be collected there would come and go for ever.
            if (!mesh.shelf().isWanted(bundle.digest())
                || !mesh.shelf().keeps(bundle, needed().orElse(Set.of()))) {
              return;
            }
            exchange.fetch(bundle, other.address(), mesh.shelf());
            LOG.log(
                System.Logger.Level.INFO,
                "bundle {0} has come from {1}",
                bundle.version(),
                other.replica());
            working.wake();
          });
    }
  }

  @Override
  public void close() {
    working.close();
    exchanging.interrupt();
    patches.close();
    replicas.close();
    exchange.close();
  }
}
