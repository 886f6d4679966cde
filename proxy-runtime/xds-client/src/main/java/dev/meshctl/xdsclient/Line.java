package dev.meshctl.xdsclient;

import dev.meshctl.model.xds.ResourceType;
import java.util.List;
import java.util.Set;

/** A {@link Way} in use. */
interface Line {
  Set<ResourceType> types();

  /** Says {@code asks}, all of its types, if anybody listens. Thread: one at a time. */
  void say(List<Ask> asks);

  /** Serves until interrupted. */
  void serve() throws InterruptedException;

  /** Whether the server has answered and was not lost since. */
  boolean connected();
}
