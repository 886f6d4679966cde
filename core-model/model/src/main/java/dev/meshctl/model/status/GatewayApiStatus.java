package dev.meshctl.model.status;

import static dev.meshctl.model.status.Condition.ACCEPTED;
import static dev.meshctl.model.status.Condition.PROGRAMMED;

import dev.meshctl.model.resource.BackendTlsPolicy;
import dev.meshctl.model.resource.GatewayClass;
import dev.meshctl.model.resource.GatewayRoute;
import dev.meshctl.model.resource.KubernetesGateway;
import dev.meshctl.model.status.ObjectStatus.OfClass;
import dev.meshctl.model.status.ObjectStatus.OfGateway;
import dev.meshctl.model.status.ObjectStatus.OfListener;
import dev.meshctl.model.validation.ValidatedMesh;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The status of every object of the Gateway API that is ours to speak of, as the mesh stands: not
 * of routes without a parent of ours, nor of policies that no Gateway of ours leads to. {@code
 * Programmed} says what a gateway is told; whether it runs and has taken it, its writer knows.
 *
 * <p>Threads: any; pure.
 */
public final class GatewayApiStatus {
  private GatewayApiStatus() {}

  /** Classes first, then Gateways, routes and policies, each in the order of their names. */
  public static List<ObjectStatus> of(ValidatedMesh mesh) {
    Scene scene = Scene.of(mesh);
    List<ObjectStatus> all = new ArrayList<>();
    for (GatewayClass each : mesh.all(GatewayClass.class)) {
      if (each.controllerName().equals(GatewayClass.OUR_CONTROLLER)) {
        all.add(
            new OfClass(
                each.metadata(),
                List.of(Condition.yes(ACCEPTED, "Accepted", "its Gateways are served"))));
      }
    }
    scene.gateways().forEach(gateway -> all.add(of(scene, gateway)));
    mesh.all(GatewayRoute.class).stream()
        .map(route -> new RouteConditions(scene, route).all())
        .filter(status -> !status.parents().isEmpty())
        .forEach(all::add);
    mesh.all(BackendTlsPolicy.class).stream()
        .map(policy -> new PolicyConditions(scene, policy).all())
        .filter(status -> !status.ancestors().isEmpty())
        .forEach(all::add);
    return List.copyOf(all);
  }

  private static OfGateway of(Scene scene, KubernetesGateway gateway) {
    List<OfListener> listeners = new ListenerConditions(scene, gateway).all();
    List<String> failing =
        listeners.stream()
            .filter(listener -> !listener.holds(PROGRAMMED))
            .map(OfListener::name)
            .toList();
    boolean any = failing.size() < listeners.size();
    Condition accepted;
    if (failing.isEmpty()) {
      accepted = Condition.yes(ACCEPTED, "Accepted", "all listeners can be served");
    } else {
      String message = "not served: " + String.join(", ", failing);
      accepted = new Condition(ACCEPTED, any, "ListenersNotValid", message);
    }
    Condition programmed =
        any
            ? Condition.yes(PROGRAMMED, "Programmed", "served")
            : Condition.no(PROGRAMMED, "Invalid", "no listener can be served");
    return new OfGateway(
        gateway.metadata(), List.of(accepted, programmed), listeners, Optional.empty());
  }
}
