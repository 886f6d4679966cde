package dev.meshctl.dataplane.listener;

import dev.meshctl.dataplane.upstream.WaterMarks;
import dev.meshctl.model.xds.ListenerConfig;
import dev.meshctl.model.xds.SocketEndpoint;
import dev.meshctl.net.loop.Loops;
import dev.meshctl.net.loop.UnixSocketFile;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The listening sockets: one for each listener and loop, kept as they are while their address
 * stays.
 *
 * <p>Thread: any but the loops; one caller at a time.
 */
public final class Listeners implements AutoCloseable {
  private static final int BACKLOG = 4096;

  private final Loops loops;
  private final Accept accept;
  private final Map<Key, Bound> bound = new LinkedHashMap<>();
  private final Set<Channel> sockets = ConcurrentHashMap.newKeySet();
  private volatile boolean accepting = true;

  /** Takes accepted connections. */
  public interface Accept {
    /** On the loop of {@code channel}, before its first read. */
    void accepted(Channel channel, String listener);
  }

  /** Listeners with port 0 are told apart by their names. */
  private record Key(SocketEndpoint address, String nameOfAnyPort) {
    static Key of(ListenerConfig listener) {
      boolean anyPort = listener.address().port() == 0 && !listener.address().isPipe();
      return new Key(listener.address(), anyPort ? listener.name() : "");
    }
  }

  /** A listener that could not be bound. */
  public record Failure(String listener, String reason) {}

  private static final class Bound {
    private volatile String listener;
    private final List<Channel> sockets = new ArrayList<>();
    private SocketEndpoint at;
    private Optional<UnixSocketFile> file = Optional.empty();

    Bound(String listener, SocketEndpoint at) {
      this.listener = listener;
      this.at = at;
    }
  }

  public Listeners(Loops loops, Accept accept) {
    this.loops = loops;
    this.accept = accept;
  }

  /**
   * Listens where {@code wanted} says and nowhere else. Blocks until done.
   *
   * @param wanted only those with a port of their own
   */
  public synchronized List<Failure> apply(List<ListenerConfig> wanted) {
    Map<Key, ListenerConfig> byKey = new LinkedHashMap<>();
    List<Failure> failures = new ArrayList<>();
    for (ListenerConfig listener : wanted) {
      ListenerConfig first = byKey.putIfAbsent(Key.of(listener), listener);
      if (first != null) {
        failures.add(
            new Failure(
                listener.name(), listener.address() + " is taken by listener " + first.name()));
      }
    }
    retain(wanted);
    byKey.forEach((key, listener) -> {
      Bound there = bound.get(key);
      if (there != null) {
        there.listener = listener.name();
      } else {
        bind(key, listener, failures);
      }
    });
    return failures;
  }

  /** Stops listening where {@code wanted} does not; binds nothing new. Blocks until done. */
  public synchronized void retain(List<ListenerConfig> wanted) {
    Set<Key> keys = wanted.stream().map(Key::of).collect(Collectors.toSet());
    List<Key> removed = bound.keySet().stream().filter(key -> !keys.contains(key)).toList();
    removed.forEach(key -> close(bound.remove(key)));
  }

  private void bind(Key key, ListenerConfig listener, List<Failure> failures) {
    if (listener.address().isPipe()) {
      bindPipe(key, listener, failures);
      return;
    }
    Bound fresh = new Bound(listener.name(), listener.address());
    boolean shared = loops.transport().sharesPorts() && loops.all().size() > 1;
    List<EventLoop> owners = shared ? loops.all() : List.of(loops.all().getFirst());
    InetSocketAddress address =
        new InetSocketAddress(listener.address().address(), listener.address().port());
    for (EventLoop owner : owners) {
      ChannelFuture binding = server(owner, fresh, shared).bind(address).awaitUninterruptibly();
      if (!binding.isSuccess()) {
        close(fresh);
        failures.add(
            new Failure(
                listener.name(),
                "cannot listen at "
                    + listener.address()
                    + ": "
                    + reason(binding.cause(), address)));
        return;
      }
      fresh.sockets.add(binding.channel());
      opened(binding.channel());
      // Port 0 was resolved by the first: the others share it.
      address = (InetSocketAddress) binding.channel().localAddress();
    }
    fresh.at = new SocketEndpoint(address.getAddress().getHostAddress(), address.getPort());
    bound.put(key, fresh);
  }

