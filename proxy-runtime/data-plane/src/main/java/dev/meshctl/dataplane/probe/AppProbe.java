package dev.meshctl.dataplane.probe;

import java.time.Duration;
import java.util.List;

/**
 * One question to the workload ({@code core/v1.ProbeHandler}).
 *
 * @param path at which the kubelet asks, such as {@code /app-health/web/livez}
 * @param port of the workload, 1 to 65535
 * @param timeout for the whole of it, connecting included
 */
public record AppProbe(String path, int port, Action action, Duration timeout) {

  /** How it is asked. */
  public sealed interface Action {
    /**
     * A GET; TLS takes any certificate, as a kubelet does.
     *
     * @param target path and query
     */
    record Http(boolean tls, String target, List<Header> headers) implements Action {
      public Http {
        headers = List.copyOf(headers);
      }
    }

    /** A connection that opens. */
    record Tcp() implements Action {}

    /**
     * {@code grpc.health.v1.Health/Check} over HTTP/2 without TLS.
     *
     * @param service empty for the server as a whole
     */
    record Grpc(String service) implements Action {}
  }

  /** A header of an HTTP probe; {@code Host} replaces the usual one. */
  public record Header(String name, String value) {}
}
