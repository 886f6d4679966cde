package dev.meshctl.integration.differential;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * What a client got, without what is different each time.
 *
 * @param headers by lower-case name, values in the order of the wire
 * @param body lines of {@link EchoUpstreams} where one answered
 */
record Answer(int status, Map<String, List<String>> headers, List<String> body) {
  /** Of a moment, or of the connection to the client. */
  private static final Set<String> PASSING =
      Set.of(
          "date",
          "x-envoy-upstream-service-time",
          "connection",
          "keep-alive",
          "content-length",
          "transfer-encoding");

  /** The answer to a request of that method; no further than its end. */
  static Answer read(String method, InputStream in) throws IOException {
    String first = line(in);
    if (first.isEmpty()) {
      return new Answer(0, Map.of(), List.of("closed"));
    }
    int status = Integer.parseInt(first.split(" ", 3)[1]);
    Map<String, List<String>> headers = new TreeMap<>();
    for (String line = line(in); !line.isEmpty(); line = line(in)) {
      int colon = line.indexOf(':');
      headers
          .computeIfAbsent(
              line.substring(0, colon).toLowerCase(Locale.ROOT), name -> new ArrayList<>())
          .add(line.substring(colon + 1).strip());
    }
    boolean bare = method.equals("HEAD") || status == 204 || status == 304;
    String body = bare ? "" : body(headers, in);
    headers.keySet().removeAll(PASSING);
    headers.computeIfPresent(
        "set-cookie",
        (name, all) -> all.stream().map(one -> one.replaceFirst("\"[^\"]*\"", "(drawn)")).toList());
    return new Answer(status, headers, body.lines().flatMap(Answer::lasting).toList());
  }

  private static String body(Map<String, List<String>> headers, InputStream in) throws IOException {
    if (headers.containsKey("content-length")) {
      return text(in.readNBytes(Integer.parseInt(headers.get("content-length").getFirst())));
    }
    if (!headers.getOrDefault("transfer-encoding", List.of()).contains("chunked")) {
      return text(in.readAllBytes());
    }
    StringBuilder whole = new StringBuilder();
    for (int size = size(in); size > 0; size = size(in)) {
      whole.append(text(in.readNBytes(size)));
      line(in);
    }
    return whole.toString();
  }

  private static int size(InputStream in) throws IOException {
    return Integer.parseInt(line(in).strip(), 16);
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.ISO_8859_1);
  }

  private static String line(InputStream in) throws IOException {
    StringBuilder line = new StringBuilder();
    for (int each = in.read(); each >= 0 && each != '\n'; each = in.read()) {
      if (each != '\r') {
        line.append((char) each);
      }
    }
    return line.toString();
  }

  /**
   * What Envoy tells upstreams beside and we do not, and the address that it puts in place of a
   * client's at the loopback: see the guide on conformance.
   */
  private static final Set<String> ENVOYS_OWN =
      Set.of("x-envoy-expected-rq-timeout-ms", "x-envoy-external-address", "x-envoy-original-host");

  private static Stream<String> lasting(String line) {
    int colon = line.indexOf(": ");
    String name = colon < 0 ? "" : line.substring(0, colon);
    if (ENVOYS_OWN.contains(name)) {
      return Stream.of();
    }
    return Stream.of(
        switch (name) {
          case "x-request-id" -> name + ": (some)";
          case "x-forwarded-for" -> line.replaceFirst("[^ ,]+$", "(client)");
          default -> line;
        });
  }

  /** The same without cookies. */
  Answer withoutCookies() {
    Map<String, List<String>> others = new TreeMap<>(headers);
    others.remove("set-cookie");
    return new Answer(status, others, body);
  }

  /** The cluster that answered; empty where the proxy did. */
  String who() {
    return String.join(",", headers.getOrDefault(EchoUpstreams.WHO, List.of()));
  }
}
