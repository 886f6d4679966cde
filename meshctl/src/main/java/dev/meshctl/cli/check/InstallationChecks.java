package dev.meshctl.cli.check;

import dev.meshctl.cluster.ClusterException;
import dev.meshctl.cluster.ClusterObject;
import dev.meshctl.cluster.ClusterObjects;
import dev.meshctl.cluster.ObjectKind;
import dev.meshctl.cluster.install.Readiness;
import dev.meshctl.cluster.install.Readiness.Standing;
import java.io.ByteArrayInputStream;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/** How a mesh stands that is installed in a cluster. */
public final class InstallationChecks {
  private static final ObjectKind NAMESPACE = new ObjectKind("v1", "Namespace");
  private static final ObjectKind POD = new ObjectKind("v1", "Pod");
  private static final List<String> RUNNING = List.of("Deployment", "DaemonSet");
  private static final Duration SOON = Duration.ofDays(7);
  private static final int FEW = 5;

  private final ClusterObjects cluster;
  private final List<ClusterObject> inventory;
  private final InstantSource clock;

  /**
   * @param inventory everything of the mesh that is there
   */
  public InstallationChecks(
      ClusterObjects cluster, List<ClusterObject> inventory, InstantSource clock) {
    this.cluster = cluster;
    this.inventory = List.copyOf(inventory);
    this.clock = clock;
  }

  public List<Finding> run() throws ClusterException {
    List<Finding> findings = new ArrayList<>();
    Readiness readiness = new Readiness(cluster);
    for (ClusterObject object : inventory) {
      String kind = object.kind().kind();
      switch (readiness.of(object)) {
        case Standing.Waits waits ->
            findings.add(
                Finding.error(
                    "component",
                    object + ": " + waits.why(),
                    RUNNING.contains(kind)
                        ? "kubectl -n "
                            + object.namespace().orElse("")
                            + " describe pods; meshctl install waits for it"
                        : "look at the control plane's log"));
        case Standing.Ready ready -> {
          if (RUNNING.contains(kind)) {
            findings.add(Finding.ok("component", object + " serves, " + image(object)));
          }
        }
      }
      if (kind.endsWith("WebhookConfiguration")) {
        findings.addAll(authority(object));
      }
    }
    findings.addAll(injection());
    return findings;
  }

  private static String image(ClusterObject deployment) {
    return deployment
        .tree()
        .path("spec")
        .path("template")
        .path("spec")
        .path("containers")
        .path(0)
        .path("image")
        .asString("");
  }

  private List<Finding> authority(ClusterObject webhooks) {
    String bundle =
        webhooks.tree().path("webhooks").path(0).path("clientConfig").path("caBundle").asString("");
    if (bundle.isEmpty()) {
      return List.of(); // Told as a component that waits.
    }
    try {
      Instant end = Instant.MAX;
      for (var each :
          CertificateFactory.getInstance("X.509")
              .generateCertificates(new ByteArrayInputStream(Base64.getDecoder().decode(bundle)))) {
        Instant its = ((X509Certificate) each).getNotAfter().toInstant();
        end = its.isBefore(end) ? its : end;
      }
      return List.of(
          end.isBefore(clock.instant().plus(SOON))
              ? Finding.error(
                  "certificate",
                  "the authority of " + webhooks + " ends " + end,
                  "look at the control plane's log: it writes a new one in time")
              : Finding.ok(
                  "certificate", "the authority of " + webhooks + " is good until " + end));
    } catch (CertificateException | IllegalArgumentException unreadable) {
      return List.of(
          Finding.error(
              "certificate",
              "the authority of " + webhooks + " cannot be read: " + unreadable.getMessage(),
              "empty clientConfig.caBundle; the control plane writes it anew"));
    }
  }

  /** Pods that were there before their namespace was labelled have no sidecar. */
  private List<Finding> injection() throws ClusterException {
    List<Finding> findings = new ArrayList<>();
    for (ClusterObject namespace : cluster.list(NAMESPACE, Optional.empty(), "")) {
      Map<String, String> labels = namespace.labels();
      if (!labels.getOrDefault("istio-injection", "").equals("enabled")
          && !labels.containsKey("istio.io/rev")) {
        continue;
      }
      List<ClusterObject> pods = cluster.list(POD, Optional.of(namespace.name()), "");
      List<String> without =
          pods.stream().filter(InstallationChecks::misses).map(ClusterObject::name).toList();
      findings.add(
          without.isEmpty()
              ? Finding.ok("injection", namespace.name() + ": " + pods.size() + " pods, as asked")
              : Finding.warning(
                  "injection",
                  namespace.name()
                      + ": "
                      + without.size()
                      + " of "
                      + pods.size()
                      + " pods have no sidecar: "
                      + String.join(", ", without.stream().limit(FEW).toList()),
                  "kubectl -n " + namespace.name() + " rollout restart deployment"));
    }
    return findings;
  }

  private static boolean misses(ClusterObject pod) {
    JsonNode phase = pod.tree().path("status").path("phase");
    boolean over = List.of("Succeeded", "Failed").contains(phase.asString(""));
    boolean declines =
        pod.labels().getOrDefault("sidecar.istio.io/inject", "").equals("false")
            || pod.annotations().getOrDefault("sidecar.istio.io/inject", "").equals("false");
    return !over && !declines && !pod.labels().containsKey("security.istio.io/tlsMode");
  }
}
