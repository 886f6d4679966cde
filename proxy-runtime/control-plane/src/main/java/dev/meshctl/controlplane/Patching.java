package dev.meshctl.controlplane;

import dev.meshctl.bundle.BundleStore;
import dev.meshctl.controlplane.collect.EdgeWindows;
import dev.meshctl.controlplane.intake.MeshConfiguration;
import dev.meshctl.controlplane.patch.BundleKeeper;
import dev.meshctl.controlplane.patch.BundleShelf;
import dev.meshctl.controlplane.patch.BundleTransfer;
import dev.meshctl.controlplane.patch.Orders;
import dev.meshctl.controlplane.patch.Patches;
import dev.meshctl.controlplane.patch.PodPlaces;
import dev.meshctl.controlplane.patch.RuntimeDesk;
import dev.meshctl.controlplane.serve.ProxySessions;
import dev.meshctl.controlplane.serve.encoded.OrderedSnapshots;
import dev.meshctl.controlplane.serve.encoded.SnapshotSource;
import dev.meshctl.identity.CurrentIdentity;
import dev.meshctl.model.xds.ProxyNode;
import dev.meshctl.net.retry.Pause;
import io.grpc.BindableService;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Replacing the runtimes of proxies, joined to the rest of a control plane.
 *
 * <p>Thread: any.
 */
public final class Patching implements AutoCloseable {
  private final PatchWorld world;
  private final Orders orders;
  private final BundleShelf shelf;
  private final Thread keeping;

  private Patching(PatchWorld world, Orders orders, BundleShelf shelf, Pause pause) {
    this.world = world;
    this.orders = orders;
    this.shelf = shelf;
    this.keeping =
        Thread.ofVirtual().name("bundle-keeper").unstarted(new BundleKeeper(shelf, orders, pause));
  }

  /**
   * What differs between a machine and a cluster.
   *
   * @param folder private; holds bundles
   * @param trust whose bundles count
   * @param keeping where patches are kept
   */
  public record Settings(Path folder, BundleShelf.Trust trust, Keeping keeping) {
    /** All in a folder: bundles, patches, and trusted keys. */
    public static Settings inFolder(Path folder) {
      return new Settings(
          folder,
          BundleShelf.Trust.folder(folder.resolve("trust")),
          in -> Patches.open(folder.resolve("patches.json"), in.world(), in.clock(), in.pause()));
    }
  }

  /** Opens the patches that were kept. */
  @FunctionalInterface
  public interface Keeping {
    /**
     * @throws IOException where they do not read
     */
    Orders open(Mesh in) throws IOException;
  }

  /**
   * What patches have to do with.
   *
   * @param nodes the connected proxy of an id, or null
   * @param pods of the configuration in force
   * @param identity of this control plane
   */
  public record Mesh(
      Patches.World world,
      Function<String, @Nullable ProxyNode> nodes,
      Supplier<PodPlaces> pods,
      BundleShelf shelf,
      CurrentIdentity identity,
      InstantSource clock,
      Pause pause) {}

  /**
   * Goes on with what was kept.
   *
   * @throws IOException where it cannot be used
   */
  static Patching open(
      Settings settings,
      EdgeWindows windows,
      CurrentIdentity identity,
      InstantSource clock,
      Pause pause)
      throws IOException {
    Files.createDirectories(settings.folder());
    PatchWorld world = new PatchWorld(windows);
    BundleShelf shelf =
        new BundleShelf(
            new BundleStore(settings.folder().resolve("bundles"), clock), settings.trust(), clock);
    return new Patching(
        world,
        settings
            .keeping()
            .open(new Mesh(world, world::node, world::pods, shelf, identity, clock, pause)),
        shelf,
        pause);
  }

  /** What proxies are told, with their orders. */
  SnapshotSource ordered(SnapshotSource mesh) {
    return new OrderedSnapshots(mesh, orders::order);
  }

  /** What is in force now. */
  void configuration(MeshConfiguration fresh) {
    world.configuration(fresh);
  }

  /** Begins to look at the mesh. */
  void start(ProxySessions sessions) {
    world.sessions(sessions);
    orders.start();
    keeping.start();
  }

  /** For operators. */
  RuntimeDesk desk(InstantSource clock) {
    return new RuntimeDesk(orders, shelf, world::node, clock);
  }

  /** For proxies. */
  BindableService service() {
    return new BundleTransfer(shelf, orders::mayCome, orders::reported, world::owns);
  }

  @Override
  public void close() {
    keeping.interrupt();
    orders.close();
  }
}
