package dev.meshctl.controlplane.kubernetes.gateway;

import dev.meshctl.cluster.ClusterException;
import dev.meshctl.cluster.ClusterObject;
import dev.meshctl.cluster.ClusterObjects;
import dev.meshctl.model.resource.KubernetesGateway;
import dev.meshctl.model.status.ObjectStatus.Address;
import dev.meshctl.model.status.ObjectStatus.OfGateway;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/**
 * Makes what serves each Gateway, and says where that is and whether it serves. What is as it
 * should be and serves is not looked at again until {@link #lookAgain}.
 *
 * <p>Thread: one at a time; blocking.
 */
public final class GatewayDeployments {
  private static final String CLUSTER_DOMAIN = ".svc.cluster.local";

  private final ClusterObjects objects;
  private final Map<String, Made> made = new HashMap<>();

  /**
   * What was applied for a Gateway.
   *
   * @param serves with these addresses; empty where it does not yet
   */
  private record Made(List<ClusterObject> objects, Optional<List<Address>> serves) {}

  public GatewayDeployments(ClusterObjects objects) {
    this.objects = objects;
  }

  /** Whatever others have done to it meanwhile. */
  public void lookAgain() {
    made.clear();
  }

  /** Whether one of them was not seen to serve. */
  public boolean isWaited() {
    return made.values().stream().anyMatch(each -> each.serves().isEmpty());
  }

  /** Forgets those that are no more. */
  public void retain(List<KubernetesGateway> gateways) {
    made.keySet().retainAll(gateways.stream().map(GatewayDeployments::key).toList());
  }

  /**
   * Has a Gateway served.
   *
   * @param held the Gateway as the cluster has it
   * @param said of what it asks for
   * @param revision whose sidecar its pods are, as labels name it
   * @return what is to be said of it
   */
  public OfGateway serve(
      KubernetesGateway gateway, ClusterObject held, OfGateway said, String revision)
      throws ClusterException {
    List<ClusterObject> wanted = new GatewayObjects(gateway, held.uid(), revision).all();
    Optional<Made> before =
        Optional.ofNullable(made.get(key(gateway))).filter(each -> each.objects().equals(wanted));
    Optional<List<Address>> serves = before.flatMap(Made::serves);
    if (serves.isPresent()) {
      return said.at(serves.get());
    }
    List<Optional<ClusterObject>> present = new ArrayList<>();
    for (ClusterObject object : wanted) {
      present.add(objects.get(object.kind(), object.namespace(), object.name()));
    }
    Optional<ClusterObject> foreign =
        present.stream().flatMap(Optional::stream).filter(each -> !isOf(each, held)).findFirst();
    if (foreign.isPresent()) {
      made.put(key(gateway), new Made(List.of(), Optional.empty()));
      return said.notYet(
          "Invalid",
          foreign.get()
              + " is there and not of this Gateway, which would be served by one of that name;"
              + " delete it, or rename the Gateway",
          List.of());
    }
    List<ClusterObject> there = new ArrayList<>();
    for (int i = 0; i < wanted.size(); i++) {
      there.add(
          before.isPresent() && present.get(i).isPresent()
              ? present.get(i).get()
              : objects.apply(wanted.get(i), ClusterObjects.Apply.FORCED).object());
    }
    ClusterObject service = there.get(1);
    List<Address> addresses = addresses(service);
    Optional<String> lacking = lacking(there.get(2), service, addresses);
    made.put(
        key(gateway),
        new Made(wanted, lacking.isEmpty() ? Optional.of(addresses) : Optional.empty()));
    return lacking
        .map(why ->
            said.notYet(addresses.isEmpty() ? "AddressNotAssigned" : "Pending", why, addresses))
        .orElseGet(() -> said.at(addresses));
  }

  private static String key(KubernetesGateway gateway) {
    return gateway.metadata().namespace() + "/" + gateway.metadata().name();
  }

  private static boolean isOf(ClusterObject object, ClusterObject gateway) {
    return object
        .tree()
        .path("metadata")
        .path("ownerReferences")
        .valueStream()
        .anyMatch(owner -> owner.path("uid").asString("").equals(gateway.uid()));
  }

  private static List<Address> addresses(ClusterObject service) {
    JsonNode tree = service.tree();
    if (!tree.path("spec").path("type").asString("").equals("LoadBalancer")) {
      return List.of(
          new Address(
              "Hostname", service.name() + "." + service.namespace().orElse("") + CLUSTER_DOMAIN));
    }
    List<Address> addresses = new ArrayList<>();
    for (JsonNode each : tree.path("status").path("loadBalancer").path("ingress")) {
      String ip = each.path("ip").asString("");
      addresses.add(
          ip.isEmpty()
              ? new Address("Hostname", each.path("hostname").asString(""))
              : new Address("IPAddress", ip));
    }
    return addresses;
  }

  /** What keeps it from serving; empty for nothing. */
  private static Optional<String> lacking(
      ClusterObject deployment, ClusterObject service, List<Address> addresses) {
    if (addresses.isEmpty()) {
      return Optional.of(
          service
              + " has no address yet; a cluster that gives out none needs the annotation "
              + GatewayObjects.SERVICE_TYPE
              + ": ClusterIP or NodePort");
    }
    return deployment.tree().path("status").path("availableReplicas").asInt(0) > 0
        ? Optional.empty()
        : Optional.of("no pod of " + deployment + " is ready yet");
  }
}
