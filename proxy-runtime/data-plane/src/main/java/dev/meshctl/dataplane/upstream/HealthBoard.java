package dev.meshctl.dataplane.upstream;

import dev.meshctl.model.xds.SocketEndpoint;
import io.netty.channel.EventLoop;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.RejectedExecutionException;

/**
 * Who of a proxy's loops asks the hosts of a cluster for their health, so that each is asked once
 * however many loops there are, and how the others hear of it.
 *
 * <p>Threads: seats are taken before there are clusters; after that any, and each member hears on
 * its own loop.
 */
public final class HealthBoard {
  private final List<Seat> seats = new ArrayList<>();

  /** What a loop does with what it hears. */
  public interface Member {
    /**
     * The hosts of a cluster that fail their checks now, all others do not.
     *
     * @param cluster by its id
     */
    void heard(int cluster, Set<SocketEndpoint> failing);
  }

  private record Seat(EventLoop loop, Member member) {}

  /** Takes a place for {@code loop}; gives its number. */
  public int join(EventLoop loop, Member member) {
    seats.add(new Seat(loop, member));
    return seats.size() - 1;
  }

  /** The loop of {@code seat} asks for {@code cluster}. */
  boolean asks(int seat, int cluster) {
    return seats.isEmpty() || Math.floorMod(cluster, seats.size()) == seat;
  }

  /** Tells everybody else. */
  void tell(int seat, int cluster, Set<SocketEndpoint> failing) {
    for (int i = 0; i < seats.size(); i++) {
      if (i != seat) {
        Member member = seats.get(i).member();
        try {
          seats.get(i).loop().execute(() -> member.heard(cluster, failing));
        } catch (RejectedExecutionException e) {
          // The proxy ends, and nobody needs to know any more.
        }
      }
    }
  }
}
