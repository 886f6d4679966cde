package dev.meshctl.dataplane.testing;

import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Clients that ask without a pause and forgive nothing: whatever would be tried again by a better
 * client is a failure here. Only what a protocol says plainly ends a connection well: {@code
 * Connection: close} with an answer, GOAWAY.
 */
public final class StrictClients implements AutoCloseable {
  private static final int PATIENCE_MILLIS = 20_000;

  private final AtomicBoolean stop = new AtomicBoolean();
  private final List<Thread> threads = new ArrayList<>();
  private final List<String> failures = new CopyOnWriteArrayList<>();
  private final Map<String, AtomicLong> answers = new LinkedHashMap<>();

  /** One exchange after another until it is told to stop. */
  private interface Asking {
    void untilStopped(AtomicLong answered) throws Exception;
  }

  private void begin(String name, Asking asking) {
    AtomicLong answered = new AtomicLong();
    answers.put(name, answered);
    threads.add(
        Thread.ofVirtual()
            .name(name)
            .start(() -> {
              while (!stop.get()) {
                try {
                  asking.untilStopped(answered);
                } catch (Exception | AssertionError e) {
                  failures.add(name + ": " + e);
                }
              }
            }));
  }

  /** HTTP/1.1 on a connection as long as it is offered. */
  public void keepingAlive(InetSocketAddress at) {
    begin(
        "h1 kept alive",
        answered -> {
          try (Socket socket = connected(at)) {
            InputStream in = new BufferedInputStream(socket.getInputStream());
            boolean offered = true;
            while (offered && !stop.get()) {
              socket.getOutputStream().write(ascii("GET / HTTP/1.1\r\nHost: a\r\n\r\n"));
              offered = answerOffersMore(in);
              answered.incrementAndGet();
            }
          }
        });
  }

  /** HTTP/1.1 with a connection for each request. */
  public void connectingEachTime(InetSocketAddress at) {
    begin(
        "h1 connecting",
        answered -> {
          try (Socket socket = connected(at)) {
            socket
                .getOutputStream()
                .write(ascii("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"));
            answerOffersMore(new BufferedInputStream(socket.getInputStream()));
            answered.incrementAndGet();
          }
        });
  }

  private static boolean answerOffersMore(InputStream in) throws IOException {
    ByteArrayOutputStream head = new ByteArrayOutputStream();
    while (!head.toString(StandardCharsets.US_ASCII).endsWith("\r\n\r\n")) {
      int next = in.read();
      if (next < 0) {
        throw new IOException("cut off after '" + head.toString(StandardCharsets.US_ASCII) + "'");
      }
      head.write(next);
    }
    String text = head.toString(StandardCharsets.US_ASCII).toLowerCase(Locale.ROOT);
    if (!text.startsWith("http/1.1 200")) {
      throw new IOException(text);
    }
    int at = text.indexOf("content-length:") + "content-length:".length();
    int length = Integer.parseInt(text.substring(at, text.indexOf('\r', at)).strip());
    if (in.readNBytes(length).length < length) {
      throw new IOException("cut off in the body");
    }
    return !text.contains("connection: close");
  }

  /** HTTP/2, one stream after another on a connection until GOAWAY. */
  public void streaming(InetSocketAddress at) {
    begin(
        "h2",
        answered -> {
          try (Http2Peer peer = Http2Peer.connect(at)) {
            int stream = 3;
            boolean leaving = false;
            while (!leaving && !stop.get()) {
              peer.headers(
                  stream,
                  true,
                  ":method",
                  "GET",
                  ":scheme",
                  "http",
                  ":authority",
                  "a",
                  ":path",
                  "/");
              String event = "";
              while (!event.endsWith(" END")) {
                event = peer.next();
                leaving |= event.startsWith("GOAWAY");
                if (event.equals("CLOSED")
                    || event.startsWith("RESET")
                    || (event.startsWith("HEADERS") && !event.contains(":status=200"))) {
                  throw new IOException(event);
                }
              }
              answered.incrementAndGet();
              stream += 2;
            }
          }
        });
  }

  /**
   * Unary calls of gRPC. Its client sends again what the end of a connection crossed and no server
   * saw, as every client of gRPC does; nothing else.
   */
  public void calling(InetSocketAddress at) {
    begin(
        "grpc unary",
        answered -> {
          ManagedChannel channel = channel(at);
          try {
            while (!stop.get()) {
              byte[] answer =
                  ClientCalls.blockingUnaryCall(
                      channel,
                      GrpcEcho.UNARY,
                      CallOptions.DEFAULT.withDeadlineAfter(PATIENCE_MILLIS, TimeUnit.MILLISECONDS),
                      ascii("hello"));
              if (!Arrays.equals(answer, ascii("hello"))) {
                throw new IOException("another answer");
              }
              answered.incrementAndGet();
            }
          } finally {
            channel.shutdownNow();
          }
        });
  }

