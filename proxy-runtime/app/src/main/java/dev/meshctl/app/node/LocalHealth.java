package dev.meshctl.app.node;

import dev.meshctl.capture.node.NodePlan;
import dev.meshctl.capture.node.ServicePort;
import dev.meshctl.dataplane.admin.HealthServer;
import dev.meshctl.model.xds.SocketEndpoint;
import dev.meshctl.net.handover.Inheritance;
import dev.meshctl.net.loop.Loops;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Tells load balancers, at each {@code healthCheckNodePort}, whether this node has a ready endpoint
 * of the Service: 200 where it has, else 503, so that they send to nodes that have.
 *
 * <p>Thread: one at a time; it answers on a loop of its own.
 */
final class LocalHealth implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(LocalHealth.class.getName());

  private final Loops loops = Loops.start(1, "health");
  private final Map<Integer, Answering> open = new HashMap<>();

  private record Answering(HealthServer server, AtomicBoolean here) {}

  /** Answers for the Services of these plans, and for no other. */
  void accept(List<NodePlan> plans) {
    Map<Integer, Boolean> wanted = new TreeMap<>();
    for (NodePlan plan : plans) {
      for (ServicePort port : plan.ports()) {
        if (port.healthCheckPort() != 0) {
          boolean here = port.local().stream().anyMatch(target -> !target.leaving());
          wanted.merge(port.healthCheckPort(), here, Boolean::logicalOr);
        }
      }
    }
    open.entrySet()
        .removeIf(each -> {
          boolean gone = !wanted.containsKey(each.getKey());
          if (gone) {
            each.getValue().server.close();
          }
          return gone;
        });
    wanted.forEach(this::answer);
  }

  private void answer(int port, boolean here) {
    Answering answering = open.get(port);
    if (answering != null) {
      answering.here.set(here);
      return;
    }
    AtomicBoolean has = new AtomicBoolean(here);
    try {
      HealthServer server =
          HealthServer.start(
              loops,
              new SocketEndpoint("0.0.0.0", port),
              (path, reply) ->
                  reply.accept(
                      has.get() ? HttpResponseStatus.OK : HttpResponseStatus.SERVICE_UNAVAILABLE),
              Inheritance.none());
      open.put(port, new Answering(server, has));
    } catch (IOException taken) {
      LOG.log(
          System.Logger.Level.WARNING,
          "load balancers are not answered at port " + port + ": " + taken.getMessage());
    }
  }

  @Override
  public void close() {
    open.values().forEach(each -> each.server.close());
    open.clear();
    loops.close();
  }
}
