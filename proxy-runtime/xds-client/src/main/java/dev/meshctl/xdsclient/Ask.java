package dev.meshctl.xdsclient;

import dev.meshctl.model.xds.ResourceType;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What the client tells a server, before a {@link Dialect} puts it in words. */
sealed interface Ask {
  ResourceType type();

  /**
   * The first of a type on a stream.
   *
   * @param names wanted; empty is all there are
   * @param versions what is held of them, by name
   * @param lapsed some of what came last is not held any more, because its time ran out
   */
  record Begin(ResourceType type, Set<String> names, Map<String, String> versions, boolean lapsed)
      implements Ask {
    public Begin {
      names = Set.copyOf(names);
      versions = Map.copyOf(versions);
    }
  }

  /** Other names than before. */
  record Change(ResourceType type, Set<String> added, Set<String> dropped) implements Ask {
    public Change {
      added = Set.copyOf(added);
      dropped = Set.copyOf(dropped);
    }
  }

  /**
   * ACK, or NACK.
   *
   * @param refusal what was refused, each by name, and why; empty where nothing was
   */
  record Answer(ResourceType type, String nonce, Optional<String> refusal) implements Ask {}
}
