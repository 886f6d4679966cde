package dev.meshctl.dataplane.live;

import dev.meshctl.model.xds.SocketEndpoint;
import java.util.List;

/**
 * Resolves the names of {@code STRICT_DNS} clusters, away from the loops.
 *
 * <p>Thread: one caller at a time.
 */
public interface HostNames {
  /** A compilation begins. */
  void begin();

  /** The addresses that {@code target} stands for by now; none where it is not resolved yet. */
  List<SocketEndpoint> addresses(SocketEndpoint target);

  /** The compilation is done: names that it did not ask for are watched no more. */
  void commit();
}
