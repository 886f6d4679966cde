package dev.meshctl.app.node;

import dev.meshctl.capture.node.IpFamily;
import dev.meshctl.capture.node.flows.ConntrackMessages;
import dev.meshctl.capture.node.flows.ConntrackMessages.Answer;
import dev.meshctl.capture.node.flows.Flow;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.List;

/**
 * A netlink socket to the kernel's connection tracking, in the network namespace of this process;
 * Java has no sockets of that family, so it is the C library's.
 *
 * <p>Thread: one at a time; blocking, for as long as the kernel takes.
 */
final class ConntrackSocket implements AutoCloseable {
  private static final int AF_NETLINK = 16;
  private static final int SOCK_RAW_CLOEXEC = 3 | 0x80000;
  private static final int NETLINK_NETFILTER = 12;
  private static final int NO_SUCH_ENTRY = -2;
  private static final int DATAGRAM_BYTES = 64 * 1024;

  private static final Linker C = Linker.nativeLinker();
  private static final StructLayout STATE = Linker.Option.captureStateLayout();
  private static final VarHandle ERRNO =
      STATE.varHandle(java.lang.foreign.MemoryLayout.PathElement.groupElement("errno"));
  private static final MethodHandle SOCKET =
      handle(
          "socket",
          FunctionDescriptor.of(
              ValueLayout.JAVA_INT,
              ValueLayout.JAVA_INT,
              ValueLayout.JAVA_INT,
              ValueLayout.JAVA_INT));
  private static final MethodHandle SEND = handle("send", transfer());
  private static final MethodHandle RECEIVE = handle("recv", transfer());
  private static final MethodHandle CLOSE =
      handle("close", FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));

  private final Arena arena = Arena.ofConfined();
  private final MemorySegment state = arena.allocate(STATE);
  private final MemorySegment buffer = arena.allocate(DATAGRAM_BYTES);
  private final int descriptor;
  private int sequence;

  private static FunctionDescriptor transfer() {
    return FunctionDescriptor.of(
        ValueLayout.JAVA_LONG,
        ValueLayout.JAVA_INT,
        ValueLayout.ADDRESS,
        ValueLayout.JAVA_LONG,
        ValueLayout.JAVA_INT);
  }

  private static MethodHandle handle(String name, FunctionDescriptor descriptor) {
    return C.downcallHandle(
        C.defaultLookup().findOrThrow(name), descriptor, Linker.Option.captureCallState("errno"));
  }

  /**
   * Opens one.
   *
   * @throws IOException where the kernel has no connection tracking for us
   */
  ConntrackSocket() throws IOException {
    descriptor =
        (int)
            call(
                "socket",
                () ->
                    (int)
                        SOCKET.invokeExact(state, AF_NETLINK, SOCK_RAW_CLOEXEC, NETLINK_NETFILTER));
  }

  /** Tracked connections of UDP. */
  List<Flow> udp(IpFamily family) throws IOException {
    send(ConntrackMessages.list(family == IpFamily.V6, ++sequence));
    List<Flow> flows = new ArrayList<>();
    while (true) {
      Answer answer = receive();
      flows.addAll(answer.flows());
      if (answer.error() != 0) {
        throw new IOException("listing connections: errno " + -answer.error());
      }
      if (answer.done()) {
        return flows;
      }
    }
  }

  /** Forgets one; that it is forgotten already is as well. */
  void delete(Flow flow) throws IOException {
    send(ConntrackMessages.delete(flow, ++sequence));
    int error = receive().error();
    if (error != 0 && error != NO_SUCH_ENTRY) {
      throw new IOException("forgetting " + flow + ": errno " + -error);
    }
  }

  private void send(byte[] message) throws IOException {
    MemorySegment.copy(message, 0, buffer, ValueLayout.JAVA_BYTE, 0, message.length);
    call(
        "send", () -> (long) SEND.invokeExact(state, descriptor, buffer, (long) message.length, 0));
  }

  private Answer receive() throws IOException {
    long size =
        call(
            "recv",
            () -> (long) RECEIVE.invokeExact(state, descriptor, buffer, (long) DATAGRAM_BYTES, 0));
    byte[] datagram = buffer.asSlice(0, size).toArray(ValueLayout.JAVA_BYTE);
    return ConntrackMessages.read(datagram, datagram.length);
  }

  /** A function of the C library. */
  private interface Call {
    long make() throws Throwable;
  }

  private long call(String name, Call call) throws IOException {
    long result;
    try {
      result = call.make();
    } catch (Throwable impossible) {
      throw new IllegalStateException(name, impossible);
    }
    if (result < 0) {
      throw new IOException(name + " of netlink: errno " + (int) ERRNO.get(state, 0L));
    }
    return result;
  }

  @Override
  public void close() {
    try {
      int closed = (int) CLOSE.invokeExact(state, descriptor);
      assert closed == 0 : "close: errno " + (int) ERRNO.get(state, 0L);
    } catch (Throwable impossible) {
      throw new IllegalStateException("close", impossible);
    }
    arena.close();
  }
}
