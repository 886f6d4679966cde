package dev.meshctl.integration.judges;

import dev.meshctl.model.xds.NetworkFilter;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/**
 * The "server under test" of connectconformance: its reference server with our proxy, or Envoy,
 * before it.
 *
 * <p>Both speak in messages with a length of four bytes before them; of the answer only {@code
 * host} (field 1) and {@code port} (field 2) are changed.
 */
public final class ConformanceServer {
  private static final int PORT_TAG = 2 << 3;

  private ConformanceServer() {}

  /**
   * @param arguments path of the reference server; a folder, where Envoy is to stand before it
   */
  public static void main(String[] arguments) throws IOException, InterruptedException {
    DataInputStream in = new DataInputStream(System.in);
    byte[] request = in.readNBytes(in.readInt());
    Process server =
        new ProcessBuilder(arguments[0]).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    Runtime.getRuntime().addShutdownHook(new Thread(server::destroy));
    DataOutputStream toServer = new DataOutputStream(server.getOutputStream());
    toServer.writeInt(request.length);
    toServer.write(request);
    toServer.flush();
    DataInputStream fromServer = new DataInputStream(server.getInputStream());
    byte[] answer = fromServer.readNBytes(fromServer.readInt());
    if (arguments.length > 1) {
      Path folder = Files.createTempDirectory(Path.of(arguments[1]), "envoy");
      String bootstrap = Bootstraps.before(port(answer), Bootstraps.Http.AUTO);
      try (ProxyProcess envoy = ProxyProcess.envoy(folder, "conformance", bootstrap)) {
        Runtime.getRuntime().addShutdownHook(new Thread(envoy::close));
        serve(server, envoy.port());
      }
    } else {
      try (JudgedProxy proxy = new JudgedProxy(port(answer), NetworkFilter.Codec.AUTO)) {
        serve(server, proxy.port());
      }
    }
  }

  private static void serve(Process server, int port) throws IOException, InterruptedException {
    byte[] ours = answer(port);
    DataOutputStream out = new DataOutputStream(System.out);
    out.writeInt(ours.length);
    out.write(ours);
    out.flush();
    while (!server.waitFor(1, TimeUnit.HOURS)) {}
  }

  private static byte[] answer(int port) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    byte[] host = "127.0.0.1".getBytes(java.nio.charset.StandardCharsets.US_ASCII);
    out.write((1 << 3) | 2);
    out.write(host.length);
    out.writeBytes(host);
    out.write(PORT_TAG);
    int rest = port;
    while (rest > 127) {
      out.write((rest & 127) | 128);
      rest >>>= 7;
    }
    out.write(rest);
    return out.toByteArray();
  }

  private static int port(byte[] answer) {
    int at = 0;
    while (at < answer.length) {
      int tag = answer[at++];
      int value = 0;
      int shift = 0;
      byte next;
      do {
        next = answer[at++];
        value |= (next & 127) << shift;
        shift += 7;
      } while (next < 0);
      if (tag == PORT_TAG) {
        return value;
      }
      if ((tag & 7) == 2) {
        at += value;
      }
    }
    throw new IllegalStateException("the reference server named no port");
  }
}