  /** One socket for all loops: Unix sockets cannot share an address. */
  private void bindPipe(Key key, ListenerConfig listener, List<Failure> failures) {
    SocketEndpoint at = listener.address();
    Bound fresh = new Bound(listener.name(), at);
    try {
      if (!at.isAbstract()) {
        UnixSocketFile.clear(Path.of(at.address()));
      }
      ChannelFuture binding =
          pipeServer(loops.all().getFirst(), fresh)
              .bind(loops.transport().pipe(at.address()))
              .awaitUninterruptibly();
      if (!binding.isSuccess()) {
        throw new IOException(String.valueOf(binding.cause().getMessage()), binding.cause());
      }
      fresh.sockets.add(binding.channel());
      if (!at.isAbstract()) {
        fresh.file = Optional.of(UnixSocketFile.opened(Path.of(at.address()), at.mode()));
      }
      opened(binding.channel());
      bound.put(key, fresh);
    } catch (IOException | RuntimeException e) {
      close(fresh);
      failures.add(new Failure(listener.name(), "cannot listen at " + at + ": " + e.getMessage()));
    }
  }

  private void opened(Channel socket) {
    sockets.add(socket);
    socket.closeFuture().addListener(closed -> sockets.remove(socket));
    if (!accepting) {
      socket.config().setAutoRead(false);
    }
  }

  /**
   * Takes new connections, or leaves them in the kernel's queue. Thread: any, loops too; does not
   * block.
   */
  public void accepting(boolean on) {
    accepting = on;
    sockets.forEach(socket -> socket.config().setAutoRead(on));
  }

  private static String reason(Throwable cause, InetSocketAddress address) {
    String message = String.valueOf(cause.getMessage());
    return PortHolder.of(address.getPort())
        .map(holder -> message + " (the port is held by " + holder + ")")
        .orElse(message);
  }

  private ServerBootstrap server(EventLoop owner, Bound to, boolean shared) {
    return common(loops.transport().on(new ServerBootstrap(), shared), owner, to, shared)
        .childOption(ChannelOption.TCP_NODELAY, true)
        .childOption(ChannelOption.SO_KEEPALIVE, true);
  }

  private ServerBootstrap pipeServer(EventLoop owner, Bound to) {
    return common(loops.transport().onPipe(new ServerBootstrap()), owner, to, false);
  }

  private ServerBootstrap common(ServerBootstrap on, EventLoop owner, Bound to, boolean shared) {
    boolean spread = !shared && loops.all().size() > 1;
    return on.group(owner, spread ? owner.parent() : owner)
        .option(ChannelOption.SO_BACKLOG, BACKLOG)
        .childOption(ChannelOption.ALLOCATOR, loops.allocator())
        .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true)
        .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, WaterMarks.DEFAULT)
        .childHandler(
            new ChannelInitializer<Channel>() {
              @Override
              protected void initChannel(Channel channel) {
                accept.accepted(channel, to.listener);
              }
            });
  }

  private static void close(@Nullable Bound old) {
    if (old == null) {
      return;
    }
    old.file.ifPresent(UnixSocketFile::remove);
    old.sockets.forEach(socket -> socket.close().awaitUninterruptibly());
  }

  /** Listener name to the address it really listens at; Unix sockets are left out. */
  public synchronized Map<String, InetSocketAddress> addresses() {
    Map<String, InetSocketAddress> addresses = new LinkedHashMap<>();
    for (Bound each : bound.values()) {
      if (each.sockets.getFirst().localAddress() instanceof InetSocketAddress at) {
        addresses.put(each.listener, at);
      }
    }
    return addresses;
  }

  /** Listener name to where it really listens. */
  public synchronized Map<String, SocketEndpoint> places() {
    Map<String, SocketEndpoint> places = new LinkedHashMap<>();
    bound.values().forEach(each -> places.put(each.listener, each.at));
    return places;
  }

  /** Stops listening for those of these names; accepted connections stay. */
  public synchronized void close(Predicate<String> which) {
    List<Key> closed =
        bound.entrySet().stream()
            .filter(each -> which.test(each.getValue().listener))
            .map(Map.Entry::getKey)
            .toList();
    closed.forEach(key -> close(bound.remove(key)));
  }

  /** Stops listening; accepted connections stay. */
  @Override
  public synchronized void close() {
    bound.values().forEach(Listeners::close);
    bound.clear();
  }
}
