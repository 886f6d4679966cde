package dev.meshctl.dataplane.listener;

import dev.meshctl.dataplane.upstream.WaterMarks;
import dev.meshctl.model.xds.ListenerConfig;
import dev.meshctl.model.xds.SocketEndpoint;
import dev.meshctl.net.handover.Handed;
import dev.meshctl.net.handover.Inheritance;
import dev.meshctl.net.loop.Loops;
import dev.meshctl.net.loop.Transport;
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
 * <p>Those on stand-by bind nothing but a probe until {@link #takeOver}, and then take up what
 * another process listens with already.
 *
 * <p>Thread: any but the loops; one caller at a time.
 */
public final class Listeners implements AutoCloseable {
  /** The listener that those on stand-by have. */
  public static final String PROBE = "meshctl_self_test";

  private static final int BACKLOG = 4096;

  private final Loops loops;
  private final Accept accept;
  private final Map<Key, Bound> bound = new LinkedHashMap<>();
  private final Set<Channel> sockets = ConcurrentHashMap.newKeySet();
  private volatile boolean standBy;

  /** Unless there is too much to do. */
  private volatile boolean accepting = true;

  /** Unless another process takes the connections. */
  private volatile boolean serving = true;

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

    boolean isOf(Handed socket) {
      return socket.use() == Handed.Use.LISTENER
          && socket.at().equals(address)
          && (nameOfAnyPort.isEmpty() || nameOfAnyPort.equals(socket.name()));
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

  /**
   * @param standBy only {@link #PROBE} is bound before {@link #takeOver}
   */
  public Listeners(Loops loops, Accept accept, boolean standBy) {
    this.loops = loops;
    this.accept = accept;
    this.standBy = standBy;
    this.serving = !standBy;
  }

  /**
   * Listens where {@code wanted} says and nowhere else; not yet on stand-by. Blocks until done.
   *
   * @param wanted only those with a port of their own
   */
  public synchronized List<Failure> apply(List<ListenerConfig> wanted) {
    return apply(wanted, Inheritance.none());
  }

  private List<Failure> apply(List<ListenerConfig> wanted, Inheritance inheritance) {
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
    if (standBy) {
      byKey.values().removeIf(listener -> !listener.name().equals(PROBE));
    }
    retain(wanted);
    byKey.forEach((key, listener) -> {
      Bound there = bound.get(key);
      if (there != null) {
        there.listener = listener.name();
        return;
      }
      List<Integer> descriptors = inheritance.take(key::isOf);
      if (descriptors.isEmpty()) {
        bind(key, listener, failures);
      } else {
        takeUp(key, listener, descriptors);
      }
    });
    return failures;
  }

  /**
   * Ends the stand-by: takes up the sockets of {@code inheritance} that the configuration wants,
   * and binds the others, but accepts nothing before {@link #serving}. Blocks until done.
   */
  public synchronized List<Failure> takeOver(List<ListenerConfig> wanted, Inheritance inheritance) {
    standBy = false;
    return apply(wanted, inheritance);
  }

  /** The sockets, for another process to listen with too; they stay ours. */
  public synchronized List<Handed> handed() {
    List<Handed> all = new ArrayList<>();
    bound.forEach((key, each) ->
        each.sockets.forEach(socket ->
            all.add(
                new Handed(
                    Handed.Use.LISTENER,
                    each.listener,
                    key.address,
                    Transport.descriptor(socket)))));
    return all;
  }

  /**
   * Whether it is us who takes connections. What is not taken waits in the kernel's queue for
   * whoever has the same socket. Does not block.
   */
  public void serving(boolean on) {
    serving = on;
    read();
  }

  /** Stops listening where {@code wanted} does not; binds nothing new. Blocks until done. */
  public synchronized void retain(List<ListenerConfig> wanted) {
    Set<Key> keys = wanted.stream().map(Key::of).collect(Collectors.toSet());
    List<Key> removed = bound.keySet().stream().filter(key -> !keys.contains(key)).toList();
    removed.forEach(key -> close(bound.remove(key)));
  }

  /** Sockets that another process left us, spread over the loops. */
  private void takeUp(Key key, ListenerConfig listener, List<Integer> descriptors) {
    Bound fresh = new Bound(listener.name(), listener.address());
    boolean pipe = listener.address().isPipe();
    int loop = 0;
    for (int descriptor : descriptors) {
      ServerBootstrap over =
          pipe
              ? loops.transport().overPipe(new ServerBootstrap(), descriptor)
              : withTcpOptions(loops.transport().over(new ServerBootstrap(), descriptor));
      boolean onePerLoop = !pipe && descriptors.size() >= loops.all().size();
      EventLoop owner = loops.all().get(loop++ % loops.all().size());
      Channel socket = listening(over, owner, fresh, onePerLoop);
      fresh.sockets.add(socket);
      opened(socket);
      if (!pipe && socket.localAddress() instanceof InetSocketAddress at) {
        fresh.at = new SocketEndpoint(at.getAddress().getHostAddress(), at.getPort());
      }
    }
    if (pipe && !listener.address().isAbstract()) {
      try {
        fresh.file = Optional.of(UnixSocketFile.opened(Path.of(listener.address().address()), 0));
      } catch (IOException gone) {
        // Somebody removed it: those who have it open are served, and nothing is left to remove.
        fresh.file = Optional.empty();
      }
    }
    bound.put(key, fresh);
  }

  /** Takes what listens already; it reads nothing before it is told to. */
  private Channel listening(ServerBootstrap over, EventLoop owner, Bound to, boolean onePerLoop) {
    return common(over, owner, to, onePerLoop)
        .option(ChannelOption.AUTO_READ, false)
        .register()
        .syncUninterruptibly()
        .channel();
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
      Channel socket = pipeServer(at, fresh);
      fresh.sockets.add(socket);
      if (!at.isAbstract()) {
        fresh.file = Optional.of(UnixSocketFile.opened(Path.of(at.address()), at.mode()));
      }
      opened(socket);
      bound.put(key, fresh);
    } catch (IOException | RuntimeException e) {
      close(fresh);
      failures.add(new Failure(listener.name(), "cannot listen at " + at + ": " + e.getMessage()));
    }
  }

  private void opened(Channel socket) {
    sockets.add(socket);
    socket.closeFuture().addListener(closed -> sockets.remove(socket));
    read(socket);
  }

  /**
   * Takes new connections, or leaves them in the kernel's queue. Thread: any, loops too; does not
   * block.
   */
  public void accepting(boolean on) {
    accepting = on;
    read();
  }

  private void read() {
    sockets.forEach(this::read);
  }

  private void read(Channel socket) {
    socket.config().setAutoRead(standBy || (accepting && serving));
  }

  private static String reason(Throwable cause, InetSocketAddress address) {
    String message = String.valueOf(cause.getMessage());
    return PortHolder.of(address.getPort())
        .map(holder -> message + " (the port is held by " + holder + ")")
        .orElse(message);
  }

  private ServerBootstrap server(EventLoop owner, Bound to, boolean shared) {
    return common(
        withTcpOptions(loops.transport().on(new ServerBootstrap(), shared)), owner, to, shared);
  }

  private static ServerBootstrap withTcpOptions(ServerBootstrap on) {
    return on.childOption(ChannelOption.TCP_NODELAY, true)
        .childOption(ChannelOption.SO_KEEPALIVE, true);
  }

  private Channel pipeServer(SocketEndpoint at, Bound to) throws IOException {
    EventLoop owner = loops.all().getFirst();
    Transport transport = loops.transport();
    if (transport.handsOver()) {
      int descriptor = transport.listenAtPipe(at.address(), BACKLOG);
      return listening(transport.overPipe(new ServerBootstrap(), descriptor), owner, to, false);
    }
    ChannelFuture binding =
        common(transport.onPipe(new ServerBootstrap()), owner, to, false)
            .bind(transport.pipe(at.address()))
            .awaitUninterruptibly();
    if (!binding.isSuccess()) {
      throw new IOException(String.valueOf(binding.cause().getMessage()), binding.cause());
    }
    return binding.channel();
  }

  /**
   * @param onePerLoop the socket is one of several, and serves on its own loop what it accepts
   */
  private ServerBootstrap common(
      ServerBootstrap on, EventLoop owner, Bound to, boolean onePerLoop) {
    boolean spread = !onePerLoop && loops.all().size() > 1;
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

  private void close(@Nullable Bound old) {
    if (old == null) {
      return;
    }
    if (serving) {
      // Otherwise it is the file of another process that listens there.
      old.file.ifPresent(UnixSocketFile::remove);
    }
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
    bound.values().forEach(this::close);
    bound.clear();
  }
}
