package dev.meshctl.dataplane.upstream;

import dev.meshctl.dataplane.http.HeaderBlock;
import dev.meshctl.dataplane.http.LoopResources;
import dev.meshctl.dataplane.http.RequestHead;
import dev.meshctl.dataplane.http.ResponseHead;
import dev.meshctl.dataplane.http.UpstreamStream;
import dev.meshctl.dataplane.upstream.Cluster.Speech;
import dev.meshctl.model.xds.HealthCheck.Check;
import dev.meshctl.model.xds.HealthCheck.Statuses;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One question to one host, over the cluster's own transport. Connections of HTTP and gRPC checks
 * are kept in pools of their own.
 *
 * <p>Thread: confined to its loop.
 */
final class HealthTry implements StreamPool.Waiter, Connector.Callback {
  private static final int OK = 200;
  private static final int SERVING = 1;

  /** A gRPC message of one field fits; a longer answer is none of ours. */
  private static final int MOST_ANSWER_BYTES = 64;

  private final LoopResources resources;
  private final Check check;
  private final Cluster cluster;
  private final Result result;
  private final byte[] answer = new byte[MOST_ANSWER_BYTES];
  private int answerBytes;
  private boolean accepted;
  private boolean over;
  private @Nullable UpstreamStream stream;

  /** Told once, unless abandoned before. */
  interface Result {
    void answered(boolean well);
  }

  HealthTry(LoopResources resources, Check check, Cluster cluster, Result result) {
    this.resources = resources;
    this.check = check;
    this.cluster = cluster;
    this.result = result;
  }

  void start(Connector connector, HostPools pools, boolean meshTls) {
    switch (check) {
      case Check.Tcp() ->
          connector.connect(
              pools.address(),
              cluster.telling(cluster.transport(meshTls, Speech.BYTES), Optional.empty()),
              cluster.config().connectTimeout(),
              this);
      case Check.Http http ->
          pools.pool(cluster, meshTls, http.http2() ? Speech.HTTP2 : Speech.HTTP1).acquire(this);
      case Check.Grpc grpc -> pools.pool(cluster, meshTls, Speech.HTTP2).acquire(this);
    }
  }

  /** No answer is wanted any more. */
  void abandon() {
    if (over) {
      return;
    }
    over = true;
    UpstreamStream last = stream;
    if (last != null) {
      last.abort();
    }
  }

  private void settle(boolean well) {
    if (!over) {
      over = true;
      result.answered(well);
    }
  }

  @Override
  public boolean cancelled() {
    return over;
  }

  // ---- TCP

  @Override
  public void connected(Channel channel) {
    channel.close();
    settle(true);
  }

  @Override
  public void failed(ConnectFailure reason) {
    settle(false);
  }

  // ---- HTTP

  @Override
  public void ready(UpstreamStream ready) {
    stream = ready;
    RequestHead head = resources.requestHead();
    try {
      switch (check) {
        case Check.Tcp() -> throw new IllegalStateException("TCP checks need no stream");
        case Check.Http(var host, var path, var expected, var http2) -> {
          head.start("GET", path, host.isEmpty() ? cluster.name() : host);
          head.add("user-agent", "meshctl/HC");
          ready.request(head, true);
        }
        case Check.Grpc(var service, var authority) -> {
          head.start(
              "POST",
              "/grpc.health.v1.Health/Check",
              authority.isEmpty() ? cluster.name() : authority);
          head.streamed();
          head.add("content-type", "application/grpc");
          head.add("te", "trailers");
          head.add("user-agent", "meshctl/HC");
          ready.request(head, false);
          ready.data(question(service), true);
        }
      }
    } finally {
      resources.release(head);
    }
  }

  /** {@code HealthCheckRequest{service = 1}} with gRPC's prefix of five bytes. */
  private ByteBuf question(String service) {
    byte[] name = service.getBytes(StandardCharsets.UTF_8);
    int length = name.length == 0 ? 0 : name.length + (name.length < 128 ? 2 : 3);
    ByteBuf message = resources.allocator().buffer(5 + length);
    message.writeByte(0).writeInt(length);
    if (name.length > 0) {
      message.writeByte(0x0A);
      if (name.length >= 128) {
        message.writeByte(name.length & 0x7F | 0x80).writeByte(name.length >> 7);
      } else {
        message.writeByte(name.length);
      }
      message.writeBytes(name);
    }
    return message;
  }

  @Override
  public void informational(ResponseHead response) {}

  @Override
  public void response(ResponseHead response, boolean end) {
    switch (check) {
      case Check.Http http -> accepted = expects(http, response.status());
      case Check.Grpc grpc -> accepted = response.status() == OK && !end;
      case Check.Tcp tcp -> accepted = false;
    }
    if (end) {
      settle(accepted);
    }
  }

  private static boolean expects(Check.Http http, int status) {
    if (http.expected().isEmpty()) {
      return status == OK;
    }
    for (Statuses range : http.expected()) {
      if (status >= range.first() && status < range.end()) {
        return true;
      }
    }
    return false;
  }

  @Override
  public void responseData(ByteBuf data, boolean end) {
    int length = Math.min(data.readableBytes(), answer.length - answerBytes);
    data.readBytes(answer, answerBytes, length);
    answerBytes += length;
    data.release();
    if (end) {
      // gRPC ends with trailers: data at the end is no answer.
      settle(accepted && check instanceof Check.Http);
    }
  }

  @Override
  public void responseTrailers(HeaderBlock trailers) {
    settle(
        switch (check) {
          case Check.Grpc grpc -> accepted && ResponseHead.grpcStatusOf(trailers) == 0 && serving();
          case Check.Http http -> accepted;
          case Check.Tcp tcp -> false;
        });
  }

  /** {@code HealthCheckResponse{status = 1}} says {@code SERVING}. */
  private boolean serving() {
    return answerBytes >= 7 && answer[0] == 0 && answer[5] == 0x08 && answer[6] == SERVING;
  }

  @Override
  public void upstreamGone(UpstreamStream.Reset reset) {
    settle(false);
  }

  @Override
  public void upstreamWritable() {}
}
