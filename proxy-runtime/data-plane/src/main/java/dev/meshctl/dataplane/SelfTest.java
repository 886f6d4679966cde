package dev.meshctl.dataplane;

import dev.meshctl.dataplane.listener.Listeners;
import dev.meshctl.model.xds.FilterChain;
import dev.meshctl.model.xds.FilterChain.ChainMatch;
import dev.meshctl.model.xds.ListenerConfig;
import dev.meshctl.model.xds.ListenerConfig.Direction;
import dev.meshctl.model.xds.NetworkFilter;
import dev.meshctl.model.xds.ResourceType;
import dev.meshctl.model.xds.RouteTableConfig;
import dev.meshctl.model.xds.RouteTableConfig.Route;
import dev.meshctl.model.xds.RouteTableConfig.RouteAction;
import dev.meshctl.model.xds.RouteTableConfig.VirtualHost;
import dev.meshctl.model.xds.SocketEndpoint;
import dev.meshctl.model.xds.XdsResource;
import dev.meshctl.model.xds.XdsSnapshot;
import dev.meshctl.model.xds.route.Headers;
import dev.meshctl.model.xds.route.RouteMatch;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A listener and a route of our own, beside those of the configuration, that a proxy on stand-by
 * asks before it takes another's place: accept, detect, parse, route, answer. No workload hears of
 * it.
 */
final class SelfTest {
  private static final int STATUS = 200;

  /**
   * Of loopback, but not 127.0.0.1: what a sidecar sends there goes to the pod's own address, where
   * workloads may listen.
   */
  private static final String ADDRESS = "127.0.0.7";

  private static final String REQUEST =
      "GET / HTTP/1.1\r\nHost: self-test.invalid\r\nConnection: close\r\n\r\n";
  private static final int ANSWER_BYTES = 64 * 1024;

  private SelfTest() {}

  static XdsSnapshot beside(XdsSnapshot snapshot) {
    Map<ResourceType, Map<String, XdsResource>> all = new EnumMap<>(ResourceType.class);
    all.putAll(snapshot.resources());
    for (XdsResource own : List.of(listener(), routes())) {
      Map<String, XdsResource> byName = new LinkedHashMap<>(snapshot.of(own.type()));
      byName.put(own.name(), own);
      all.put(own.type(), byName);
    }
    return new XdsSnapshot(all);
  }

  private static ListenerConfig listener() {
    return new ListenerConfig(
        Listeners.PROBE,
        Direction.OUTBOUND,
        new SocketEndpoint(ADDRESS, 0),
        true,
        false,
        false,
        Duration.ZERO,
        List.of(
            new FilterChain(
                Listeners.PROBE,
                ChainMatch.ANY,
                Optional.empty(),
                new NetworkFilter.HttpConnection(
                    Listeners.PROBE,
                    NetworkFilter.Codec.AUTO,
                    new NetworkFilter.Routes.Named(Listeners.PROBE),
                    List.of(),
                    Duration.ZERO,
                    Duration.ZERO,
                    Duration.ZERO,
                    false,
                    NetworkFilter.ForwardClientCert.SANITIZE))),
        Optional.empty());
  }

  private static RouteTableConfig routes() {
    return new RouteTableConfig(
        Listeners.PROBE,
        List.of(
            new VirtualHost(
                Listeners.PROBE,
                List.of("*"),
                List.of(
                    new Route(
                        "",
                        RouteMatch.ANY,
                        new RouteAction.DirectResponse(STATUS, Listeners.PROBE),
                        Headers.NONE)))));
  }

  /** What is wrong with the answer at {@code probe}, empty for nothing. */
  static Optional<String> ask(InetSocketAddress probe, Duration patience) {
    int millis = Math.toIntExact(patience.toMillis());
    try (Socket socket = new Socket()) {
      socket.connect(probe, millis);
      socket.setSoTimeout(millis);
      OutputStream out = socket.getOutputStream();
      out.write(REQUEST.getBytes(StandardCharsets.US_ASCII));
      String answer =
          new String(socket.getInputStream().readNBytes(ANSWER_BYTES), StandardCharsets.US_ASCII);
      return answer.startsWith("HTTP/1.1 " + STATUS + " ") && answer.endsWith(Listeners.PROBE)
          ? Optional.empty()
          : Optional.of(
              "the self-test was answered with '"
                  + answer.lines().findFirst().orElse("")
                  + "' (expected: HTTP/1.1 "
                  + STATUS
                  + ")");
    } catch (IOException broken) {
      return Optional.of("the self-test was not answered: " + broken.getMessage());
    }
  }
}
