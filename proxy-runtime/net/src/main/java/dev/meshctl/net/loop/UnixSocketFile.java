package dev.meshctl.net.loop;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.util.EnumSet;
import java.util.Set;

/**
 * The file of a Unix socket that we listen at: what a killed process left behind is replaced, and
 * our own is taken away when we stop, unless it has become another's.
 *
 * <p>Thread: one caller at a time, not a loop.
 */
public final class UnixSocketFile {
  private final Path path;
  private final Object key;

  private UnixSocketFile(Path path, Object key) {
    this.path = path;
    this.key = key;
  }

  /**
   * Makes room for a socket at {@code path}.
   *
   * @throws IOException where somebody listens there, or the file is no socket
   */
  public static void clear(Path path) throws IOException {
    if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    if (!attributes(path).isOther()) {
      throw new IOException("there is a file that is no socket");
    }
    if (answers(path)) {
      throw new IOException("somebody listens there already");
    }
    Files.deleteIfExists(path);
  }

  /** A listener that is busy, or that we may not ask, counts as one. */
  private static boolean answers(Path path) {
    try (SocketChannel asking = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      asking.configureBlocking(false);
      asking.connect(UnixDomainSocketAddress.of(path));
      return true;
    } catch (java.net.ConnectException refused) {
      return false;
    } catch (IOException other) {
      return !String.valueOf(other.getMessage()).contains("refused");
    }
  }

  /**
   * The file of the socket that was just bound.
   *
   * @param mode permission bits, 0 leaves them
   */
  public static UnixSocketFile opened(Path path, int mode) throws IOException {
    if (mode > 0) {
      Files.setPosixFilePermissions(path, permissions(mode));
    }
    return new UnixSocketFile(path, attributes(path).fileKey());
  }

  private static BasicFileAttributes attributes(Path path) throws IOException {
    return Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
  }

  private static Set<PosixFilePermission> permissions(int mode) {
    Set<PosixFilePermission> set = EnumSet.noneOf(PosixFilePermission.class);
    PosixFilePermission[] fromOwner = PosixFilePermission.values();
    for (int i = 0; i < fromOwner.length; i++) {
      if ((mode & 0400 >> i) != 0) {
        set.add(fromOwner[i]);
      }
    }
    return set;
  }

  /** Takes the file away if it is still ours. */
  public void remove() {
    try {
      if (Files.exists(path, LinkOption.NOFOLLOW_LINKS) && attributes(path).fileKey().equals(key)) {
        Files.deleteIfExists(path);
      }
    } catch (IOException gone) {
      // Who takes its place finds that nobody answers.
    }
  }
}
