package dev.meshctl.cli.runtime;

import dev.meshctl.bundle.BundleException;
import dev.meshctl.bundle.BundleFile;
import dev.meshctl.bundle.VerifiedBundle;
import dev.meshctl.cli.Action;
import dev.meshctl.cli.ExitCode;
import dev.meshctl.cli.Session;
import dev.meshctl.cli.command.FormatOption;
import dev.meshctl.cli.command.MeshOption;
import dev.meshctl.cli.local.TimedProgress;
import dev.meshctl.cli.render.Format;
import dev.meshctl.model.query.MeshClient;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code meshctl runtime push}. */
@Command(
    name = "push",
    description = {
      "Give a bundle to a mesh's control plane, which gives it to proxies; on a cluster its replicas"
          + " give it to each other.",
      "It is verified here and there; a push that was cut off goes on where it was."
    },
    footer = {"", "  meshctl runtime push meshctl-1.4.0.meshbundle"})
public final class RuntimePushCommand implements Action {
  private static final int TENTHS = 10;
  private static final Duration REPLICAS_LIMIT = Duration.ofMinutes(2);

  @Parameters(paramLabel = "FILE", description = "The bundle.")
  private Path file = Path.of("");

  @Option(
      names = "--trust",
      paramLabel = "PUB",
      description = "A public key that is trusted (several may be); else your own.")
  private List<Path> trust = List.of();

  @Mixin private MeshOption mesh = new MeshOption();

  @Mixin private FormatOption format = new FormatOption();

  /** What was pushed. */
  private record Pushed(String digest, String version, long bytes, long sent) {}

  @Override
  public ExitCode run(Session session) throws IOException, InterruptedException {
    VerifiedBundle bundle;
    try {
      bundle = BundleFile.verify(file, SigningKeyFiles.trusted(session, trust));
    } catch (BundleException refused) {
      throw RuntimeVerifyCommand.refused(file, refused);
    }
    Pushed pushed;
    TimedProgress progress = new TimedProgress(session.output());
    try (MeshClient client =
        mesh.onCluster() ? mesh.cluster().pushingClient() : mesh.client(session)) {
      pushed = push(bundle, client, progress);
    }
    if (mesh.onCluster()) {
      try (ClusterRuntimes cluster = new ClusterRuntimes(mesh.cluster())) {
        awaitReplicas(cluster, pushed, progress);
      }
    }
    if (format.format() == Format.text) {
      session.output().line("version " + pushed.version + " is there, digest " + pushed.digest);
    } else {
      session.output().value(pushed, format.format());
    }
    return ExitCode.OK;
  }

  /** Replicas fetch it from one another; a patch may begin before all have. */
  private static void awaitReplicas(ClusterRuntimes cluster, Pushed pushed, TimedProgress progress)
      throws InterruptedException {
    long end = System.nanoTime() + REPLICAS_LIMIT.toNanos();
    List<Boolean> have = cluster.replicasThatHave(pushed.digest);
    long told = -1;
    while (!have.isEmpty() && System.nanoTime() < end) {
      long count = have.stream().filter(there -> there).count();
      if (count != told) {
        told = count;
        progress.line(count + " of " + have.size() + " replicas have it");
      }
      if (count == have.size()) {
        return;
      }
      Thread.sleep(1000);
      have = cluster.replicasThatHave(pushed.digest);
    }
  }

  private Pushed push(VerifiedBundle bundle, MeshClient client, TimedProgress progress)
      throws IOException {
    long size = bundle.fileBytes();
    long begun = client.bundleReceived(bundle.digest());
    long here = begun;
    long told = here * TENTHS / size;
    if (here == size) {
      // It is there: said again, so that it is verified anew and is kept as what has just come.
      client.sendBundle(bundle.digest(), here, new byte[0], true);
    }
    try (FileChannel channel = FileChannel.open(file)) {
      while (here < size) {
        ByteBuffer piece =
            ByteBuffer.allocate((int) Math.min(MeshClient.MOST_BUNDLE_BYTES, size - here));
        while (piece.hasRemaining() && channel.read(piece, here + piece.position()) >= 0) {
          // Until the piece is full.
        }
        boolean last = here + piece.position() == size;
        here = client.sendBundle(bundle.digest(), here, piece.array(), last);
        if (here * TENTHS / size > told) {
          told = here * TENTHS / size;
          progress.line(BundleView.megabytes(here) + " of " + BundleView.megabytes(size));
        }
      }
    }
    return new Pushed(bundle.digest(), bundle.manifest().version(), size, size - begun);
  }
}
