package dev.meshctl.cli.security;

import dev.meshctl.app.config.ConfigFiles;
import dev.meshctl.app.config.ProxyBootstrap;
import dev.meshctl.cli.CommandFailure;
import dev.meshctl.cli.Session;
import dev.meshctl.cli.command.MeshOption;
import dev.meshctl.cli.context.RunningProxies;
import dev.meshctl.cli.local.LocalStatus;
import dev.meshctl.cli.render.Output;
import dev.meshctl.identity.IdentityException;
import dev.meshctl.identity.TrustFolder;
import dev.meshctl.model.query.CertificatesView;
import dev.meshctl.model.query.CertificatesView.Holder;
import dev.meshctl.model.query.MeshClient;
import dev.meshctl.model.query.MeshQueryException;
import dev.meshctl.model.query.ProxyView;
import dev.meshctl.model.query.ResourceStatus;
import dev.meshctl.model.query.RunningMesh;
import dev.meshctl.model.xds.ProxyNode;
import dev.meshctl.model.xds.SecretConfig;
import dev.meshctl.model.xds.WorkloadInstance;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;

/**
 * Does what {@link Rotation} says to a mesh on this machine: steps of files, and starts of its
 * control plane, which the mesh's supervisor brings back when it ends.
 *
 * <p>Thread: one; blocking.
 */
final class LocalRotation {
  private static final int MOST_NAMED = 3;
  private static final Duration LOOK = Duration.ofMillis(300);
  private static final Duration PATIENCE = Duration.ofSeconds(15);

  private final RunningMesh mesh;
  private final Path run;
  private final TrustFolder trust;
  private final Output output;
  private String told = "";

  private LocalRotation(RunningMesh mesh, Path run, Output output) {
    this.mesh = mesh;
    this.run = run;
    this.trust = new TrustFolder(run.resolve("state"), new SecureRandom());
    this.output = output;
  }

  /**
   * @throws CommandFailure where the mesh is one of a cluster
   */
  static LocalRotation of(MeshOption option, Session session) {
    if (option.onCluster()) {
      throw CommandFailure.refused(
          "the root of a mesh on a cluster is not replaced by this command yet",
          List.of(
              "neither one that the control plane made (Secret meshctl-ca-root),"
                  + " nor one that is plugged in (Secret cacerts), which is its owner's"),
          "leave --context and --kubeconfig out for a mesh on this machine;"
              + " see the roots of the cluster's with meshctl trust status");
    }
    RunningMesh mesh = option.mesh(session);
    return new LocalRotation(mesh, session.meshes().folder(mesh.name()), session.output());
  }

  /** Says what {@link #rotate} would do. */
  void plan() {
    TrustFolder.State now = state();
    output.line(name(now.signing()) + " signs, phase " + now.phase());
    switch (now.phase()) {
      case STEADY -> {
        output.line("1. a new root is made, and trusted beside it by every proxy");
        output.line("2. the new one signs, and every proxy renews its certificate");
        output.line("3. the old one is trusted no more, its key is deleted");
      }
      case SPREADING -> {
        output.line("2. the other root signs, and every proxy renews its certificate");
        output.line("3. this one is trusted no more, its key is deleted");
      }
      case RENEWING ->
          output.line(
              "3. once every proxy has renewed, the other root is trusted no more, its key is"
                  + " deleted");
    }
    output.note("nothing was done");
  }

  void rotate(Duration timeout) throws IOException, InterruptedException {
    try (FileChannel channel = open()) {
      requireAlone(channel);
      requireOurs();
      if (state().phase() == TrustFolder.Phase.STEADY) {
        String trustDomain = trustDomain();
        say("a new root is made");
        step(() -> trust.begin(trustDomain, Instant.now()));
      }
      untilDone(timeout);
    }
  }

  void undo(Duration timeout) throws IOException, InterruptedException {
    try (FileChannel channel = open()) {
      requireAlone(channel);
      if (state().phase() == TrustFolder.Phase.STEADY) {
        throw CommandFailure.refused(
            "no root takes the place of another, so there is nothing to undo",
            List.of(),
            "see meshctl trust status");
      }
      step(trust::undo);
      say("back to " + name(state().signing()));
      untilDone(timeout);
    }
  }

  private FileChannel open() throws IOException {
    return FileChannel.open(
        run.resolve("state").resolve("trust.lock"),
        StandardOpenOption.CREATE,
        StandardOpenOption.WRITE);
  }

  /** For as long as the file is open. */
  private static void requireAlone(FileChannel channel) throws IOException {
    if (channel.tryLock() == null) {
      throw CommandFailure.refused(
          "another meshctl is at the roots of this mesh", List.of(), "wait until it has ended");
    }
  }

  private void untilDone(Duration timeout) throws IOException, InterruptedException {
    Instant end = Instant.now().plus(timeout);
    Rotation.Next next = new Rotation.Next.Wait("the control plane answers", List.of());
    while (Instant.now().isBefore(end)) {
      Optional<Rotation.Seen> seen = seen();
      if (seen.isPresent()) {
        next = Rotation.next(files(), seen.get());
        switch (next) {
          case Rotation.Next.Restart() -> restart();
          case Rotation.Next.Wait(var until, var whom) ->
              say("waiting until " + until + ": " + some(whom));
          case Rotation.Next.Swap() -> {
            step(trust::swap);
            say("every proxy trusts both roots; " + name(state().signing()) + " signs now");
          }
          case Rotation.Next.Finish() -> {
            step(trust::finish);
            say("every proxy has renewed; the other root is trusted no more");
          }
          case Rotation.Next.Done() -> {
            output.line(name(state().signing()) + " signs, and is trusted alone");
            return;
          }
        }
      }
      Thread.sleep(LOOK);
    }
    throw CommandFailure.failed(
        "not done in " + timeout.toSeconds() + " s",
        List.of(told),
        "the same command goes on where this one stopped; meshctl trust undo goes back");
  }

