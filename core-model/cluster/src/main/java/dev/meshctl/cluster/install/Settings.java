package dev.meshctl.cluster.install;

import dev.meshctl.cluster.install.Setting.Type;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.StringNode;

/** Every value of an installation, in the order of the guide. */
public final class Settings {
  private static final Map<String, Setting> ALL = new LinkedHashMap<>();

  private static final String LABEL = "[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?";
  private static final Type.Text DNS_LABEL =
      new Type.Text(LABEL, "small letters, digits and dashes, at most 40");
  private static final Type.Text DNS_LABEL_OR_NOTHING =
      new Type.Text("(" + LABEL + ")?", DNS_LABEL.form());
  private static final Type.Text NAME =
      new Type.Text("[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?", "the name of an object");
  private static final Type.Text QUANTITY =
      new Type.Text("([0-9]+(\\.[0-9]+)?(m|[kMGT]i?)?)?", "a quantity, as 100m or 128Mi");
  private static final Type.Text BLOCKS =
      new Type.Text("\\*|[0-9a-f.:/,]*", "* or blocks with commas between, as 10.0.0.0/8");
  private static final Type.Text FOLDER =
      new Type.Text("/[A-Za-z0-9._/-]*[A-Za-z0-9._-]", "an absolute path without / at its end");
  private static final Type FLAG = new Type.Flag();
  private static final Type TREE = new Type.Tree();
  private static final Type TREES = new Type.Trees();

