package dev.meshctl.integration.cluster;

import dev.meshctl.cluster.ClusterAccess;
import dev.meshctl.cluster.ClusterConnection;
import dev.meshctl.cluster.ClusterException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * The one cluster of the test run, for a test class that says so:
 *
 * <pre>{@code
 * @RegisterExtension static final ClusterFixture CLUSTER = ClusterFixture.withNodes();
 * }</pre>
 *
 * <p>The first class that asks starts it (some ten seconds; after building Kubernetes, once for a
 * machine); it goes down when the test run ends, in whatever way. {@code MESHCTL_TEST_KUBECONFIG}
 * names another cluster to use instead, {@code MESHCTL_TEST_LOAD} the command that loads an image
 * archive into it. What cannot be had here skips the tests that need it, loudly.
 */
public final class ClusterFixture
    implements BeforeAllCallback, BeforeEachCallback, AfterEachCallback, AfterAllCallback {
  /** On every node of our own cluster: busybox, iptables of both kinds, {@code original-dst}. */
  public static final String TOOL_IMAGE = "localhost/tool:1";

  private static final Duration PATIENCE = Duration.ofMinutes(3);
  private static final ExtensionContext.Namespace STORE =
      ExtensionContext.Namespace.create(ClusterFixture.class);

  private final Needs needs;
  private final List<String> namespacesOfClass = new ArrayList<>();
  private final List<String> namespacesOfTest = new ArrayList<>();
  private boolean inTest;
  private @Nullable Shared shared;

  private enum Needs {
    PODS,
    API,
    CALLS
  }

  private ClusterFixture(Needs needs) {
    this.needs = needs;
  }

  /** For tests that run pods; skipped where real nodes cannot be had. */
  public static ClusterFixture withNodes() {
    return new ClusterFixture(Needs.PODS);
  }

  /** For tests that talk to the API server and its controllers only. */
  public static ClusterFixture withoutNodes() {
    return new ClusterFixture(Needs.API);
  }

  /**
   * For tests in which the API server calls this process: one beside the cluster with nodes, from
   * whose network nothing leads here.
   */
  public static ClusterFixture thatCalls() {
    return new ClusterFixture(Needs.CALLS);
  }

  /** What the whole run shares; closed with JUnit's root store. */
  private record Shared(@Nullable Cluster cluster, String lacking, Set<String> loaded, int[] serial)
      implements AutoCloseable {
    static Shared start(Needs needs) {
      String named = System.getenv("MESHCTL_TEST_KUBECONFIG");
      if (named != null && !named.isBlank()) {
        String loader = System.getenv().getOrDefault("MESHCTL_TEST_LOAD", "").strip();
        return of(
            new NamedCluster(
                Path.of(named), loader.isEmpty() ? List.of() : List.of(loader.split("\\s+"))));
      }
      try {
        return of(needs == Needs.CALLS ? HeldCluster.startAlone() : HeldCluster.start());
      } catch (HeldCluster.Lacking e) {
        return new Shared(null, e.what, Set.of(), new int[1]);
      }
    }

    private static Shared of(Cluster cluster) {
      return new Shared(cluster, "", new HashSet<>(), new int[1]);
    }

    @Override
    public void close() {
      if (cluster != null) {
        cluster.close();
      }
    }
  }

  @Override
  public void beforeAll(ExtensionContext context) {
    Shared run =
        context
            .getRoot()
            .getStore(STORE)
            .computeIfAbsent(
                needs == Needs.CALLS ? Needs.CALLS : Shared.class,
                key -> Shared.start(needs),
                Shared.class);
    shared = run;
    if (run.cluster() == null) {
      skip(context.getDisplayName(), "no Kubernetes: " + run.lacking());
    } else if (needs == Needs.PODS) {
      run.cluster()
          .withoutNodes()
          .ifPresent(why -> skip(context.getDisplayName(), "needs nodes: " + why));
    }
  }

  private static void skip(String what, String why) {
    System.err.println("SKIPPED: " + what + ": " + why);
    Assumptions.abort(what + ": " + why);
  }

  private <T> T orSkip(Optional<T> ability, String what) {
    if (ability.isEmpty()) {
      skip(what, "not with the cluster of MESHCTL_TEST_KUBECONFIG");
    }
    return ability.orElseThrow();
  }

  private Shared shared() {
    if (shared == null) {
      throw new IllegalStateException("not in a test: register the fixture as a static field");
    }
    return shared;
  }

  private Cluster cluster() {
    Cluster cluster = shared().cluster();
    if (cluster == null) {
      throw new IllegalStateException("no cluster: " + shared().lacking());
    }
    return cluster;
  }

  @Override
  public void beforeEach(ExtensionContext context) {
    inTest = true;
  }

  @Override
  public void afterEach(ExtensionContext context) {
    inTest = false;
    deleteNamespacesOfTest();
  }

  void deleteNamespacesOfTest() {
    delete(namespacesOfTest);
  }

  @Override
  public void afterAll(ExtensionContext context) {
    delete(namespacesOfClass);
  }

  /** Does not wait until they are gone: nobody else uses their names. */
  private void delete(List<String> namespaces) {
    if (!namespaces.isEmpty()) {
      List<String> command = new ArrayList<>(List.of("delete", "namespace", "--wait=false"));
      command.addAll(namespaces);
      namespaces.clear();
      kubectl(command.toArray(String[]::new)).text();
    }
  }

  /** The kubeconfig of an administrator. */
  public Path kubeconfig() {
    return cluster().kubeconfig();
  }

  /** As an administrator; to be closed by the caller. */
  public ClusterConnection connect() throws ClusterException {
    return connect(kubeconfig());
  }

  /** As whomever {@code kubeconfig} names. */
  static ClusterConnection connect(Path kubeconfig) throws ClusterException {
    return ClusterConnection.open(
        new ClusterAccess.Kubeconfig(Optional.of(kubeconfig), Optional.empty()));
  }

  /** Whether pods run here. */
  public boolean hasNodes() {
    return cluster().withoutNodes().isEmpty();
  }

  /** Nothing leads from its network to this process: so it is with our own, if it has nodes. */
  boolean isApart() {
    return cluster() instanceof HeldCluster && hasNodes();
  }

  /** Names of the nodes. */
  public List<String> nodes() {
    return kubectl("get", "nodes", "-o", "name")
        .text()
        .lines()
        .map(name -> name.substring("node/".length()))
        .toList();
  }

  /**
   * A new namespace, which goes when the test ends, or the class if it was made before the tests.
   *
   * @param purpose the beginning of its name; small letters and dashes
   * @return its name
   */
  public String namespace(String purpose) {
    String name =
        purpose
            + "-"
            + Long.toString(ProcessHandle.current().pid(), Character.MAX_RADIX)
            + "-"
            + ++shared().serial()[0];
    kubectl("create", "namespace", name).text();
    (inTest ? namespacesOfTest : namespacesOfClass).add(name);
    return name;
  }

  /** What {@code kubectl} says, as administrator. */
  public Output kubectl(String... arguments) {
    return Output.of(kubectlBuilder(arguments), "", PATIENCE);
  }

  /** Applies manifests as an administrator would. */
  public Output apply(String yaml) {
    return Output.of(kubectlBuilder("apply", "-f", "-"), yaml, PATIENCE);
  }

  private ProcessBuilder kubectlBuilder(String... arguments) {
    List<String> command = new ArrayList<>(List.of(cluster().kubectl()));
    command.addAll(List.of("--kubeconfig", kubeconfig().toString()));
    command.addAll(List.of(arguments));
    return new ProcessBuilder(command);
  }

  /**
   * Makes an image known to every node, once for a test run. Pods name it with the pull policy
   * {@code IfNotPresent}.
   *
   * @param archive OCI, or what {@code docker save} writes
   */
  public void load(Path archive) {
    List<String> command =
        new ArrayList<>(orSkip(cluster().load(), "loading " + archive + " (MESHCTL_TEST_LOAD)"));
    if (shared().loaded().add(archive.toAbsolutePath() + "@" + archive.toFile().lastModified())) {
      command.add(archive.toString());
      Output.of(new ProcessBuilder(command), "", PATIENCE).text();
    }
  }

  /** Runs a command where nodes, pods and Services can be reached; its files are the usual ones. */
  public Output run(Duration limit, String... command) {
    return Output.of(inNetwork(command), "", limit);
  }

  /** The same as {@link #run}, for the caller to start. */
  public ProcessBuilder inNetwork(String... command) {
    return after(orSkip(cluster().inNetwork(), "the network of pods"), command);
  }

  /** Runs a command inside a node: its network, files, processes. */
  public Output onNode(String node, String... command) {
    return Output.of(after(orSkip(cluster().inNode(node), "inside a node"), command), "", PATIENCE);
  }

  /**
   * Kills a part of the cluster.
   *
   * @param target as {@code kube-kill --help} has it: {@code node N}, {@code kubelet N}, {@code
   *     shim NS/POD}, {@code container NS/POD NAME}, {@code apiserver}
   */
  public void kill(String... target) {
    Output.of(after(orSkip(cluster().kill(), "faults"), target), "", PATIENCE).text();
  }

  /** Brings back what {@link #kill} took away and does not come back by itself. */
  public void restore() {
    Output.of(after(orSkip(cluster().restore(), "faults")), "", PATIENCE).text();
  }

  private static ProcessBuilder after(List<String> before, String... command) {
    List<String> all = new ArrayList<>(before);
    all.addAll(List.of(command));
    return new ProcessBuilder(all);
  }
}
