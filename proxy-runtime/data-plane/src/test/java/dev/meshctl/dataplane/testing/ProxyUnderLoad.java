package dev.meshctl.dataplane.testing;

import dev.meshctl.dataplane.DataPlane;
import dev.meshctl.model.xds.ClusterConfig.Transport;
import dev.meshctl.model.xds.ClusterConfig.UpstreamProtocol;
import dev.meshctl.model.xds.ListenerConfig.Direction;
import dev.meshctl.model.xds.RouteTableConfig.RouteAction;
import dev.meshctl.model.xds.SocketEndpoint;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;

/** The proxy alone, for load generators: one listener, one route, one endpoint. */
public final class ProxyUnderLoad {
  private ProxyUnderLoad() {}

  /**
   * @param arguments port to listen at, port of the backend, {@code h1} or {@code h2} upstream
   */
  public static void main(String[] arguments) throws InterruptedException {
    SocketEndpoint backend = new SocketEndpoint("127.0.0.1", Integer.parseInt(arguments[1]));
    DataPlane plane = DataPlane.start(Snapshots.settings("bench", 1), Optional.empty());
    var rejections =
        plane.accept(
            Snapshots.of(
                Snapshots.listener(
                    "out",
                    Direction.OUTBOUND,
                    new SocketEndpoint("127.0.0.1", Integer.parseInt(arguments[0])),
                    Snapshots.plain(Snapshots.http("out"))),
                Snapshots.routes("out", Snapshots.route(RouteAction.Forward.to("backend"))),
                Snapshots.cluster(
                    "backend",
                    new Transport.Plaintext(),
                    arguments[2].equals("h2") ? UpstreamProtocol.HTTP2 : UpstreamProtocol.HTTP1,
                    Snapshots.assignment("backend", false, backend))));
    if (!rejections.isEmpty()) {
      throw new IllegalStateException(rejections.toString());
    }
    Runtime.getRuntime().addShutdownHook(new Thread(plane::close));
    new CountDownLatch(1).await();
  }
}
