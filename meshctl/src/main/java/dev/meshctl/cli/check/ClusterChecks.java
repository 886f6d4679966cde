package dev.meshctl.cli.check;

import dev.meshctl.cluster.ClusterConnection;
import dev.meshctl.cluster.ClusterException;
import dev.meshctl.cluster.ClusterObject;
import dev.meshctl.cluster.ClusterObjects;
import dev.meshctl.cluster.ObjectKind;
import dev.meshctl.cluster.Permission;
import dev.meshctl.cluster.install.Foreseen;
import dev.meshctl.cluster.install.Foreseen.Fate;
import dev.meshctl.cluster.install.InstallPlan;
import dev.meshctl.cluster.install.Installer;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/** Whether a mesh can be installed into a cluster. */
public final class ClusterChecks {
  private static final String ADMISSION = "admissionregistration.k8s.io/v1";
  private static final ObjectKind MUTATING =
      new ObjectKind(ADMISSION, "MutatingWebhookConfiguration");
  private static final ObjectKind VALIDATING =
      new ObjectKind(ADMISSION, "ValidatingWebhookConfiguration");
  private static final ObjectKind SERVICE = new ObjectKind("v1", "Service");
  private static final Pattern MINOR = Pattern.compile("v1\\.(\\d+)\\..*");
  private static final int LEAST_MINOR = 29;

  private final ClusterConnection connection;
  private final ClusterObjects cluster;
  private final InstallPlan plan;

  /**
   * @param plan what would be installed
   */
  public ClusterChecks(ClusterConnection connection, InstallPlan plan) {
    this.connection = connection;
    this.cluster = connection.objects();
    this.plan = plan;
  }

  public List<Finding> run() throws ClusterException {
    List<Finding> findings = new ArrayList<>();
    findings.add(version());
    Finding permissions = permissions();
    findings.add(permissions);
    if (permissions.level() == Finding.Level.OK) {
      findings.addAll(conflicts());
    }
    findings.addAll(webhooks());
    return findings;
  }

  private Finding version() throws ClusterException {
    String version = connection.version();
    Matcher minor = MINOR.matcher(version);
    return minor.matches() && Integer.parseInt(minor.group(1)) < LEAST_MINOR
        ? Finding.error(
            "kubernetes",
            version + " (expected: v1." + LEAST_MINOR + " or newer, which has native sidecars)",
            "upgrade the cluster")
        : Finding.ok("kubernetes", version + " at " + connection.server());
  }

  private Finding permissions() throws ClusterException {
    Set<Permission> wanted = new LinkedHashSet<>();
    for (ClusterObject object : plan.objects()) {
      if (cluster.has(object.kind())) {
        for (String verb : List.of("create", "patch", "delete")) {
          wanted.add(
              new Permission.OnResource(
                  verb,
                  object.kind().group(),
                  cluster.plural(object.kind()),
                  object.namespace(),
                  Optional.empty()));
        }
      }
    }
    List<String> missing = new ArrayList<>();
    for (Permission permission : wanted) {
      if (!connection.reviews().mayI(permission)) {
        missing.add(permission.toString());
      }
    }
    return missing.isEmpty()
        ? Finding.ok("permissions", "all " + wanted.size() + " that an installation needs")
        : Finding.error(
            "permissions",
            "you may not " + String.join(", nor ", missing),
            "install as somebody with cluster-admin, or give them what `meshctl install -o yaml`"
                + " prints");
  }

  private List<Finding> conflicts() throws ClusterException {
    List<Finding> findings = new ArrayList<>();
    for (Foreseen each : new Installer(cluster, false).foresee(plan)) {
      switch (each.fate()) {
        case Fate.Refuse refuse ->
            findings.add(
                Finding.error("conflict", each.object() + " " + refuse.why(), refuse.fix()));
        case Fate.Leave leave ->
            findings.add(
                Finding.ok("conflict", each.object() + " " + leave.why() + "; used as it is"));
        case Fate.Create create -> {}
        case Fate.Change change -> {}
        case Fate.Unchanged unchanged -> {}
      }
    }
    return findings;
  }

  private List<Finding> webhooks() throws ClusterException {
    List<Finding> findings = new ArrayList<>();
    for (ObjectKind kind : List.of(MUTATING, VALIDATING)) {
      for (ClusterObject configuration : cluster.list(kind, Optional.empty(), "")) {
        for (JsonNode webhook : configuration.tree().path("webhooks")) {
          findings.addAll(webhook(configuration, webhook));
        }
      }
    }
    return findings;
  }

  private List<Finding> webhook(ClusterObject configuration, JsonNode webhook)
      throws ClusterException {
    String name = configuration + " " + webhook.path("name").asString("");
    boolean ours =
        configuration.labels().getOrDefault("app.kubernetes.io/part-of", "").equals("meshctl");
    List<Finding> findings = new ArrayList<>();
    JsonNode service = webhook.path("clientConfig").path("service");
    String namespace = service.path("namespace").asString("");
    String serviceName = service.path("name").asString("");
    if (!serviceName.isEmpty()
        && webhook.path("failurePolicy").asString("").equals("Fail")
        && cluster.get(SERVICE, Optional.of(namespace), serviceName).isEmpty()) {
      findings.add(
          Finding.error(
              "webhook",
              name
                  + " asks Service "
                  + namespace
                  + "/"
                  + serviceName
                  + ", which is not there, and"
                  + " nothing it is asked about can be made",
              ours
                  ? "meshctl install, or meshctl uninstall"
                  : "delete it, or install what it is of"));
    }
    String selector = webhook.path("namespaceSelector").toString();
    if (!ours
        && kindsOf(webhook).contains("pods")
        && (selector.contains("\"istio-injection\"") || selector.contains("\"istio.io/rev\""))) {
      findings.add(
          Finding.warning(
              "webhook",
              name + " takes pods by the labels that we take them by",
              "install with --revision NAME, and label namespaces istio.io/rev=NAME"));
    }
    return findings;
  }

  private static Set<String> kindsOf(JsonNode webhook) {
    Set<String> kinds = new LinkedHashSet<>();
    webhook
        .path("rules")
        .forEach(rule -> rule.path("resources").forEach(each -> kinds.add(each.asString(""))));
    return kinds;
  }
}
