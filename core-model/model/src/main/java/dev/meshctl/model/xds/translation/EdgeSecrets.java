package dev.meshctl.model.xds.translation;

import dev.meshctl.model.resource.BackendTlsPolicy;
import dev.meshctl.model.resource.IstioGateway;
import dev.meshctl.model.resource.IstioGateway.ServerTls;
import dev.meshctl.model.resource.IstioGateway.TlsVersion;
import dev.meshctl.model.resource.KubernetesGateway;
import dev.meshctl.model.resource.KubernetesGateway.ClientValidation;
import dev.meshctl.model.resource.ObjectRef;
import dev.meshctl.model.resource.Pod;
import dev.meshctl.model.resource.PodTemplate;
import dev.meshctl.model.resource.Secret;
import dev.meshctl.model.resource.Workload;
import dev.meshctl.model.tls.CipherSuites;
import dev.meshctl.model.validation.TlsSecrets;
import dev.meshctl.model.xds.DownstreamTls;
import dev.meshctl.model.xds.SecretConfig;
import dev.meshctl.model.xds.SecretConfig.Material;
import dev.meshctl.model.xds.TlsParameters;
import dev.meshctl.model.xds.TlsParameters.Version;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Certificates of one gateway: those that its servers name, and no others. They go to nobody who
 * proved the account of another workload, whatever it says that it is.
 */
final class EdgeSecrets {
  private static final List<String> HTTP = List.of("h2", "http/1.1");
  private static final String GATEWAY_NAME = "gateway.networking.k8s.io/gateway-name";
  private static final Map<String, String> SHARED_GATEWAY = Map.of("istio", "ingressgateway");

  private final MeshView view;
  private final EdgeScope.Key key;
  private final Map<String, SecretConfig> named = new TreeMap<>();

  EdgeSecrets(MeshView view, EdgeScope.Key key) {
    this.view = view;
    this.key = key;
  }

  /** Those that were asked for, by name. */
  Collection<SecretConfig> named() {
    return named.values();
  }

  /**
   * How a server of an Istio Gateway ends TLS, its Secrets in the gateway's own namespace; empty
   * where it cannot.
   */
  Optional<DownstreamTls> of(IstioGateway gateway, ServerTls tls, boolean http) {
    List<String> alpn = http ? HTTP : List.of();
    if (tls.mode() == IstioGateway.TlsMode.ISTIO_MUTUAL) {
      return Optional.of(
          tls(
              SecretConfig.OWN_CERTIFICATE,
              SecretConfig.TRUST_BUNDLE,
              true,
              alpn,
              tls.subjectAltNames(),
              parameters(tls)));
    }
    if (tls.credential().isEmpty() || !isGateway(gateway.selector())) {
      return Optional.empty();
    }
    Optional<String> certificate = certificate(key.namespace(), tls.credential());
    if (!tls.mode().asksClients()) {
      return certificate.map(own -> tls(own, "", false, alpn, List.of(), parameters(tls)));
    }
    Optional<String> trust =
        view.secrets()
            .authorities(key.namespace(), tls.credential(), tls.authorities())
            .map(pem ->
                trust(
                    key.namespace()
                        + "/"
                        + (tls.authorities().isEmpty() ? tls.credential() : tls.authorities()),
                    pem));
    boolean required = tls.mode() == IstioGateway.TlsMode.MUTUAL;
    return certificate.flatMap(own ->
        trust.map(ca -> tls(own, ca, required, alpn, tls.subjectAltNames(), parameters(tls))));
  }

