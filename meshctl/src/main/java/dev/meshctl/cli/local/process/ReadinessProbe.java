package dev.meshctl.cli.local.process;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Asks once whether something serves. Thread: any; blocks for at most a second. */
public sealed interface ReadinessProbe {
  Duration LIMIT = Duration.ofSeconds(1);

  boolean serves();

  /** Serves as soon as it runs. */
  record None() implements ReadinessProbe {
    @Override
    public boolean serves() {
      return true;
    }
  }

  /** Accepts a connection. */
  record Tcp(Target target) implements ReadinessProbe {
    @Override
    public boolean serves() {
      try (Socket socket = target.connect()) {
        return socket.isConnected();
      } catch (IOException refused) {
        return false;
      }
    }
  }

  /** Answers {@code GET path} with 200 to 399, as a kubelet has it. */
  record Http(Target target, String path) implements ReadinessProbe {
    @Override
    public boolean serves() {
      try (Socket socket = target.connect()) {
        String request =
            "GET "
                + path
                + " HTTP/1.1\r\nHost: "
                + target.address().getHostString()
                + "\r\nUser-Agent: meshctl-probe\r\nConnection: close\r\n\r\n";
        socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
        byte[] head = socket.getInputStream().readNBytes("HTTP/1.1 200".length());
        String status = new String(head, StandardCharsets.US_ASCII);
        return status.startsWith("HTTP/1.") && (status.charAt(9) == '2' || status.charAt(9) == '3');
      } catch (IOException | StringIndexOutOfBoundsException refused) {
        return false;
      }
    }
  }

  /**
   * Greets as an HTTP/2 server does: answers the connection preface with a SETTINGS frame (RFC
   * 9113, 3.4). Weaker than {@code grpc.health.v1}, which also tells that the service is willing.
   */
  record Http2(Target target) implements ReadinessProbe {
    private static final byte[] PREFACE =
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0".getBytes(StandardCharsets.ISO_8859_1);
    private static final int SETTINGS = 4;

    @Override
    public boolean serves() {
      try (Socket socket = target.connect()) {
        socket.getOutputStream().write(PREFACE);
        InputStream in = socket.getInputStream();
        byte[] header = in.readNBytes(9);
        return header.length == 9 && header[3] == SETTINGS;
      } catch (IOException refused) {
        return false;
      }
    }
  }

  /** All of several serve. */
  record All(List<ReadinessProbe> probes) implements ReadinessProbe {
    public All {
      probes = List.copyOf(probes);
    }

    @Override
    public boolean serves() {
      return probes.stream().allMatch(ReadinessProbe::serves);
    }
  }

  /** Whatever else can be asked. */
  record Asking(java.util.function.BooleanSupplier question) implements ReadinessProbe {
    @Override
    public boolean serves() {
      return question.getAsBoolean();
    }
  }

  /**
   * Where a probe goes.
   *
   * @param from local address to come from, if it matters
   */
  record Target(InetSocketAddress address, Optional<InetSocketAddress> from) {
    private Socket connect() throws IOException {
      Socket socket = new Socket();
      try {
        if (from.isPresent()) {
          socket.bind(from.get());
        }
        socket.connect(address, (int) LIMIT.toMillis());
        socket.setSoTimeout((int) LIMIT.toMillis());
        return socket;
      } catch (IOException failed) {
        socket.close();
        throw failed;
      }
    }
  }
}
