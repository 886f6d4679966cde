package dev.meshctl.dataplane.hardening;

import static dev.meshctl.dataplane.testing.Snapshots.ANY_PORT;
import static dev.meshctl.dataplane.testing.Snapshots.cluster;
import static dev.meshctl.dataplane.testing.Snapshots.listener;
import static dev.meshctl.dataplane.testing.Snapshots.plain;
import static dev.meshctl.dataplane.testing.Snapshots.route;
import static dev.meshctl.dataplane.testing.Snapshots.routes;
import static dev.meshctl.dataplane.testing.Snapshots.settings;
import static org.assertj.core.api.Assertions.assertThat;

import dev.meshctl.dataplane.DataPlane;
import dev.meshctl.dataplane.testing.Snapshots;
import dev.meshctl.model.xds.HttpOptions;
import dev.meshctl.model.xds.ListenerConfig.Direction;
import dev.meshctl.model.xds.NetworkFilter;
import dev.meshctl.model.xds.RouteTableConfig.RouteAction;
import dev.meshctl.model.xds.UpstreamOptions;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** A proxy that sends everything to one upstream, and plain sockets to it. */
final class ProxyInFront implements AutoCloseable {
  private static final int PATIENCE_MILLIS = 10_000;

  private final DataPlane plane = DataPlane.start(settings("client", 1), Optional.empty());

  ProxyInFront(Tap upstream) {
    this(upstream, Duration.ZERO, Duration.ZERO);
  }

  /**
   * @param requestTimeout for a whole request to arrive
   * @param idleTimeout without any request
   */
  ProxyInFront(Tap upstream, Duration requestTimeout, Duration idleTimeout) {
    this(upstream, requestTimeout, idleTimeout, HttpOptions.DEFAULT, UpstreamOptions.DEFAULT);
  }

  ProxyInFront(Tap upstream, HttpOptions options) {
    this(upstream, Duration.ZERO, Duration.ZERO, options, UpstreamOptions.DEFAULT);
  }

  ProxyInFront(Tap upstream, UpstreamOptions options) {
    this(upstream, Duration.ZERO, Duration.ZERO, HttpOptions.DEFAULT, options);
  }

  private ProxyInFront(
      Tap upstream,
      Duration requestTimeout,
      Duration idleTimeout,
      HttpOptions options,
      UpstreamOptions toUpstream) {
    NetworkFilter.HttpConnection http =
        new NetworkFilter.HttpConnection(
            "http",
            NetworkFilter.Codec.AUTO,
            new NetworkFilter.Routes.Named("out"),
            List.of(),
            Duration.ZERO,
            requestTimeout,
            idleTimeout,
            false,
            NetworkFilter.ForwardClientCert.SANITIZE);
    assertThat(
            plane.accept(
                Snapshots.of(
                    listener("out", Direction.OUTBOUND, ANY_PORT, plain(http.withOptions(options))),
                    routes("out", route(RouteAction.Forward.to("up"))),
                    cluster("up", upstream.address()).withUpstream(toUpstream))))
        .isEmpty();
  }

  InetSocketAddress address() {
    return Objects.requireNonNull(plane.listenAddresses().get("out"));
  }

  DataPlane plane() {
    return plane;
  }

  Socket connect() throws IOException {
    Socket socket = new Socket(address().getAddress(), address().getPort());
    socket.setSoTimeout(PATIENCE_MILLIS);
    return socket;
  }

  /** Sends {@code bytes} and reads until the proxy closes. */
  String exchange(String bytes) throws IOException {
    try (Socket socket = connect()) {
      socket.getOutputStream().write(bytes.getBytes(StandardCharsets.ISO_8859_1));
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
    }
  }

  /** Reads up to {@code end}; what there was where the connection ended before. */
  static String readUntil(InputStream in, String end) throws IOException {
    StringBuilder text = new StringBuilder();
    while (!text.toString().endsWith(end)) {
      int next = in.read();
      if (next < 0) {
        break;
      }
      text.append((char) next);
    }
    return text.toString();
  }

  @Override
  public void close() {
    plane.close();
  }
}
