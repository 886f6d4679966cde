package dev.meshctl.xdsclient;

import dev.meshctl.model.xds.ResourceType;
import dev.meshctl.model.xds.XdsSnapshot;
import java.util.List;

/** Takes configuration as it arrives, whole; the data plane is one. */
public interface ConfigSink {

  /**
   * Puts {@code snapshot} in force, except the resources it returns: of those the last good version
   * stays in force, and the control plane is told (NACK).
   *
   * <p>Thread: the xDS client's, one call at a time; may block until every event loop has swapped.
   */
  List<Rejection> accept(XdsSnapshot snapshot);

  /** Why a resource cannot be put in force. */
  record Rejection(ResourceType type, String name, String reason) {}

  /**
   * Told of what could not even be read, and so never comes to {@link #accept}.
   *
   * <p>Thread: as {@link #accept}; may not block.
   */
  default void unreadable(Rejection rejection, String version) {}

  /** What was {@link #unreadable} is gone, or has come in a form that can be read. */
  default void mended(ResourceType type, String name) {}
}
