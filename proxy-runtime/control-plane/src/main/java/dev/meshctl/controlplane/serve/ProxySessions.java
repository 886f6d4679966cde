package dev.meshctl.controlplane.serve;

import dev.meshctl.controlplane.serve.encoded.SnapshotSource;
import dev.meshctl.controlplane.serve.protocol.StreamState;
import dev.meshctl.controlplane.serve.protocol.StreamStatus;
import dev.meshctl.identity.SpiffeId;
import dev.meshctl.model.query.ProxyView;
import dev.meshctl.model.query.ResourceStatus;
import dev.meshctl.model.wire.EncodedResource;
import dev.meshctl.model.xds.ProxyNode;
import dev.meshctl.model.xds.ResourceType;
import io.grpc.Status;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Every proxy that is connected, and the last of those that were. {@link #changed} makes one thread
 * push the newest snapshots; changes that come while it works are one further round.
 *
 * <p>Thread: any.
 */
public final class ProxySessions implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(ProxySessions.class.getName());
  private static final int MAX_DISCONNECTED = 256;
  private static final Status ENDS =
      Status.UNAVAILABLE.withDescription("this control plane ends; ask again");

  /** So many times between two renewals it is looked whether one is due. */
  private static final int LOOKS = 4;

  private final SnapshotSource snapshots;
  private final PushSettings settings;
  private final PushBudget budget;
  private final InstantSource clock;
  private final Semaphore changes = new Semaphore(0);
  private final Thread pushing;
  private final Thread renewing;
  private final Semaphore closed = new Semaphore(0);
  private final Map<String, Entry> proxies = new LinkedHashMap<>();
  private boolean sendingAway;

  /** {@code session} is null once the proxy has gone. */
  /**
   * A stream of a proxy, or that it had one.
   *
   * @param session null where it is gone
   * @param before a stream that the same proxy opened earlier and that is open still: while one
   *     process takes the place of another both are told, and either may be the one that stays
   */
  private record Entry(
      ProxyNode node,
      SpiffeId identity,
      long sinceEpochMillis,
      @Nullable ProxySession<?, ?> session,
      @Nullable Entry before) {
    /** What is left when a stream has ended. */
    Entry without(ProxySession<?, ?> ended, long nowEpochMillis) {
      if (session == ended) {
        return before == null ? new Entry(node, identity, nowEpochMillis, null, null) : before;
      }
      if (before == null) {
        return this;
      }
      Entry rest = before.without(ended, nowEpochMillis);
      return new Entry(
          node, identity, sinceEpochMillis, session, rest.session == null ? null : rest);
    }
  }

  public ProxySessions(SnapshotSource snapshots, InstantSource clock) {
    this(snapshots, clock, PushSettings.DEFAULT);
  }

  public ProxySessions(SnapshotSource snapshots, InstantSource clock, PushSettings settings) {
    this.snapshots = snapshots;
    this.settings = settings;
    this.budget = new PushBudget(settings.unansweredBytes(), settings.patience(), System::nanoTime);
    this.clock = clock;
    this.pushing = Thread.ofVirtual().name("xds-push").start(this::pushLoop);
    this.renewing = Thread.ofVirtual().name("xds-renew").unstarted(this::renewLoop);
    if (!settings.ttls().isEmpty()) {
      renewing.start();
    }
  }

  /** The snapshots are new. */
  public void changed() {
    changes.release();
  }

  /** Of a new stream. */
  RequestPace pace() {
    return new RequestPace(settings.requestsPerSecond(), settings.requestBurst());
  }

  PushBudget budget() {
    return budget;
  }

  /** Waits where very many open at a time: the call's thread is a virtual one. */
  void opened(ProxySession<?, ?> session) {
    try {
      budget.await();
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    }
    synchronized (proxies) {
      // Last in the order, so that the longest gone are forgotten first.
      Entry before = proxies.remove(session.node().id());
      proxies.put(
          session.node().id(),
          new Entry(
              session.node(),
              session.identity(),
              clock.millis(),
              session,
              before == null || before.session == null ? null : before));
      forgetLongGone();
    }
    boolean late;
    synchronized (proxies) {
      late = sendingAway;
    }
    if (late) {
      session.sendAway(ENDS);
      closed(session);
      return;
    }
    session.push(snapshots.snapshotFor(session.node()));
  }

  void closed(ProxySession<?, ?> session) {
    session.ended();
    synchronized (proxies) {
      proxies.computeIfPresent(
          session.node().id(), (id, entry) -> entry.without(session, clock.millis()));
    }
  }

  private void forgetLongGone() {
    long gone = proxies.values().stream().filter(e -> e.session == null).count();
    var all = proxies.values().iterator();
    while (gone > MAX_DISCONNECTED && all.hasNext()) {
      if (all.next().session == null) {
        all.remove();
        gone--;
      }
    }
  }

  private void pushLoop() {
    try {
      while (true) {
        changes.acquire();
        changes.drainPermits();
        for (Entry entry : streams()) {
          budget.await();
          push(entry);
        }
      }
    } catch (InterruptedException closed) {
      // close() ends the loop.
    }
  }

  /**
   * Looks every so often who has to be lent anew what it holds for a time: one clock for all, and
   * each by its own reckoning, so that they do not all come at once.
   */
  private void renewLoop() {
    long tickNanos =
        settings.ttls().values().stream().mapToLong(Duration::toNanos).min().orElse(0)
            / (LOOKS * StreamState.RENEWALS);
    try {
      while (!closed.tryAcquire(tickNanos, TimeUnit.NANOSECONDS)) {
        for (Entry entry : streams()) {
          ProxySession<?, ?> session = entry.session;
          if (session != null) {
            budget.await();
            session.renew();
          }
        }
      }
    } catch (InterruptedException closed) {
      // close() ends the loop.
    }
  }

  private void push(Entry entry) {
    ProxySession<?, ?> session = entry.session;
    if (session == null) {
      return;
    }
    try {
      session.push(snapshots.snapshotFor(entry.node));
    } catch (RuntimeException | Error bug) {
      // One proxy that cannot be told must not keep the others from their news: an error too, such
      // as memory that is full for the moment, would end all pushes for good.
      LOG.log(System.Logger.Level.ERROR, "no snapshot for " + entry.node.id(), bug);
    }
  }

  private Collection<Entry> entries() {
    synchronized (proxies) {
      return List.copyOf(proxies.values());
    }
  }

  /** Each stream, also where a proxy has two. */
  private List<Entry> streams() {
    List<Entry> all = new ArrayList<>();
    for (Entry entry : entries()) {
      for (Entry each = entry; each != null; each = each.before) {
        all.add(each);
      }
    }
    return all;
  }

  /** Every proxy, by id. */
  public List<ProxyView> views() {
    List<ProxyView> views = new ArrayList<>();
    entries().forEach(e -> views.add(view(e)));
    views.sort(Comparator.comparing(ProxyView::id));
    return views;
  }

  /** What a proxy was sent and did not refuse; empty where no such proxy is connected. */
  public Optional<List<EncodedResource>> held(String proxyId, ResourceType type) {
    return session(proxyId).map(session -> session.held(type));
  }

  /** A proxy whose stream is open; its resources are thousands, looked through when asked for. */
  record Connected(ProxyNode node, SpiffeId identity, Supplier<List<ResourceStatus>> resources) {}

  /** Every connected proxy. */
  List<Connected> connected() {
    List<Connected> all = new ArrayList<>();
    for (Entry entry : entries()) {
      ProxySession<?, ?> session = entry.session;
      if (session != null) {
        all.add(new Connected(entry.node, entry.identity, session::resources));
      }
    }
    return all;
  }

  /** Resource by resource; empty where no such proxy is connected. */
  public Optional<List<ResourceStatus>> resources(String proxyId) {
    return session(proxyId).map(ProxySession::resources);
  }

  /** Who a proxy proved to be; empty where no such proxy is connected. */
  public Optional<SpiffeId> identity(String proxyId) {
    return session(proxyId).map(ProxySession::identity);
  }

  /** The node of a proxy that is or was connected. */
  public Optional<ProxyNode> node(String proxyId) {
    synchronized (proxies) {
      Entry entry = proxies.get(proxyId);
      return entry == null ? Optional.empty() : Optional.of(entry.node);
    }
  }

  /** Whether the proxy is connected and refuses some of what it is told. */
  public boolean refuses(String proxyId) {
    return session(proxyId)
        .map(session -> session.status().state() == ProxyView.State.REJECTED)
        .orElse(false);
  }

  private Optional<ProxySession<?, ?>> session(String proxyId) {
    synchronized (proxies) {
      Entry entry = proxies.get(proxyId);
      return entry == null ? Optional.empty() : Optional.ofNullable(entry.session);
    }
  }

  private static ProxyView view(Entry entry) {
    ProxySession<?, ?> session = entry.session;
    StreamStatus status = session == null ? StreamStatus.GONE : session.status();
    ProxyNode node = entry.node;
    return new ProxyView(
        node.id(),
        node.role().name(),
        node.namespace(),
        node.workload(),
        node.instance(),
        entry.identity.toString(),
        session == null ? ProxyView.State.DISCONNECTED : status.state(),
        entry.sinceEpochMillis,
        status.ackedGeneration(),
        status.types());
  }

  /**
   * Ends all streams, and those that open from now on: this control plane is about to end, and
   * whoever asks again asks another. Proxies keep what they have.
   */
  public void sendAway() {
    List<ProxySession<?, ?>> open = new ArrayList<>();
    synchronized (proxies) {
      sendingAway = true;
      for (Entry last : proxies.values()) {
        for (Entry entry = last; entry != null; entry = entry.before) {
          if (entry.session != null) {
            open.add(entry.session);
          }
        }
      }
    }
    for (ProxySession<?, ?> each : open) {
      each.sendAway(ENDS);
      closed(each);
    }
  }

  @Override
  public void close() {
    pushing.interrupt();
    closed.release();
    renewing.interrupt();
  }
}
