package dev.meshctl.dataplane;

import dev.meshctl.dataplane.admin.AdminServer;
import dev.meshctl.dataplane.admin.AdminSource;
import dev.meshctl.model.xds.SocketEndpoint;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * The address of the admin server, which another process may hold while it hands over to us, or
 * takes over from us.
 *
 * <p>Thread: any.
 */
final class AdminPlace implements AutoCloseable {
  private static final long LOOK_AGAIN_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

  private final Optional<SocketEndpoint> setting;
  private final AdminSource source;
  private volatile Optional<AdminServer> server = Optional.empty();
  private boolean closed;

  /**
   * @param setting empty for no admin server
   */
  AdminPlace(Optional<SocketEndpoint> setting, AdminSource source) {
    this.setting = setting;
    this.source = source;
  }

  /** Where it listens, empty where it does not. */
  Optional<InetSocketAddress> address() {
    return server.map(AdminServer::address);
  }

  /**
   * Listens now, unless it does already.
   *
   * @throws IOException where the address cannot be bound
   */
  synchronized void open() throws IOException {
    if (!closed && server.isEmpty() && setting.isPresent()) {
      server = Optional.of(AdminServer.start(setting.get(), source));
    }
  }

  /** The process beside us gives its address up when it can be sure that we serve. */
  void openWhenFree() {
    Thread.ofVirtual()
        .name("open-admin")
        .start(() -> {
          while (!opened()) {
            LockSupport.parkNanos(LOOK_AGAIN_NANOS);
          }
        });
  }

  private boolean opened() {
    try {
      open();
      return true;
    } catch (IOException taken) {
      return false;
    }
  }

  /** The address is free for another process; it may be opened again. */
  synchronized void free() {
    server.ifPresent(AdminServer::close);
    server = Optional.empty();
  }

  @Override
  public synchronized void close() {
    closed = true;
    free();
  }
}
