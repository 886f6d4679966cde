package dev.meshctl.cli.security;

import dev.meshctl.app.config.ConfigFiles;
import dev.meshctl.app.config.ProxyBootstrap;
import dev.meshctl.cli.CommandFailure;
import dev.meshctl.cli.Session;
import dev.meshctl.cli.command.MeshOption;
import dev.meshctl.cli.context.RunningProxies;
import dev.meshctl.cli.local.LocalStatus;
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
import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;
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
 * A mesh on this machine: its roots are files, and its control plane starts anew when it ends, by
 * the mesh's supervisor.
 *
 * <p>Thread: one; blocking.
 */
final class LocalRotation implements RotatedMesh {
  private static final Duration LOOK = Duration.ofMillis(300);
  private static final Duration PATIENCE = Duration.ofSeconds(15);

  private final RunningMesh mesh;
  private final Path run;
  private final TrustFolder trust;

  private LocalRotation(RunningMesh mesh, Path run) {
    this.mesh = mesh;
    this.run = run;
    this.trust = new TrustFolder(run.resolve("state"), new SecureRandom());
  }

  /** Of a mesh that runs. */
  static LocalRotation of(MeshOption option, Session session) {
    RunningMesh mesh = option.mesh(session);
    return new LocalRotation(mesh, session.meshes().folder(mesh.name()));
  }

  @Override
  public Closeable alone() throws IOException {
    FileChannel channel = open();
    try {
      requireAlone(channel);
      return channel;
    } catch (CommandFailure taken) {
      channel.close();
      throw taken;
    }
  }

  @Override
  public TrustFolder.State state() throws IdentityException {
    return trust.state();
  }

  @Override
  public void begin() throws IdentityException {
    trust.begin(trustDomain(), Instant.now());
  }

  @Override
  public void swap() throws IdentityException {
    trust.swap();
  }

  @Override
  public void finish() throws IdentityException {
    trust.finish();
  }

  @Override
  public void undo() throws IdentityException {
    trust.undo();
  }

  @Override
  public Duration look() {
    return LOOK;
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

  private String trustDomain() {
    try (MeshClient client = MeshClient.of(mesh.endpoint())) {
      return client.status().trustDomain();
    }
  }

  /** A proxy that others started has a copy of the roots that nobody renews. */
  @Override
  public void requireAble() throws IOException {
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

  @Override
  public Optional<Rotation.Seen> seen() throws IOException {
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
  static boolean trusts(List<ResourceStatus> resources) {
    return resources.stream()
        .anyMatch(resource ->
            resource.name().equals(SecretConfig.TRUST_BUNDLE)
                && resource.state() == ResourceStatus.State.SYNCED);
  }

  @Override
  public void restart() throws IOException, InterruptedException {
    for (LocalStatus.ProcessStatus process : LocalStatus.read(run).processes()) {
      if (process.kind() == LocalStatus.Kind.CONTROL_PLANE && process.pid() != 0) {
        Optional<ProcessHandle> handle = ProcessHandle.of(process.pid());
        if (handle.isPresent()) {
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

  @Override
  public void close() {}
}