  /**
   * Conversations of gRPC that outlast a hand-over or two.
   *
   * @param messages of each
   * @param pauseMillis between them
   */
  public void conversing(InetSocketAddress at, int messages, int pauseMillis) {
    begin(
        "grpc stream",
        answered -> {
          ManagedChannel channel = channel(at);
          try {
            while (!stop.get()) {
              converse(channel, messages, pauseMillis);
              answered.incrementAndGet();
            }
          } finally {
            channel.shutdownNow();
          }
        });
  }

  private static void converse(ManagedChannel channel, int messages, int pauseMillis)
      throws IOException, InterruptedException {
    BlockingQueue<Object> events = new LinkedBlockingQueue<>();
    ClientCall<byte[], byte[]> call = channel.newCall(GrpcEcho.CHAT, CallOptions.DEFAULT);
    call.start(
        new ClientCall.Listener<>() {
          @Override
          public void onMessage(byte[] message) {
            events.add(message);
          }

          @Override
          public void onClose(Status status, Metadata trailers) {
            events.add(status);
          }
        },
        new Metadata());
    call.request(messages + 1);
    for (int i = 0; i < messages; i++) {
      call.sendMessage(ascii("m" + i));
      Object answer = events.poll(PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
      if (!(answer instanceof byte[] bytes) || !Arrays.equals(bytes, ascii("m" + i))) {
        throw new IOException("message " + i + ": " + answer);
      }
      // What stands for the work of a client; nothing is waited for.
      events.poll(pauseMillis, TimeUnit.MILLISECONDS);
    }
    call.halfClose();
    Object end = events.poll(PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
    if (!(end instanceof Status status) || !status.isOk()) {
      throw new IOException("the end: " + end);
    }
  }

  private static ManagedChannel channel(InetSocketAddress at) {
    return NettyChannelBuilder.forAddress(at).usePlaintext().build();
  }

  /**
   * Bytes of TCP to a server that sends them back.
   *
   * @param rounds on each connection
   * @param pauseMillis between them
   */
  public void echoing(InetSocketAddress at, int rounds, int pauseMillis) {
    begin(
        "tcp, " + rounds + " rounds",
        answered -> {
          try (Socket socket = connected(at)) {
            BlockingQueue<Boolean> never = new LinkedBlockingQueue<>();
            byte[] sent = ascii("ping");
            for (int i = 0; i < rounds && !stop.get(); i++) {
              socket.getOutputStream().write(sent);
              if (!Arrays.equals(socket.getInputStream().readNBytes(sent.length), sent)) {
                throw new IOException("cut off in round " + i);
              }
              answered.incrementAndGet();
              if (pauseMillis > 0) {
                never.poll(pauseMillis, TimeUnit.MILLISECONDS);
              }
            }
          }
        });
  }

  /** Queries of DNS over UDP for a name that is there. */
  public void resolving(InetSocketAddress at, String name) {
    begin(
        "dns",
        answered -> {
          try (DatagramSocket socket = new DatagramSocket()) {
            socket.setSoTimeout(PATIENCE_MILLIS);
            int id = 0;
            while (!stop.get()) {
              byte[] query = query(++id & 0xFFFF, name);
              socket.send(new DatagramPacket(query, query.length, at));
              DatagramPacket answer = new DatagramPacket(new byte[512], 512);
              socket.receive(answer);
              byte[] data = answer.getData();
              if (data[0] != query[0] || data[1] != query[1] || (data[3] & 0x0F) != 0) {
                throw new IOException("another answer");
              }
              answered.incrementAndGet();
            }
          }
        });
  }

  private static byte[] query(int id, String name) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(new byte[] {(byte) (id >> 8), (byte) id, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0});
    for (String label : name.split("\\.")) {
      out.write(label.length());
      out.writeBytes(ascii(label));
    }
    out.writeBytes(new byte[] {0, 0, 1, 0, 1});
    return out.toByteArray();
  }

  private static Socket connected(InetSocketAddress at) throws IOException {
    Socket socket = new Socket();
    socket.connect(at, PATIENCE_MILLIS);
    socket.setSoTimeout(PATIENCE_MILLIS);
    socket.setTcpNoDelay(true);
    return socket;
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  public List<String> failures() {
    return List.copyOf(failures);
  }

  /** What was answered so far, by client. */
  public Map<String, Long> answers() {
    Map<String, Long> now = new LinkedHashMap<>();
    answers.forEach((name, count) -> now.put(name, count.get()));
    return now;
  }

  /** Lets all end what they do; what fails then has failed. */
  @Override
  public void close() throws InterruptedException {
    stop.set(true);
    for (Thread each : threads) {
      each.join();
    }
  }
}
