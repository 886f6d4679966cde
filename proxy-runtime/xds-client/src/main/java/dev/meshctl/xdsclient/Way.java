package dev.meshctl.xdsclient;

import dev.meshctl.model.xds.ResourceType;
import io.grpc.ManagedChannel;
import java.net.URI;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;

/** How some types come from a server. */
public sealed interface Way {
  /** What comes on it. */
  Set<ResourceType> types();

  /** Who is asked, for people. */
  String server();

  /** {@code GRPC} or {@code DELTA_GRPC}. */
  enum Variant {
    STATE_OF_THE_WORLD,
    INCREMENTAL
  }

  /**
   * One stream for all of {@code types}.
   *
   * @param channel to any xDS v3 server; stays the caller's
   */
  record Aggregated(ManagedChannel channel, Variant variant, Set<ResourceType> types)
      implements Way {
    public Aggregated {
      types = Set.copyOf(types);
    }

    /** Incremental, everything. */
    public Aggregated(ManagedChannel channel) {
      this(channel, Variant.INCREMENTAL, EnumSet.allOf(ResourceType.class));
    }

    @Override
    public String server() {
      return channel.authority();
    }
  }

  /** A stream for one type, by the service that serves that type alone. */
  record Single(ManagedChannel channel, Variant variant, ResourceType type) implements Way {
    @Override
    public Set<ResourceType> types() {
      return Set.of(type);
    }

    @Override
    public String server() {
      return channel.authority() + " (" + type + ")";
    }
  }

  /**
   * Polling by HTTP.
   *
   * @param at {@code http://HOST:PORT}
   * @param refresh pause between two polls
   * @param timeout of one poll
   */
  record Polled(URI at, ResourceType type, Duration refresh, Duration timeout) implements Way {
    @Override
    public Set<ResourceType> types() {
      return Set.of(type);
    }

    @Override
    public String server() {
      return at + " (" + type + ")";
    }
  }
}
