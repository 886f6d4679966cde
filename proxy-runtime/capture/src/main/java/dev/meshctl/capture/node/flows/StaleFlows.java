package dev.meshctl.capture.node.flows;

import dev.meshctl.capture.node.NodePlan;
import dev.meshctl.capture.node.ServicePort;
import dev.meshctl.capture.node.ServicePort.Front;
import dev.meshctl.capture.node.ServicePort.FrontKind;
import dev.meshctl.capture.node.ServicePort.Target;
import dev.meshctl.model.resource.Transport;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * UDP has no end of a connection, so the kernel goes on to send a client who keeps sending to the
 * endpoint that it once chose, whether or not there still is one. Stale is what a client meant for
 * a Service and who answers is not of its endpoints: one that went, or, where the Service had none
 * before, nobody.
 *
 * <p>TCP is left alone: a connection to an endpoint that is gone ends by itself.
 */
public final class StaleFlows {
  private StaleFlows() {}

  /** Those that must be forgotten for the plan to hold. */
  public static List<Flow> of(NodePlan plan, List<Flow> tracked) {
    Map<InetSocketAddress, Set<InetSocketAddress>> servers = new HashMap<>();
    for (ServicePort port : plan.ports()) {
      if (port.transport() == Transport.UDP) {
        Set<InetSocketAddress> mayAnswer = new HashSet<>();
        port.cluster().forEach(target -> mayAnswer.add(at(target)));
        port.local().forEach(target -> mayAnswer.add(at(target)));
        for (Front front : port.fronts()) {
          List<String> addresses =
              front.kind() == FrontKind.NODE_PORT
                  ? plan.node().nodePortAddresses(plan.family())
                  : List.of(front.address());
          addresses.forEach(address ->
              servers.put(
                  new InetSocketAddress(InetAddress.ofLiteral(address), front.port()), mayAnswer));
        }
      }
    }
    return tracked.stream()
        .filter(flow -> {
          Set<InetSocketAddress> mayAnswer =
              servers.get(new InetSocketAddress(flow.destination(), flow.destinationPort()));
          return mayAnswer != null
              && !mayAnswer.contains(new InetSocketAddress(flow.server(), flow.serverPort()));
        })
        .toList();
  }

  private static InetSocketAddress at(Target target) {
    return new InetSocketAddress(InetAddress.ofLiteral(target.address()), target.port());
  }
}
