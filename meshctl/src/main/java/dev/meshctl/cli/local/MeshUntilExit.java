package dev.meshctl.cli.local;

import dev.meshctl.cli.context.RunningMeshes;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * A mesh that ends when it is closed or when this process is asked to end (Ctrl-C, SIGTERM), even
 * while it starts.
 */
public final class MeshUntilExit implements AutoCloseable {
  private final LocalMesh mesh;
  private final Thread hook;

  private MeshUntilExit(LocalMesh mesh, Thread hook) {
    this.mesh = mesh;
    this.hook = hook;
  }

  /**
   * @throws dev.meshctl.cli.CommandFailure where it cannot be started; nothing is left then
   */
  public static MeshUntilExit start(
      LocalMeshOptions options, RunningMeshes meshes, Progress progress)
      throws InterruptedException {
    Thread starter = Thread.currentThread();
    AtomicReference<@Nullable LocalMesh> started = new AtomicReference<>();
    AtomicReference<@Nullable Thread> starting = new AtomicReference<>(starter);
    Thread hook =
        Thread.ofPlatform()
            .name("end-mesh")
            .unstarted(() -> {
              Thread inStart = starting.get();
              if (inStart != null) {
                // The start is given up, takes back what it did, and then this process ends.
                inStart.interrupt();
                awaitNull(starting);
              }
              LocalMesh running = started.get();
              if (running != null) {
                running.close();
              }
            });
    Runtime.getRuntime().addShutdownHook(hook);
    try {
      LocalMesh mesh = LocalMesh.start(options, meshes, progress);
      started.set(mesh);
      return new MeshUntilExit(mesh, hook);
    } catch (InterruptedException | RuntimeException failed) {
      remove(hook);
      throw failed;
    } finally {
      starting.set(null);
    }
  }

  public LocalMesh mesh() {
    return mesh;
  }

  @Override
  public void close() {
    mesh.close();
    remove(hook);
  }

  private static void awaitNull(AtomicReference<@Nullable Thread> starting) {
    long deadline = System.nanoTime() + 20_000_000_000L;
    while (starting.get() != null && System.nanoTime() < deadline) {
      try {
        Thread.sleep(20);
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  private static void remove(Thread hook) {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException endingAlready) {
      // Then the hook runs, and finds nothing to do.
    }
  }
}
