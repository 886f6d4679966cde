package dev.meshctl.controlplane;

import dev.meshctl.bundle.BundleStore;
import dev.meshctl.controlplane.collect.EdgeWindows;
import dev.meshctl.controlplane.patch.BundleTransfer;
import dev.meshctl.controlplane.patch.Patches;
import dev.meshctl.controlplane.patch.RuntimeDesk;
import dev.meshctl.controlplane.serve.ProxySessions;
import dev.meshctl.controlplane.serve.encoded.OrderedSnapshots;
import dev.meshctl.controlplane.serve.encoded.SnapshotSource;
import dev.meshctl.net.retry.Pause;
import io.grpc.BindableService;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;

/**
 * Replacing the runtimes of proxies, joined to the rest of a control plane.
 *
 * <p>Thread: any.
 */
final class Patching implements AutoCloseable {
  private final PatchWorld world;
  private final Patches patches;
  private final BundleStore bundles;
  private final Path trust;

  private Patching(PatchWorld world, Patches patches, BundleStore bundles, Path trust) {
    this.world = world;
    this.patches = patches;
    this.bundles = bundles;
    this.trust = trust;
  }

  /**
   * Goes on with what is in {@code folder}.
   *
   * @throws IOException where it cannot be used
   */
  static Patching open(Path folder, EdgeWindows windows, InstantSource clock, Pause pause)
      throws IOException {
    Files.createDirectories(folder);
    PatchWorld world = new PatchWorld(windows);
    return new Patching(
        world,
        Patches.open(folder.resolve("patches.json"), world, clock, pause),
        new BundleStore(folder.resolve("bundles"), clock),
        folder.resolve("trust"));
  }

  /** What proxies are told, with their orders. */
  SnapshotSource ordered(SnapshotSource mesh) {
    return new OrderedSnapshots(mesh, patches::order);
  }

  /** Begins to look at the mesh. */
  void start(ProxySessions sessions) {
    world.sessions(sessions);
    patches.start();
  }

  /** For operators. */
  RuntimeDesk desk(InstantSource clock) {
    return new RuntimeDesk(patches, bundles, trust, world::node, clock);
  }

  /** For proxies. */
  BindableService service() {
    return new BundleTransfer(bundles, patches::reported, world::owns);
  }

  @Override
  public void close() {
    patches.close();
  }
}
