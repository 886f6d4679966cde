package dev.meshctl.console.window;

import dev.meshctl.console.feed.MeshFeed;
import dev.meshctl.console.feed.MeshState;
import dev.meshctl.model.query.GraphView;
import dev.meshctl.model.query.MeshStatus;
import dev.meshctl.model.query.ProxyView;
import dev.meshctl.model.validation.Diagnostic;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** A mesh as a script has it. */
public final class FakeFeed implements MeshFeed {
  private volatile @Nullable Listener listener;
  private volatile MeshStatus status = status(1, true, Map.of(), List.of(), 8, 8);
  private volatile int acknowledged = 8;
  public final AtomicInteger closed = new AtomicInteger();

  public static MeshStatus status(
      long generation,
      boolean accepted,
      Map<String, String> sources,
      List<Diagnostic> diagnostics,
      int proxies,
      int synced) {
    return new MeshStatus(
        "bookshop",
        "0.1.0",
        "cluster.local",
        0,
        generation,
        accepted,
        sources,
        diagnostics,
        proxies,
        synced);
  }

  @Override
  public void start(Listener listener) {
    this.listener = listener;
    listener.state(new MeshState.Connecting());
  }

  public void says(GraphView view) {
    Objects.requireNonNull(listener).graph(view);
  }

  public void says(MeshState state) {
    Objects.requireNonNull(listener).state(state);
  }

  public void is(MeshStatus now) {
    status = now;
  }

  /** Of eight proxies. */
  public void acknowledgedBy(int proxies) {
    acknowledged = proxies;
  }

  @Override
  public MeshStatus status() {
    return status;
  }

  @Override
  public List<ProxyView> proxies() {
    int done = acknowledged;
    return IntStream.range(0, 8)
        .mapToObj(i ->
            new ProxyView(
                "p" + i,
                "sidecar",
                "bookshop",
                "w",
                "w-" + i,
                "",
                i < done ? ProxyView.State.SYNCED : ProxyView.State.STALE,
                0,
                i < done ? status.generation() : status.generation() - 1,
                List.of()))
        .toList();
  }

  @Override
  public void close() {
    closed.incrementAndGet();
  }
}
