package dev.meshctl.net.loop;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import java.io.IOException;
import java.nio.file.Path;

/**
 * Listens at a Unix socket that only our user reaches, on the first loop.
 *
 * <p>Thread: any but a loop.
 */
public final class UnixServer implements AutoCloseable {
  private static final int OWNER_ONLY = 0600;

  private final UnixSocketFile file;
  private final Channel channel;

  private UnixServer(UnixSocketFile file, Channel channel) {
    this.file = file;
    this.channel = channel;
  }

  /**
   * Begins to listen; what a killed process left behind is replaced.
   *
   * @param loops with epoll
   * @param child initializes each connection
   * @throws IOException where it cannot, or somebody else does
   */
  public static UnixServer open(Loops loops, Path path, int backlog, ChannelHandler child)
      throws IOException {
    UnixSocketFile.clear(path);
    int descriptor = loops.transport().listenAtPipe(path.toString(), backlog);
    UnixSocketFile file;
    try {
      file = UnixSocketFile.opened(path, OWNER_ONLY);
    } catch (IOException unusable) {
      Transport.close(descriptor);
      throw unusable;
    }
    return new UnixServer(
        file,
        loops
            .transport()
            .overPipe(new ServerBootstrap(), descriptor)
            .group(loops.all().getFirst())
            .childHandler(child)
            .register()
            .syncUninterruptibly()
            .channel());
  }

  /** The file is gone, and nobody is accepted any more; who was accepted stays. */
  @Override
  public void close() {
    file.remove();
    channel.close().awaitUninterruptibly();
  }
}
