package dev.meshctl.console.feed;

import dev.meshctl.model.query.GraphView;
import dev.meshctl.model.query.MeshStatus;
import dev.meshctl.model.query.ProxyView;
import java.util.List;

/** News of one mesh, and answers to questions about it. */
public interface MeshFeed extends AutoCloseable {
  /** Called on any thread, one call at a time for each method. */
  interface Listener {
    void graph(GraphView view);

    void state(MeshState state);
  }

  /** Begins, once. */
  void start(Listener listener);

  /** Blocks. Throws {@link dev.meshctl.model.query.MeshQueryException} without an answer. */
  MeshStatus status();

  /** Blocks, as {@link #status}. */
  List<ProxyView> proxies();

  @Override
  void close();
}