  private static String some(List<String> whom) {
    String named =
        whom.stream().limit(MOST_NAMED).map(CertText::instance).collect(Collectors.joining(", "));
    int more = whom.size() - MOST_NAMED;
    return more > 0 ? named + " and " + more + " more" : named;
  }

  /** Once for as long as it stays the same. */
  private void say(String what) {
    if (!what.equals(told)) {
      told = what;
      output.note(what);
    }
  }

  private interface Step {
    TrustFolder.State take() throws IdentityException;
  }

  private static TrustFolder.State step(Step step) {
    try {
      return step.take();
    } catch (IdentityException failed) {
      throw CommandFailure.failed(
          String.valueOf(failed.getMessage()), "see meshctl trust status, and try again");
    }
  }

  private TrustFolder.State state() {
    return step(trust::state);
  }

  private Rotation.Files files() {
    TrustFolder.State state = state();
    return new Rotation.Files(
        state.phase(),
        name(state.signing()),
        state.trusted().stream().map(LocalRotation::name).collect(Collectors.toSet()));
  }

  private static String name(X509Certificate root) {
    return root.getSubjectX500Principal().getName();
  }

  private String trustDomain() {
    try (MeshClient client = MeshClient.of(mesh.endpoint())) {
      return client.status().trustDomain();
    }
  }

  /** A proxy that others started has a copy of the roots that nobody renews. */
  private void requireOurs() throws IOException {
    Set<String> ours = proxies();
    try (MeshClient client = MeshClient.of(mesh.endpoint())) {
      List<String> others =
          client.proxies().stream()
              .filter(proxy -> proxy.state() != ProxyView.State.DISCONNECTED)
              .map(ProxyView::id)
              .filter(id -> !ours.contains(id))
              .toList();
      if (!others.isEmpty()) {
        throw CommandFailure.refused(
            "proxies are connected that this mesh did not start, and whose roots nobody renews",
            others,
            "stop them, and start them again with the new root afterwards");
      }
    }
  }

  /** Of gateways, and of replicas that are there. */
  private Set<String> proxies() throws IOException {
    Set<String> replicas =
        ConfigFiles.readInventory(run.resolve("inventory.json")).instances().stream()
            .map((WorkloadInstance each) -> each.namespace() + "/" + each.name())
            .collect(Collectors.toSet());
    return RunningProxies.of(run).stream()
        .map(ProxyBootstrap::node)
        .filter(node ->
            node.role() == ProxyNode.Role.GATEWAY
                || replicas.contains(node.namespace() + "/" + node.instance()))
        .map(ProxyNode::id)
        .collect(Collectors.toSet());
  }

  /** Empty while the control plane does not answer. */
  private Optional<Rotation.Seen> seen() throws IOException {
    Set<String> proxies = proxies();
    try (MeshClient client = MeshClient.of(mesh.endpoint())) {
      CertificatesView view = client.certificates();
      Set<String> trusting = new HashSet<>();
      for (ProxyView proxy : client.proxies()) {
        if (proxies.contains(proxy.id())
            && proxy.state() != ProxyView.State.DISCONNECTED
            && trusts(client.resources(proxy.id()))) {
          trusting.add(proxy.id());
        }
      }
      return Optional.of(
          new Rotation.Seen(
              view.roots().stream()
                  .filter(CertificatesView.Root::signing)
                  .map(CertificatesView.Root::name)
                  .findFirst()
                  .orElse(""),
              view.roots().stream().map(CertificatesView.Root::name).collect(Collectors.toSet()),
              proxies,
              trusting,
              view.certificates().stream()
                  .filter(each -> each.holder() == Holder.WORKLOAD)
                  .map(each -> new Rotation.Held(each.proxy(), each.identity(), each.root()))
                  .toList()));
    } catch (MeshQueryException unanswered) {
      return Optional.empty();
    }
  }

  /** It was told the roots, and has them. */
  private static boolean trusts(List<ResourceStatus> resources) {
    return resources.stream()
        .anyMatch(resource ->
            resource.name().equals(SecretConfig.TRUST_BUNDLE)
                && resource.state() == ResourceStatus.State.SYNCED);
  }

  private void restart() throws IOException, InterruptedException {
    for (LocalStatus.ProcessStatus process : LocalStatus.read(run).processes()) {
      if (process.kind() == LocalStatus.Kind.CONTROL_PLANE && process.pid() != 0) {
        Optional<ProcessHandle> handle = ProcessHandle.of(process.pid());
        if (handle.isPresent()) {
          say("the control plane starts anew");
          handle.get().destroy();
          await(handle.get());
        }
      }
    }
  }

  private static void await(ProcessHandle handle) throws InterruptedException {
    try {
      handle.onExit().get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException stubborn) {
      handle.destroyForcibly();
    } catch (ExecutionException unseen) {
      throw new IllegalStateException("the end of a process is always seen", unseen);
    }
  }
}