  static {
    add(
        "revision",
        DNS_LABEL_OR_NOTHING,
        "''",
        "Name of this installation, so that two can be side by side; namespaces choose by the label"
            + " istio.io/rev. Empty: the default one, which namespaces with istio-injection=enabled"
            + " have.");
    add(
        "defaultRevision",
        FLAG,
        "false",
        "Whether a revision with a name is the default one, too, which namespaces with"
            + " istio-injection=enabled have.");
    add(
        "image.repository",
        new Type.Text(
            "[a-z0-9][a-zA-Z0-9./:_-]*[a-zA-Z0-9]", "an image without tag, as registry/name"),
        "'localhost/meshctl'",
        "The one image: control plane, sidecar, gateway, capture.");
    add(
        "image.tag",
        new Type.Text("[A-Za-z0-9_][A-Za-z0-9._-]{0,127}", "a tag"),
        "''",
        "The version; by default that of meshctl itself.");
    add(
        "image.pullPolicy",
        new Type.Choice(List.of("IfNotPresent", "Always", "Never")),
        "'IfNotPresent'",
        "When a node asks the registry.");
    add(
        "image.pullSecrets",
        new Type.Texts(NAME),
        "[]",
        "Names of Secrets with which nodes fetch it; pods of the mesh need them in their namespace.");
    add(
        "rootNamespace",
        DNS_LABEL_OR_NOTHING,
        "''",
        "Where configuration for the whole mesh is read. Empty: the namespace of the installation;"
            + " istio-system where Istio's configuration stays in use.");
    add(
        "trustDomain",
        new Type.Text("[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?", "a DNS name"),
        "'cluster.local'",
        "The first part of every identity, spiffe://TRUST-DOMAIN/ns/NAMESPACE/sa/ACCOUNT.");
    add(
        "meshConfig",
        TREE,
        "{}",
        "Istio's MeshConfig, written to the ConfigMap istio of the root namespace.");
    add(
        "controlPlane.replicas",
        new Type.Number(1, 20),
        "2",
        "Replicas of the control plane; with one, updates and drained nodes leave proxies on their"
            + " last good configuration for a while.");
    add(
        "controlPlane.resources",
        TREE,
        "{requests: {cpu: 100m, memory: 256Mi}, limits: {memory: 1Gi}}",
        "What a replica asks for and may use.");
    add("controlPlane.nodeSelector", TREE, "{}", "Labels of the nodes it may run on.");
    add("controlPlane.tolerations", TREES, "[]", "Taints of nodes that it puts up with.");
    add(
        "controlPlane.priorityClassName",
        new Type.Text("(" + NAME.pattern() + ")?", "the name of a PriorityClass"),
        "''",
        "Who goes first when nodes are full.");
    add("controlPlane.podAnnotations", TREE, "{}", "Annotations of its pods.");
    add(
        "controlPlane.readSecrets",
        FLAG,
        "true",
        "Whether it may read Secrets, which certificates of gateways need. Without, Gateways that"
            + " name one are reported as not programmed.");
    add(
        "podDisruptionBudget.enabled",
        FLAG,
        "true",
        "Whether a drained node waits until another replica serves.");
    add(
        "webhooks.injection",
        FLAG,
        "true",
        "Whether pods get their sidecar when they are created; without, by meshctl inject.");
    add(
        "webhooks.failurePolicy",
        new Type.Choice(List.of("Fail", "Ignore")),
        "'Fail'",
        "What becomes of pods of the mesh while no control plane answers: not created (Fail), or"
            + " created without a sidecar (Ignore).");
    add(
        "webhooks.validation",
        FLAG,
        "true",
        "Whether configuration that is wrong in itself is refused when it is written, as meshctl"
            + " analyze says it.");
    add(
        "webhooks.validationFailurePolicy",
        new Type.Choice(List.of("Ignore", "Fail")),
        "'Ignore'",
        "What becomes of configuration while no control plane answers: taken unseen (Ignore; what"
            + " is wrong with it does not come into force), or refused (Fail).");
    add(
        "webhooks.timeoutSeconds",
        new Type.Number(1, 30),
        "10",
        "How long the API server waits for a webhook.");
    add(
        "gateways.deploy",
        FLAG,
        "true",
        "Whether pods and a Service are made for each Gateway of the Gateway API of class meshctl,"
            + " for which the control plane may make and change Deployments, Services and"
            + " ServiceAccounts everywhere.");
    add(
        "proxy.capture",
        new Type.Choice(List.of("INIT_CONTAINER", "NODE_AGENT")),
        "'INIT_CONTAINER'",
        "Who redirects a pod's traffic: an init container with NET_ADMIN, or an agent on the node.");
    add("proxy.captureDns", FLAG, "true", "Whether sidecars answer DNS queries of their pods.");
    add(
        "proxy.holdApplication",
        FLAG,
        "false",
        "Whether containers start when the sidecar is ready; for where native sidecars are not.");
    add(
        "proxy.rewriteProbes",
        FLAG,
        "true",
        "Whether the kubelet asks the sidecar, which asks the container.");
    add("proxy.includeOutboundBlocks", BLOCKS, "'*'", "Addresses whose traffic is captured.");
    add("proxy.excludeOutboundBlocks", BLOCKS, "''", "Addresses whose traffic is not.");
    add("proxy.cpu", QUANTITY, "100m", "What a sidecar asks for.");
    add("proxy.cpuLimit", QUANTITY, "'2'", "What it may use.");
    add("proxy.memory", QUANTITY, "128Mi", "What it asks for.");
    add(
        "proxy.memoryLimit",
        QUANTITY,
        "1Gi",
        "What it may use; two runtimes are in it while one takes over from the other.");
    add(
        "proxy.drainSeconds",
        new Type.Number(0, 3600),
        "5",
        "How long requests may take to end when a pod stops.");
    add("proxy.workerThreads", new Type.Number(1, 64), "2", "Event loops of a sidecar.");
    add(
        "proxy.accessLog",
        new Type.Text("-|(/[A-Za-z0-9._/-]*)?", "-, a file, or nothing"),
        "'-'",
        "Where sidecars log requests: - is standard output, nothing is nowhere.");
    add(
        "nodeAgent.enabled",
        FLAG,
        "false",
        "Whether every node has an agent that captures pods, for proxy.capture=NODE_AGENT. One serves"
            + " all revisions.");
    add(
        "nodeAgent.pluginFolder",
        FOLDER,
        "/opt/cni/bin",
        "Where the nodes' container runtime looks for CNI plugins.");
    add(
        "nodeAgent.networkFolder",
        FOLDER,
        "/etc/cni/net.d",
        "Where it looks for the list of them that is in force.");
    add(
        "nodeAgent.resources",
        TREE,
        "{requests: {cpu: 50m, memory: 96Mi}, limits: {memory: 192Mi}}",
        "What an agent asks for and may use.");
    add(
        "nodeAgent.nodeSelector",
        TREE,
        "{kubernetes.io/os: linux}",
        "Labels of the nodes that have one.");
    add(
        "nodeAgent.tolerations",
        TREES,
        "[{operator: Exists}]",
        "Taints of nodes that it puts up with; all, because pods of the mesh may.");
    add(
        "nodeAgent.priorityClassName",
        new Type.Text("(" + NAME.pattern() + ")?", "the name of a PriorityClass"),
        "system-node-critical",
        "Who goes first when nodes are full.");
    add(
        "runtime.trustedKeys",
        new Type.Texts(
            new Type.Text(
                "[A-Za-z0-9+/]{59}=", "the base64 of an Ed25519 public key, one line of its PEM")),
        "[]",
        "Whose runtimes proxies may be patched to: public keys, as meshctl runtime keygen makes them."
            + " None, and no runtime is replaced.");
    add("crds.meshctl", FLAG, "true", "Whether our own kinds (runtime.meshctl.dev) are installed.");
    add(
        "crds.istio",
        FLAG,
        "true",
        "Whether Istio's kinds that we read are installed, with the least of a schema, where the"
            + " cluster has none. Those of somebody else are left alone. The Gateway API's are never"
            + " installed: their version is the cluster's own affair.");
  }

  private Settings() {}

  private static void add(String path, Type type, String byDefault, String meaning) {
    ALL.put(path, new Setting(path, type, Trees.parse(byDefault), meaning));
  }

  /** By path. */
  static Map<String, Setting> all() {
    return ALL;
  }

  /** The setting that {@code path} is, or is in. */
  static Optional<Setting> around(String path) {
    for (Setting setting : ALL.values()) {
      if (path.equals(setting.path())
          || path.startsWith(setting.path() + ".") && (setting.type() instanceof Type.Tree)) {
        return Optional.of(setting);
      }
    }
    return Optional.empty();
  }

  /** What the setting is by default for a meshctl of {@code version}. */
  static JsonNode byDefault(Setting setting, String version) {
    return setting.path().equals("image.tag")
        ? StringNode.valueOf(version)
        : setting.byDefault().deepCopy();
  }
}
