import java.io.IOException;
import java.io.RandomAccessFile;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/** A mesh on this machine: processes in the place of pods, a launcher in the place of PID 1. */
final class LocalTarget implements Target {
  private static final int HTTP_PROXY_PORT = 15080;

  private final Path root;
  private final Path state;
  private final Meshctl meshctl;
  private JsonNode status = Meshctl.JSON.createObjectNode();

  /**
   * @param state folder of this mesh alone
   */
  LocalTarget(Path root, Path state, Meshctl meshctl) {
    this.root = root;
    this.state = state;
    this.meshctl = meshctl;
  }

  @Override
  public void begin(Path key) throws IOException, InterruptedException {
    meshctl.must("local", "up", "-f", root.resolve("samples/bookshop").toString());
    status = meshctl.must("local", "status", "-o", "json").json();
  }

  @Override
  public Meshctl meshctl() {
    return meshctl;
  }

  @Override
  public String[] asked(String... words) {
    return words;
  }

  @Override
  public URI gateway() {
    return URI.create(status.path("gatewayUrls").path(0).asString());
  }

  @Override
  public Optional<InetSocketAddress> within() {
    for (JsonNode process : status.path("processes")) {
      if (process.path("name").asString().equals("bookshop.storefront-0.sidecar")) {
        return Optional.of(
            new InetSocketAddress(process.path("address").asString(), HTTP_PROXY_PORT));
      }
    }
    return Optional.empty();
  }

  @Override
  public Counts customers() {
    return Counts.NONE;
  }

  @Override
  public int restarts() throws IOException, InterruptedException {
    int all = 0;
    for (JsonNode process : now().path("processes")) {
      // That of the control plane is ours to end.
      all +=
          process.path("name").asString().equals("control-plane")
              ? 0
              : process.path("restarts").asInt();
    }
    return all;
  }

  private JsonNode now() throws IOException, InterruptedException {
    return meshctl.must("local", "status", "-o", "json").json();
  }

  @Override
  public void killControlPlane() throws IOException, InterruptedException {
    for (JsonNode process : now().path("processes")) {
      if (process.path("name").asString().equals("control-plane")) {
        ProcessHandle.of(process.path("pid").asLong()).ifPresent(ProcessHandle::destroyForcibly);
      }
    }
  }

  @Override
  public boolean tamper(String digest, String fault) throws IOException {
    Path bundle =
        state.resolve("local/bookshop/state/runtimes/bundles").resolve(digest + ".meshbundle");
    try (RandomAccessFile file = new RandomAccessFile(bundle.toFile(), "rw")) {
      if (fault.equals("cut")) {
        file.setLength(Files.size(bundle) / 3 * 2);
      } else {
        // Of the manifest, which is what is signed.
        file.seek(40);
        int was = file.read();
        file.seek(40);
        file.write(was ^ 1);
      }
    }
    return true;
  }

  @Override
  public void close() throws IOException, InterruptedException {
    meshctl.run("local", "down");
  }
}
