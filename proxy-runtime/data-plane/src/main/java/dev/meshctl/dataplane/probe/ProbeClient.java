package dev.meshctl.dataplane.probe;

import dev.meshctl.dataplane.probe.AppProbe.Action;
import dev.meshctl.net.loop.Transport;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * Asks the workload, each time over a connection of its own. Redirects to the same host are
 * followed as a kubelet follows them, ten at most; one that leads elsewhere counts as well, as
 * there.
 *
 * <p>Thread: confined to its loop.
 */
final class ProbeClient {
  private static final int MAX_REDIRECTS = 10;

  private final Bootstrap bootstrap;
  private final EventLoop loop;
  private @Nullable SslContext anyCertificate;

  ProbeClient(Transport transport, EventLoop loop) {
    this.loop = loop;
    this.bootstrap = transport.on(new Bootstrap()).group(loop);
  }

  /**
   * @param reply told once, on the loop
   */
  void ask(AppProbe probe, InetSocketAddress workload, Consumer<HttpResponseStatus> reply) {
    assert loop.inEventLoop();
    new Try(probe, workload, reply).begin();
  }

  /** One question with its deadline; whatever comes first is the answer. */
  private final class Try {
    private final AppProbe probe;
    private final InetSocketAddress workload;
    private final Consumer<HttpResponseStatus> reply;
    private final java.util.concurrent.Future<?> deadline;
    private @Nullable Channel channel;
    private boolean over;
    private int redirects;

    Try(AppProbe probe, InetSocketAddress workload, Consumer<HttpResponseStatus> reply) {
      this.probe = probe;
      this.workload = workload;
      this.reply = reply;
      this.deadline =
          loop.schedule(
              () -> settle(HttpResponseStatus.GATEWAY_TIMEOUT),
              probe.timeout().toMillis(),
              TimeUnit.MILLISECONDS);
    }

    void begin() {
      switch (probe.action()) {
        case Action.Http(var tls, var target, var headers) -> get(target);
        case Action.Tcp() -> connect(new TcpProbe(this::settle));
        case Action.Grpc(var service) -> connect(new GrpcProbe(service, this::settle));
      }
    }

    private void get(String target) {
      if (probe.action() instanceof Action.Http http) {
        connect(
            new HttpProbe(
                target,
                workload,
                http,
                http.tls() ? Optional.of(tls()) : Optional.empty(),
                this::answered));
      }
    }

    private void answered(HttpResponseStatus status, String location) {
      Optional<String> next =
          status.code() >= 300 && status.code() < 400 ? sameHost(location) : Optional.empty();
      if (next.isPresent() && !over && redirects++ < MAX_REDIRECTS) {
        get(next.get());
      } else if (!location.isEmpty() && next.isEmpty()) {
        settle(HttpResponseStatus.OK);
      } else {
        settle(status);
      }
    }

    /** Path and query of a redirect that stays with the workload. */
    private Optional<String> sameHost(String location) {
      try {
        URI uri = URI.create(location);
        boolean stays =
            !location.isEmpty()
                && (uri.getHost() == null
                    || (uri.getPort() == workload.getPort()
                        && uri.getHost().equals(workload.getHostString())));
        String path =
            uri.getRawPath() == null || uri.getRawPath().isEmpty() ? "/" : uri.getRawPath();
        String query = uri.getRawQuery() == null ? "" : "?" + uri.getRawQuery();
        return stays
            ? Optional.of((path.startsWith("/") ? path : "/" + path) + query)
            : Optional.empty();
      } catch (IllegalArgumentException malformed) {
        return Optional.empty();
      }
    }

    private void connect(ChannelInitializer<Channel> with) {
      ChannelFuture connecting =
          bootstrap
              .clone()
              .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, (int) probe.timeout().toMillis())
              .handler(with)
              .connect(workload);
      channel = connecting.channel();
      connecting.addListener(done -> {
        if (!done.isSuccess()) {
          settle(HttpResponseStatus.SERVICE_UNAVAILABLE);
        }
      });
    }

    private void settle(HttpResponseStatus status) {
      if (!over) {
        over = true;
        deadline.cancel(false);
        Channel last = channel;
        if (last != null) {
          last.close();
        }
        reply.accept(status);
      }
    }
  }

  private SslContext tls() {
    SslContext made = anyCertificate;
    if (made == null) {
      try {
        made =
            SslContextBuilder.forClient()
                .trustManager(InsecureTrustManagerFactory.INSTANCE)
                .endpointIdentificationAlgorithm(null)
                .build();
      } catch (SSLException impossible) {
        throw new IllegalStateException(impossible);
      }
      anyCertificate = made;
    }
    return made;
  }
}
