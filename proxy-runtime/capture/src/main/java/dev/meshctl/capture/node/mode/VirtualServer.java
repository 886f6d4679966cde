package dev.meshctl.capture.node.mode;

import dev.meshctl.capture.node.Origin;
import dev.meshctl.capture.node.ServicePort.Target;
import dev.meshctl.model.resource.Transport;
import java.util.List;

/**
 * A service of IPVS: an address of the node and who answers there, in turn.
 *
 * @param stickSeconds {@code persistent}: how long a client stays; 0 is not at all
 * @param servers empty: IPVS refuses
 */
public record VirtualServer(
    String label,
    Transport transport,
    String address,
    int port,
    int stickSeconds,
    List<Target> servers,
    Origin origin) {
  public VirtualServer {
    servers = List.copyOf(servers);
  }
}
