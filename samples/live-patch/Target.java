import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.util.Optional;

/** Where the show is: a mesh on this machine, or a cluster. */
interface Target extends AutoCloseable {
  /**
   * Starts the bookshop, or finds it.
   *
   * @param key public, whose bundles a mesh that is made here is to trust
   */
  void begin(Path key) throws IOException, InterruptedException;

  Meshctl meshctl();

  /** As arguments of commands that ask a mesh. */
  String[] asked(String... words);

  /** Of the way in for customers, without a path. */
  URI gateway();

  /** What asks from within, through a sidecar; empty where only pods can. */
  Optional<InetSocketAddress> within();

  /** What workloads of the mesh have asked by themselves, since they began. */
  Counts customers() throws IOException, InterruptedException;

  /** Requests. */
  record Counts(long sent, long failed) {
    static final Counts NONE = new Counts(0, 0);

    Counts since(Counts earlier) {
      return new Counts(sent - earlier.sent, failed - earlier.failed);
    }
  }

  /** Of all containers, or processes that stand for them, since each began. */
  int restarts() throws IOException, InterruptedException;

  /** Ends the process of the control plane, as a crash does. */
  void killControlPlane() throws IOException, InterruptedException;

  /** Alters a bundle in the store of the control plane; false where nobody can get at it. */
  boolean tamper(String digest, String fault) throws IOException;

  /** What was made here goes. */
  @Override
  void close() throws IOException, InterruptedException;
}
