package dev.meshctl.cluster;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * All objects of one kind, as they are now: watched from when the cluster has the kind, and looked
 * for again where the watch has ended. While the API server is away they stay as they were.
 *
 * <p>Thread: any; {@code changed} is called on the watch's threads and must not block.
 */
public final class FollowedKind implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(FollowedKind.class.getName());
  private static final Duration LOOK_AGAIN = Duration.ofSeconds(5);

  private final ClusterConnection connection;
  private final ObjectKind kind;
  private final Runnable changed;
  private final Thread looking;
  private final Object lock = new Object();

  // All below under the lock.
  private final Map<String, ClusterObject> objects = new TreeMap<>();
  private @Nullable KindWatch watch;
  private boolean complete;
  private boolean closed;
  private String toldTrouble = "";

  private FollowedKind(ClusterConnection connection, ObjectKind kind, Runnable changed) {
    this.connection = connection;
    this.kind = kind;
    this.changed = changed;
    this.looking = Thread.ofVirtual().name("following " + kind).unstarted(this::look);
  }

  /** Begins to follow. */
  public static FollowedKind start(
      ClusterConnection connection, ObjectKind kind, Runnable changed) {
    FollowedKind following = new FollowedKind(connection, kind, changed);
    following.looking.start();
    return following;
  }

  /** What there is, by namespace and name. */
  public List<ClusterObject> objects() {
    synchronized (lock) {
      return List.copyOf(objects.values());
    }
  }

  /** All that was there when the watch began has been seen. */
  public boolean complete() {
    synchronized (lock) {
      return complete;
    }
  }

  /** Takes what the API server has just answered, so that nobody acts on what was before it. */
  public void written(ClusterObject object) {
    synchronized (lock) {
      put(object);
    }
  }

  private boolean put(ClusterObject object) {
    ClusterObject known = objects.get(name(object));
    if (known != null && known.uid().equals(object.uid()) && !isNewer(object, known)) {
      return false;
    }
    objects.put(name(object), object);
    return true;
  }

  /** Versions of one object are numbers that grow (KEP-5504). */
  private static boolean isNewer(ClusterObject one, ClusterObject other) {
    try {
      return Long.parseLong(one.resourceVersion()) > Long.parseLong(other.resourceVersion());
    } catch (NumberFormatException opaque) {
      return !one.resourceVersion().equals(other.resourceVersion());
    }
  }

  private static String name(ClusterObject object) {
    return object.namespace().orElse("") + "/" + object.name();
  }

  private void look() {
    try {
      while (true) {
        try {
          begin();
        } catch (ClusterException failed) {
          trouble(String.valueOf(failed.getMessage()));
        }
        synchronized (lock) {
          if (!closed) {
            lock.wait(LOOK_AGAIN.toMillis());
          }
          if (closed) {
            return;
          }
        }
      }
    } catch (InterruptedException end) {
      // close() ends the loop.
    }
  }

  /** Watches, unless somebody does. */
  private void begin() throws ClusterException {
    Optional<KindWatch.End> end;
    synchronized (lock) {
      if (watch != null && watch.end().isEmpty()) {
        return;
      }
      end = watch == null ? Optional.empty() : watch.end();
    }
    if (end.isPresent()) {
      trouble(kind + ": " + end.get());
    }
    Optional<ApiCatalogue.ApiResource> resource = connection.kinds().find(kind);
    synchronized (lock) {
      if (watch != null) {
        watch.close();
        watch = null;
      }
      // The kind is gone, and all of it with it; one that may not be read stays as it was.
      if (resource.isEmpty() || end.filter(e -> e == KindWatch.End.GONE).isPresent()) {
        objects.clear();
      }
      if (resource.isEmpty() || closed) {
        return;
      }
      watch =
          connection.watch(
              new KindWatch.Selection(resource.get(), Optional.empty(), "", ""), new Events());
    }
  }

  private void trouble(String what) {
    synchronized (lock) {
      if (what.equals(toldTrouble)) {
        return;
      }
      toldTrouble = what;
    }
    LOG.log(System.Logger.Level.WARNING, "{0} is not followed: {1}", kind, what);
  }

  private final class Events implements KindWatch.Listener {
    @Override
    public void present(ClusterObject object) {
      boolean news;
      synchronized (lock) {
        news = put(object);
      }
      if (news) {
        changed.run();
      }
    }

    @Override
    public void absent(ClusterObject object) {
      boolean news;
      synchronized (lock) {
        news = objects.remove(name(object)) != null;
      }
      if (news) {
        changed.run();
      }
    }

    @Override
    public void complete() {
      synchronized (lock) {
        complete = true;
      }
      changed.run();
    }
  }

  @Override
  public void close() {
    KindWatch over;
    synchronized (lock) {
      closed = true;
      over = watch;
      watch = null;
      lock.notifyAll();
    }
    looking.interrupt();
    if (over != null) {
      over.close();
    }
  }
}