  /** How a listener of the Gateway API ends TLS; empty where it cannot. */
  Optional<DownstreamTls> of(
      KubernetesGateway gateway, KubernetesGateway.Listener listener, boolean http) {
    List<ObjectRef> refs =
        listener.tls().map(KubernetesGateway.ListenerTls::certificates).orElse(List.of());
    if (refs.isEmpty() || !carries(gateway)) {
      return Optional.empty();
    }
    ObjectRef ref = refs.getFirst();
    if (!ref.isCore(ObjectRef.SECRET) || !view.grants().permit(gateway, ref)) {
      return Optional.empty();
    }
    List<String> alpn = http ? HTTP : List.of();
    Optional<String> certificate = certificate(ref.namespace(), ref.name());
    Optional<ClientValidation> clients = gateway.clientsAt(listener.port());
    if (clients.isEmpty()) {
      return certificate.map(own -> tls(own, "", false, alpn, List.of(), TlsParameters.DEFAULT));
    }
    Optional<String> trust =
        view.secrets()
            .authorities(gateway, clients.get().authorities(), view.grants())
            .map(pem ->
                trust(
                    gateway.metadata().namespace()
                        + "/"
                        + gateway.metadata().name()
                        + ":"
                        + listener.port(),
                    pem));
    return certificate.flatMap(own ->
        trust.map(
            ca -> tls(own, ca, clients.get().required(), alpn, List.of(), TlsParameters.DEFAULT)));
  }

  /** Who may have signed a backend; empty where that is not known. */
  Optional<String> authorities(BackendTlsPolicy policy) {
    return policy.authorities().isEmpty()
        ? Optional.empty()
        : view.secrets()
            .authorities(policy, policy.authorities(), view.grants())
            .map(pem -> {
              String sds =
                  "backend-tls://"
                      + policy.metadata().namespace()
                      + "/"
                      + policy.metadata().name()
                      + Secret.AUTHORITIES_SUFFIX;
              named.put(sds, new SecretConfig(sds, pem));
              return sds;
            });
  }

  private static DownstreamTls tls(
      String certificate,
      String trust,
      boolean required,
      List<String> alpn,
      List<String> clients,
      TlsParameters parameters) {
    return new DownstreamTls(certificate, trust, required, alpn, clients, parameters, false, false);
  }

  private Optional<String> certificate(String namespace, String name) {
    Optional<Secret> usable = view.secrets().find(namespace, name).filter(TlsSecrets::isUsable);
    return usable.map(secret -> {
      String sds = "kubernetes://" + namespace + "/" + name;
      named.put(
          sds,
          new SecretConfig(
              sds, new Material.Certificate(secret.certificatePem(), secret.key().reveal())));
      return sds;
    });
  }

  private String trust(String whose, String pem) {
    String sds = "kubernetes://" + whose + Secret.AUTHORITIES_SUFFIX;
    named.put(sds, new SecretConfig(sds, pem));
    return sds;
  }

  /** Carries a Gateway of the Gateway API: beside it, or where all of the mesh are carried. */
  private boolean carries(KubernetesGateway gateway) {
    boolean there =
        key.namespace().equals(gateway.metadata().namespace())
            || key.namespace().equals(view.mesh().rootNamespace());
    return there
        && (isGateway(Map.of(GATEWAY_NAME, gateway.metadata().name()))
            || isGateway(SHARED_GATEWAY));
  }

  /** The account that was proved is nobody's, or that of pods with these labels only. */
  private boolean isGateway(Map<String, String> selector) {
    Stream<Map<String, String>> templates =
        view.mesh().all(Workload.class).stream()
            .filter(other -> other.metadata().namespace().equals(key.namespace()))
            .map(Workload::template)
            .filter(pods -> pods.serviceAccount().equals(key.serviceAccount()))
            .map(PodTemplate::labels);
    Stream<Map<String, String>> pods =
        view.mesh().all(Pod.class).stream()
            .filter(pod -> pod.metadata().namespace().equals(key.namespace()))
            .filter(pod -> pod.serviceAccount().equals(key.serviceAccount()))
            .map(pod -> pod.metadata().labels());
    return Stream.concat(templates, pods)
        .allMatch(labels -> labels.entrySet().containsAll(selector.entrySet()));
  }

  private static TlsParameters parameters(ServerTls tls) {
    Version least =
        tls.least() == TlsVersion.TLSV1_3 ? Version.TLS_1_3 : TlsParameters.DEFAULT.least();
    Version most =
        tls.most() == TlsVersion.TLSV1_2 ? Version.TLS_1_2 : TlsParameters.DEFAULT.most();
    return new TlsParameters(
        least.compareTo(most) > 0 ? most : least,
        most,
        tls.ciphers().stream().map(CipherSuites::iana).toList(),
        List.of());
  }
}
