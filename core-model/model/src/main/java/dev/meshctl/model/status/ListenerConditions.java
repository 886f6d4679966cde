package dev.meshctl.model.status;

import static dev.meshctl.model.status.Condition.ACCEPTED;
import static dev.meshctl.model.status.Condition.CONFLICTED;
import static dev.meshctl.model.status.Condition.PROGRAMMED;
import static dev.meshctl.model.status.Condition.RESOLVED_REFS;

import dev.meshctl.model.resource.AppProtocol;
import dev.meshctl.model.resource.GatewayRoute;
import dev.meshctl.model.resource.KubernetesGateway;
import dev.meshctl.model.resource.KubernetesGateway.ClientValidation;
import dev.meshctl.model.resource.KubernetesGateway.Listener;
import dev.meshctl.model.resource.KubernetesGateway.ListenerTls;
import dev.meshctl.model.resource.KubernetesGateway.RouteKind;
import dev.meshctl.model.resource.ObjectRef;
import dev.meshctl.model.resource.Secret;
import dev.meshctl.model.status.ObjectStatus.OfListener;
import dev.meshctl.model.traffic.ListenerRules;
import dev.meshctl.model.validation.TlsSecrets;
import java.util.List;
import java.util.Optional;

/** What is said of each listener of a Gateway. */
record ListenerConditions(Scene scene, KubernetesGateway gateway) {

  List<OfListener> all() {
    return gateway.listeners().stream().map(this::of).toList();
  }

  private OfListener of(Listener listener) {
    Condition accepted = accepted(listener);
    Condition conflicted = conflicted(listener);
    Condition resolved = resolved(listener);
    boolean serves =
        accepted.holds() && !conflicted.holds() && (resolved.holds() || servesUnresolved(listener));
    Condition programmed =
        serves
            ? Condition.yes(PROGRAMMED, "Programmed", "served")
            : Condition.no(PROGRAMMED, "Invalid", "not served, see the other conditions");
    return new OfListener(
        listener.name(),
        ListenerRules.kinds(listener),
        scene.bindings().routes(GatewayRoute.class, gateway, listener).size(),
        List.of(accepted, conflicted, resolved, programmed));
  }

  /** Kinds that it cannot take do not keep it from serving those that it can. */
  private boolean servesUnresolved(Listener listener) {
    return !ListenerRules.unsuitedKinds(listener).isEmpty()
        && !ListenerRules.kinds(listener).isEmpty()
        && badReference(listener).isEmpty();
  }

  private Condition accepted(Listener listener) {
    boolean secure =
        listener.protocol() == AppProtocol.HTTPS || listener.protocol() == AppProtocol.TLS;
    if (listener.protocol() == AppProtocol.UDP || listener.protocol() == AppProtocol.UNKNOWN) {
      return Condition.no(
          ACCEPTED, "UnsupportedProtocol", listener.protocol() + " is not served by a gateway");
    }
    if (secure && listener.tls().isEmpty()) {
      return Condition.no(
          ACCEPTED, "UnsupportedValue", listener.protocol() + " needs tls to be written");
    }
    if (listener.protocol() == AppProtocol.HTTPS && !listener.terminatesTls()) {
      return Condition.no(
          ACCEPTED, "UnsupportedValue", "HTTPS ends at the gateway (mode: Terminate)");
    }
    return Condition.yes(ACCEPTED, "Accepted", "can be served");
  }

  private Condition conflicted(Listener listener) {
    return ListenerRules.conflict(gateway, listener)
        .map(conflict ->
            conflict.protocol()
                ? Condition.yes(
                    CONFLICTED,
                    "ProtocolConflict",
                    "listener "
                        + conflict.earlier().name()
                        + " speaks another protocol on port "
                        + listener.port())
                : Condition.yes(
                    CONFLICTED,
                    "HostnameConflict",
                    "listener "
                        + conflict.earlier().name()
                        + " has the same host on port "
                        + listener.port()))
        .orElse(Condition.no(CONFLICTED, "NoConflicts", "no listener stands in its way"));
  }

  private Condition resolved(Listener listener) {
    Optional<Condition> reference = badReference(listener);
    if (reference.isPresent()) {
      return reference.get();
    }
    List<RouteKind> unsuited = ListenerRules.unsuitedKinds(listener);
    return unsuited.isEmpty()
        ? Condition.yes(RESOLVED_REFS, "ResolvedRefs", "all that it names is there")
        : Condition.no(
            RESOLVED_REFS,
            "InvalidRouteKinds",
            "cannot take " + String.join(", ", unsuited.stream().map(RouteKind::kind).toList()));
  }

  private Optional<Condition> badReference(Listener listener) {
    if (!listener.terminatesTls()) {
      return Optional.empty();
    }
    List<ObjectRef> refs = listener.tls().map(ListenerTls::certificates).orElse(List.of());
    if (refs.isEmpty()) {
      return no("InvalidCertificateRef", "names no certificate");
    }
    ObjectRef ref = refs.getFirst();
    if (!ref.isCore(ObjectRef.SECRET)) {
      return no("InvalidCertificateRef", ref + " is no Secret");
    }
    if (!scene.grants().permit(gateway, ref)) {
      return no("RefNotPermitted", "no ReferenceGrant lets it refer to " + ref);
    }
    Optional<Secret> secret = scene.secrets().find(ref.namespace(), ref.name());
    if (secret.isEmpty()) {
      return no("InvalidCertificateRef", "there is no " + ref);
    }
    Optional<String> problem = TlsSecrets.problem(secret.get());
    if (problem.isPresent()) {
      return no("InvalidCertificateRef", secret.get().id() + " " + problem.get());
    }
    return gateway.clientsAt(listener.port()).flatMap(this::badAuthority);
  }

  private Optional<Condition> badAuthority(ClientValidation clients) {
    for (ObjectRef ref : clients.authorities()) {
      if (!ref.isCore(ObjectRef.CONFIG_MAP) && !ref.isCore(ObjectRef.SECRET)) {
        return no("InvalidCACertificateKind", ref + " is no ConfigMap");
      }
      if (!scene.grants().permit(gateway, ref)) {
        return no("RefNotPermitted", "no ReferenceGrant lets it refer to " + ref);
      }
      if (scene.secrets().authorities(gateway, List.of(ref), scene.grants()).isEmpty()) {
        return no("InvalidCACertificateRef", "there is no " + ref + " with certificates");
      }
    }
    return Optional.empty();
  }

  private static Optional<Condition> no(String reason, String message) {
    return Optional.of(Condition.no(RESOLVED_REFS, reason, message));
  }
}
