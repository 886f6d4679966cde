package dev.meshctl.integration.judges;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshctl.model.testkit.Judges;
import dev.meshctl.model.xds.NetworkFilter;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** The request smuggling cases of {@code http_desync_guardian}. */
class DesyncIT {
  /** Longer than our proxy takes to answer what it refuses or forwards. */
  private static final int PATIENCE_MILLIS = 2000;

  private static final byte[] OK =
      "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok".getBytes(StandardCharsets.US_ASCII);

  /**
   * Stricter than the cases: we know no transfer coding but {@code chunked}, alone and once, and a
   * target is a path (docs/guide/conformance.md).
   */
  private static final List<String> REFUSED_ON_PURPOSE =
      List.of(
          "more-compliant-tests.yaml: Correct TE OK",
          "more-compliant-tests.yaml: Transfer-Encoding: identity and chunked OK",
          "more-compliant-tests.yaml: Multiple transfer encoding headers in a single request OK",
          "more-compliant-tests.yaml: TE with custom parameters OK",
          "rfc-compliant.yaml: Different Transfer-Encoding headers",
          "rfc-compliant.yaml: Different Transfer-Encoding headers combined",
          "rfc-compliant.yaml: Transfer-Encoding with a param: chunked;custom_param",
          "rfc-compliant.yaml: Compliant URL",
          "rfc-compliant.yaml: Empty URI");

  private final AtomicInteger reached = new AtomicInteger();

  /** One request, and how dangerous the authors of the cases find it. */
  private record Case(String name, String tier, byte[] request) {}

  /** What became of a case. */
  private record Outcome(Case of, String statusLine, boolean reached) {
    boolean refused() {
      return !reached && statusLine.matches("HTTP/1\\.1 (400|431|501|505) .*");
    }

    @Override
    public String toString() {
      return of.tier + (reached ? " forwarded " : " kept ") + "'" + statusLine + "' " + of.name;
    }
  }

  @Test
  void no_severe_case_is_let_through_and_no_compliant_one_is_refused() throws Exception {
    List<Case> cases = cases(Judges.desyncCases());
    List<Outcome> outcomes;
    try (ServerSocket upstream = new ServerSocket(0, 50, InetAddress.ofLiteral("127.0.0.1"))) {
      Thread.ofVirtual().start(() -> serve(upstream));
      try (JudgedProxy proxy = new JudgedProxy(upstream.getLocalPort(), NetworkFilter.Codec.AUTO)) {
        outcomes = all("desync", cases, proxy.port());
      }
    }

    assertThat(outcomes).hasSizeGreaterThan(140);
    assertThat(outcomes)
        .filteredOn(outcome -> outcome.of.tier.equals("Severe"))
        .allMatch(Outcome::refused);
    assertThat(outcomes)
        .filteredOn(outcome -> outcome.of.tier.equals("Compliant"))
        .filteredOn(outcome -> !REFUSED_ON_PURPOSE.contains(outcome.of.name))
        .allMatch(outcome -> outcome.statusLine.startsWith("HTTP/1.1 200 "));
  }

  @Test
  void the_score_of_envoy_stands_beside(@TempDir Path folder) throws Exception {
    List<Case> cases = cases(Judges.desyncCases());
    try (ServerSocket upstream = new ServerSocket(0, 50, InetAddress.ofLiteral("127.0.0.1"))) {
      Thread.ofVirtual().start(() -> serve(upstream));
      String bootstrap = Bootstraps.before(upstream.getLocalPort(), Bootstraps.Http.HTTP1);
      try (ProxyProcess envoy = ProxyProcess.envoy(folder, "desync", bootstrap)) {
        assertThat(all("desync-envoy", cases, envoy.port())).hasSameSizeAs(cases);
      }
    }
  }

  /** Sends all, one after another; what became of each is kept. */
  private List<Outcome> all(String name, List<Case> cases, int port) throws IOException {
    List<Outcome> outcomes = new ArrayList<>();
    for (Case each : cases) {
      outcomes.add(send(each, port));
    }
    Files.writeString(
        JudgeRun.kept(name),
        String.join("\n", outcomes.stream().map(Outcome::toString).toList()) + "\n");
    return outcomes;
  }

  private Outcome send(Case each, int port) throws IOException {
    int before = reached.get();
    String status = "";
    try (Socket socket = new Socket(InetAddress.ofLiteral("127.0.0.1"), port)) {
      socket.setSoTimeout(PATIENCE_MILLIS);
      socket.getOutputStream().write(each.request);
      status = line(socket.getInputStream());
    } catch (SocketTimeoutException e) {
      status = "no answer";
    }
    return new Outcome(each, status, reached.get() > before);
  }

  private static String line(InputStream in) throws IOException {
    StringBuilder text = new StringBuilder();
    for (int next = in.read(); next >= 0 && next != '\r'; next = in.read()) {
      text.append((char) next);
    }
    return text.toString();
  }

  private void serve(ServerSocket upstream) {
    try {
      while (true) {
        Socket socket = upstream.accept();
        Thread.ofVirtual().start(() -> answer(socket));
      }
    } catch (IOException closed) {
      // The test is over.
    }
  }

  private void answer(Socket socket) {
    try (socket) {
      StringBuilder head = new StringBuilder();
      for (int next = socket.getInputStream().read();
          next >= 0;
          next = socket.getInputStream().read()) {
        head.append((char) next);
        if (head.toString().endsWith("\r\n\r\n")) {
          reached.incrementAndGet();
          socket.getOutputStream().write(OK);
          return;
        }
      }
    } catch (IOException gone) {
      // The proxy has closed.
    }
  }

  private static List<Case> cases(Path folder) throws IOException {
    List<Path> files;
    try (Stream<Path> all = Files.list(folder)) {
      files = all.filter(file -> file.toString().endsWith(".yaml")).sorted().toList();
    }
    List<Case> cases = new ArrayList<>();
    for (Path file : files) {
      Object document =
          new Load(LoadSettings.builder().build()).loadFromString(Files.readString(file));
      for (Object each : (List<?>) document) {
        cases.add(read(file.getFileName() + ": ", (Map<?, ?>) each));
      }
    }
    return cases;
  }

  private static Case read(String file, Map<?, ?> of) {
    StringBuilder text = new StringBuilder();
    text.append(of.get("method")).append(' ').append(of.get("uri"));
    String version = String.valueOf(of.get("version"));
    text.append(version.isEmpty() ? "" : " " + version).append("\r\n");
    boolean host = false;
    if (of.get("headers") instanceof List<?> headers) {
      for (Object each : headers) {
        Map<?, ?> header = (Map<?, ?>) each;
        String name = String.valueOf(header.get("name"));
        host |= name.equalsIgnoreCase("host");
        Object value = header.get("value");
        text.append(name).append(": ").append(value == null ? "" : value).append("\r\n");
      }
    }
    // The cases are about other fields: without Host each would be refused for that alone.
    text.append(host ? "\r\n" : "Host: judged\r\n\r\n");
    if (!(of.get("expected") instanceof Map<?, ?> expected)) {
      throw new IllegalArgumentException(file + of.get("name") + " says not what is expected");
    }
    return new Case(
        file + of.get("name"),
        String.valueOf(expected.get("tier")),
        text.toString().getBytes(StandardCharsets.ISO_8859_1));
  }
}
