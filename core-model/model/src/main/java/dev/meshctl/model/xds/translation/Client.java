package dev.meshctl.model.xds.translation;

import dev.meshctl.model.resource.VirtualService;
import dev.meshctl.model.traffic.GatewayBindings;
import java.util.List;
import java.util.Map;

/**
 * Where requests come in, as the conditions of a VirtualService ask for it.
 *
 * @param gateway {@code mesh}, or {@code namespace/name} of a Gateway
 * @param port of the listener
 * @param namespace of the proxy
 * @param labels of the proxy
 */
record Client(String gateway, int port, String namespace, Map<String, String> labels) {

  /** Whether a condition can hold for requests of this client. */
  boolean mayMeet(VirtualService.HttpMatch match, String ownerNamespace) {
    return isAt(match.gateways(), ownerNamespace)
        && (match.port() == 0 || match.port() == port)
        && (match.sourceNamespace().isEmpty() || match.sourceNamespace().equals(namespace))
        && labels.entrySet().containsAll(match.sourceLabels().entrySet());
  }

  private boolean isAt(List<String> gateways, String ownerNamespace) {
    return gateways.isEmpty()
        || gateways.stream()
            .anyMatch(name -> GatewayBindings.fullName(name, ownerNamespace).equals(gateway));
  }
}
