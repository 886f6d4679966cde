package dev.meshctl.injector.mutation;

import dev.meshctl.injector.mutation.Injection.Reason;
import dev.meshctl.injector.mutation.Injection.Skipped;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * Whether a pod gets a sidecar. The namespace's word counts first ({@code istio-injection}, {@code
 * istio.io/rev}), the pod's own ({@code sidecar.istio.io/inject}, as a label before an annotation)
 * can refuse, and can ask where the namespace says nothing.
 */
final class Decision {
  private static final Set<String> SYSTEM =
      Set.of("kube-system", "kube-public", "kube-node-lease", "local-path-storage");
  private static final Set<String> YES = Set.of("y", "yes", "true", "on");
  static final String INJECT = "sidecar.istio.io/inject";
  static final String STATUS = "sidecar.istio.io/status";

  private final PodSubject pod;
  private final NamespaceLabels namespace;
  private final InjectionSettings settings;

  private Decision(PodSubject pod, NamespaceLabels namespace, InjectionSettings settings) {
    this.pod = pod;
    this.namespace = namespace;
    this.settings = settings;
  }

  /** Why it gets none; empty where it gets one. */
  static Optional<Skipped> against(
      PodSubject pod, NamespaceLabels namespace, InjectionSettings settings) {
    Decision decision = new Decision(pod, namespace, settings);
    return decision.impossible().or(decision::unwanted);
  }

  private Optional<Skipped> impossible() {
    if (pod.spec().path("hostNetwork").asBoolean(false)) {
      return skip(
          Reason.HOST_NETWORK,
          "hostNetwork: the pod shares its node's network, whose traffic would be captured too");
    }
    if (Trees.text(pod.spec().path("os"), "name").equals("windows")) {
      return skip(Reason.WINDOWS, "os.name: windows (the sidecar needs Linux)");
    }
    if (pod.annotations().containsKey(STATUS)) {
      return skip(Reason.ALREADY_INJECTED, "annotation " + STATUS + ": it has its sidecar");
    }
    if (SYSTEM.contains(namespace.name())) {
      return skip(
          Reason.SYSTEM_NAMESPACE, "namespace " + namespace.name() + " is the cluster's own");
    }
    return Optional.empty();
  }

  private Optional<Skipped> unwanted() {
    Optional<String> word =
        Optional.ofNullable(pod.labels().get(INJECT))
            .or(() -> Optional.ofNullable(pod.annotations().get(INJECT)))
            .filter(said -> !said.isEmpty());
    boolean asks = word.filter(said -> YES.contains(said.toLowerCase(Locale.ROOT))).isPresent();
    String injection = namespace.labels().getOrDefault(NamespaceLabels.INJECTION, "");
    String revision = namespace.labels().getOrDefault(NamespaceLabels.REVISION, "");
    if (!injection.isEmpty() && !injection.equals("enabled")) {
      return skip(
          Reason.OPTED_OUT,
          "namespace %s has %s: %s"
              .formatted(namespace.name(), NamespaceLabels.INJECTION, injection));
    }
    if (word.isPresent() && !asks) {
      return skip(Reason.OPTED_OUT, "the pod has " + INJECT + ": " + word.get());
    }
    if (injection.equals("enabled")) {
      return settings.defaultRevision()
          ? Optional.empty()
          : otherRevision("namespace " + namespace.name() + " asks for the default revision");
    }
    if (!revision.isEmpty()) {
      return isOurs(revision)
          ? Optional.empty()
          : otherRevision("namespace " + namespace.name() + " asks for revision " + revision);
    }
    String own = pod.labels().getOrDefault(NamespaceLabels.REVISION, "");
    if (!own.isEmpty()) {
      return isOurs(own) ? Optional.empty() : otherRevision("the pod asks for revision " + own);
    }
    if (asks || settings.byDefault()) {
      return settings.defaultRevision()
          ? Optional.empty()
          : otherRevision("the pod asks for the default revision");
    }
    return skip(
        Reason.NOT_ASKED,
        "neither namespace %s (%s, %s) nor the pod (%s) asks for a sidecar"
            .formatted(
                namespace.name(), NamespaceLabels.INJECTION, NamespaceLabels.REVISION, INJECT));
  }

  private boolean isOurs(String revision) {
    return revision.equals(settings.revision())
        || (settings.defaultRevision() && revision.equals("default"));
  }

  private Optional<Skipped> otherRevision(String who) {
    return skip(Reason.OTHER_REVISION, who + ", and this is revision " + settings.revision());
  }

  private static Optional<Skipped> skip(Reason reason, String because) {
    return Optional.of(new Skipped(reason, because));
  }
}
