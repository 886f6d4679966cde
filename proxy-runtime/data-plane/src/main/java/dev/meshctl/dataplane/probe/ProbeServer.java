package dev.meshctl.dataplane.probe;

import dev.meshctl.dataplane.admin.HealthServer;
import dev.meshctl.model.xds.SocketEndpoint;
import dev.meshctl.net.handover.Handed;
import dev.meshctl.net.handover.Inheritance;
import dev.meshctl.net.loop.Loops;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Answers a kubelet with what the workload answers: its status, or 503 where it cannot be reached
 * and 504 where it takes too long. Paths that no probe has are not found.
 *
 * <p>Thread: any.
 */
public final class ProbeServer implements AutoCloseable {
  private final HealthServer server;

  private ProbeServer(HealthServer server) {
    this.server = server;
  }

  /**
   * Starts to answer.
   *
   * @param loops whose first serves and asks; not ended with this
   * @param address port 0 picks one
   * @param workload where the workload is reached without meeting this proxy again
   * @param inheritance sockets of the process before us; with one of them nothing is answered
   *     before {@link #serving}
   * @throws IOException where it cannot be bound
   */
  public static ProbeServer start(
      Loops loops,
      SocketEndpoint address,
      InetAddress workload,
      List<AppProbe> probes,
      Inheritance inheritance)
      throws IOException {
    Map<String, AppProbe> byPath =
        probes.stream().collect(Collectors.toMap(AppProbe::path, Function.identity(), (a, b) -> b));
    ProbeClient client = new ProbeClient(loops.transport(), loops.all().getFirst());
    return new ProbeServer(
        HealthServer.start(
            loops,
            address,
            (path, reply) -> {
              AppProbe probe = byPath.get(path);
              if (probe == null) {
                reply.accept(HttpResponseStatus.NOT_FOUND);
              } else {
                client.ask(probe, new InetSocketAddress(workload, probe.port()), reply);
              }
            },
            inheritance));
  }

  /** {@link #start} where nobody answers yet. */
  public static ProbeServer start(
      Loops loops, SocketEndpoint address, InetAddress workload, List<AppProbe> probes)
      throws IOException {
    return start(loops, address, workload, probes, Inheritance.none());
  }

  /** The socket, for another process to answer at too; it stays ours. */
  public Handed handed() {
    return server.handed();
  }

  /** Whether it is us who takes connections. Does not block. */
  public void serving(boolean on) {
    server.serving(on);
  }

  /** Where it listens. */
  public InetSocketAddress address() {
    return server.address();
  }

  @Override
  public void close() {
    server.close();
  }
}
