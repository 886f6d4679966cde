package dev.meshctl.dataplane.route;

import dev.meshctl.dataplane.balance.Host;
import dev.meshctl.dataplane.http.DownstreamConnection;
import dev.meshctl.dataplane.http.HeaderBlock;
import dev.meshctl.dataplane.http.RequestHead;
import dev.meshctl.dataplane.http.ResponseHead;
import dev.meshctl.dataplane.http.UpstreamStream;
import dev.meshctl.dataplane.resilience.OutlierDetector.Outcome;
import dev.meshctl.dataplane.upstream.Cluster;
import dev.meshctl.dataplane.upstream.ClusterState;
import dev.meshctl.dataplane.upstream.ConnectFailure;
import dev.meshctl.dataplane.upstream.HostPools;
import dev.meshctl.dataplane.upstream.StreamPool;
import io.netty.buffer.ByteBuf;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * A copy of a request for a mirror: sent, its answer thrown away. It never slows the original: when
 * the mirror does not keep up, the copy is broken off.
 *
 * <p>Thread: confined to the loop of the connection.
 */
final class MirrorCopy implements StreamPool.Waiter {
  private static final int MOST_WAITING_BYTES = 256 * 1024;

  private final Worker worker;
  private final RequestHead head;
  private final ArrayDeque<ByteBuf> waiting = new ArrayDeque<>(0);
  private @Nullable ClusterState state;
  private @Nullable Host<HostPools> host;
  private @Nullable UpstreamStream stream;
  private boolean ended;
  private boolean over;
  private int waitingBytes;

  /**
   * @param keepsHost the authority is the original's; else it is marked
   */
  MirrorCopy(
      Worker worker,
      Cluster cluster,
      DownstreamConnection connection,
      RequestHead original,
      boolean ended,
      boolean keepsHost) {
    this.worker = worker;
    this.ended = ended;
    this.head = worker.resources().requestHead();
    original.copyTo(head);
    if (!keepsHost) {
      head.replaceAuthority(shadowed(head.authority().toString()));
    }
    start(cluster, connection);
  }

  private static String shadowed(String authority) {
    int colon = authority.lastIndexOf(':');
    return colon > authority.lastIndexOf(']')
        ? authority.substring(0, colon) + "-shadow" + authority.substring(colon)
        : authority + "-shadow";
  }

  private void start(Cluster cluster, DownstreamConnection connection) {
    ClusterState of = worker.state(cluster);
    Host<HostPools> picked = of.balancer().pick();
    if (picked == null || !of.breaker().tryRequest()) {
      finish();
      return;
    }
    state = of;
    host = picked;
    of.balancer().started(picked);
    picked
        .attachment()
        .serving(cluster, connection)
        .pool(
            cluster,
            picked.endpoint().meshTls(),
            cluster.speech(head.version() == RequestHead.Version.HTTP2))
        .acquire(this);
  }

  @Override
  public boolean cancelled() {
    return over;
  }

  @Override
  public boolean upgrades() {
    return head.upgrade();
  }

  @Override
  public void ready(UpstreamStream ready) {
    stream = ready;
    boolean endsWithHead = ended && waiting.isEmpty();
    ready.request(head, endsWithHead);
    while (!waiting.isEmpty() && !over) {
      ByteBuf data = waiting.removeFirst();
      ready.data(data, ended && waiting.isEmpty());
    }
  }

  @Override
  public void failed(ConnectFailure reason) {
    if (reason == ConnectFailure.OVERFLOW || reason == ConnectFailure.NO_UPGRADES) {
      finish();
      return;
    }
    settle(Outcome.LOCAL_ORIGIN);
  }

  /** Takes {@code data}. */
  void data(ByteBuf data, boolean end) {
    ended |= end;
    UpstreamStream to = stream;
    if (over) {
      data.release();
    } else if (to != null) {
      if (to.writable()) {
        to.data(data, end);
      } else {
        data.release();
        breakOff();
      }
    } else {
      waitingBytes += data.readableBytes();
      waiting.addLast(data);
      if (waitingBytes > MOST_WAITING_BYTES) {
        breakOff();
      }
    }
  }

  void trailers(HeaderBlock block) {
    ended = true;
    UpstreamStream to = stream;
    if (!over && to != null) {
      to.trailers(block);
    }
  }

  /** The original ended; without its whole request the copy makes no sense. */
  void requestGone(boolean complete) {
    if (!complete && !over) {
      breakOff();
    }
  }

  private void breakOff() {
    UpstreamStream to = stream;
    if (to != null) {
      to.abort();
    }
    finish();
  }

  @Override
  public void informational(ResponseHead response) {}

  @Override
  public void response(ResponseHead response, boolean end) {
    if (end) {
      settle(Outcome.ofStatus(response.status()));
    }
  }

  @Override
  public void responseData(ByteBuf data, boolean end) {
    data.release();
    if (end) {
      settle(Outcome.SUCCESS);
    }
  }

  @Override
  public void responseTrailers(HeaderBlock trailers) {
    settle(Outcome.SUCCESS);
  }

  @Override
  public void upstreamGone(UpstreamStream.Reset reset) {
    settle(Outcome.LOCAL_ORIGIN);
  }

  @Override
  public void upstreamWritable() {}

  private void settle(Outcome outcome) {
    ClusterState of = state;
    Host<HostPools> at = host;
    if (of != null && at != null && !over) {
      host = null;
      of.balancer().ended(at, outcome, System.nanoTime());
      of.breaker().requestEnded();
    }
    finish();
  }

  private void finish() {
    if (over) {
      return;
    }
    over = true;
    ClusterState of = state;
    Host<HostPools> at = host;
    if (of != null && at != null) {
      host = null;
      of.balancer().cancelled(at);
      of.breaker().requestEnded();
    }
    waiting.forEach(ByteBuf::release);
    waiting.clear();
    worker.resources().release(head);
  }
}
