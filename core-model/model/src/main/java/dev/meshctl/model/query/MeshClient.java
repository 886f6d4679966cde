package dev.meshctl.model.query;

import dev.meshctl.model.patch.PatchState;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.ConnectException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;

/**
 * Asks a control plane. The server is verified by the endpoint's trust bundle alone (its
 * certificate names its address as an IP SAN); the bearer token is read from its file at each call.
 * Every failure is a {@link MeshQueryException}.
 *
 * <p>Thread: any; calls block.
 */
public final class MeshClient implements AutoCloseable {
  private static final Charset UTF_8 = StandardCharsets.UTF_8;
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(3);
  private static final Duration ANSWER_TIMEOUT = Duration.ofSeconds(10);

  /** Reading and hashing a bundle whole. */
  private static final Duration VERIFY_TIMEOUT = Duration.ofMinutes(1);

  /** Of one piece of a bundle. */
  public static final int MOST_BUNDLE_BYTES = 1 << 20;

  private final String url;
  private final Admission admission;
  private final HttpClient http;
  private final Runnable whenClosed;

  private MeshClient(String url, Admission admission, HttpClient http, Runnable whenClosed) {
    this.url = url;
    this.admission = admission;
    this.http = http;
    this.whenClosed = whenClosed;
  }

  /**
   * How one is let in.
   *
   * @param token asked for at each call
   * @param trusted what verifies the server, for messages
   * @param fix what to do where one is not let in
   */
  private record Admission(TokenSource token, String trusted, String fix) {}

  private interface TokenSource {
    String token() throws IOException;
  }

  /**
   * Reads the trust bundle; connects at the first question.
   *
   * @throws MeshQueryException.Untrusted where the bundle cannot be read
   */
  public static MeshClient of(MeshEndpoint endpoint) {
    SSLContext trust;
    try (InputStream pem = Files.newInputStream(Path.of(endpoint.trustBundleFile()))) {
      trust = trusting(pem);
    } catch (IOException | GeneralSecurityException unusable) {
      throw untrusted(endpoint.trustBundleFile(), unusable);
    }
    Path file = Path.of(endpoint.tokenFile());
    return new MeshClient(
        endpoint.url(),
        new Admission(
            () -> Files.readString(file).strip(),
            endpoint.trustBundleFile(),
            "renew the operator token in " + file),
        http(trust),
        () -> {});
  }

  /**
   * Of a control plane that no file tells of.
   *
   * @param trustBundlePem verifies the server
   * @param fix what to do where the token does not let in
   * @param whenClosed ends the way there
   * @throws MeshQueryException.Untrusted where the bundle cannot be read
   */
  public static MeshClient over(
      String url, String trustBundlePem, Supplier<String> token, String fix, Runnable whenClosed) {
    String named = "the trust bundle of " + url;
    SSLContext trust;
    try {
      trust = trusting(new ByteArrayInputStream(trustBundlePem.getBytes(UTF_8)));
    } catch (IOException | GeneralSecurityException unusable) {
      throw untrusted(named, unusable);
    }
    return new MeshClient(url, new Admission(token::get, named, fix), http(trust), whenClosed);
  }

  private static HttpClient http(SSLContext trust) {
    return HttpClient.newBuilder()
        .version(HttpClient.Version.HTTP_1_1)
        .connectTimeout(CONNECT_TIMEOUT)
        .followRedirects(HttpClient.Redirect.NEVER)
        .proxy(HttpClient.Builder.NO_PROXY)
        .sslContext(trust)
        .build();
  }

  /** The control plane's own state. */
  public MeshStatus status() {
    return read("/api/v1/status", MeshStatus.class);
  }

  /** The service graph, with rates over the last {@code window} (whole seconds, at least 1). */
  public GraphView graph(Duration window) {
    return read("/api/v1/graph?windowSeconds=" + seconds(window), GraphView.class);
  }

  /**
   * The same, with what other replicas measured beside it.
   *
   * @param others answers of {@link #edges} of each of them, handed on as they are
   */
  public GraphView graph(Duration window, List<JsonNode> others) {
    String path = "/api/v1/graph?windowSeconds=" + seconds(window);
    ArrayNode all = JsonNodeFactory.instance.arrayNode();
    others.forEach(each -> each.forEach(all::add));
    return answered(
        path,
        request(path)
            .timeout(ANSWER_TIMEOUT)
            .POST(HttpRequest.BodyPublishers.ofString(all.toString()))
            .build(),
        GraphView.class);
  }

  /** What the proxies that call this replica measured in the last {@code window}, for another. */
  public JsonNode edges(Duration window) {
    return read("/api/v1/edges?windowSeconds=" + seconds(window), JsonNode.class);
  }

  /** Every proxy that is or was connected. */
  public List<ProxyView> proxies() {
    return List.of(read("/api/v1/proxies", ProxyView[].class));
  }

  /** Certificates in use, as the control plane that answers knows them, and the roots. */
  public CertificatesView certificates() {
    return read("/api/v1/certificates", CertificatesView.class);
  }

  /**
   * The resources that the control plane last sent to a proxy.
   *
   * @param type {@code listeners}, {@code routes}, {@code clusters}, {@code endpoints} or {@code
   *     secrets}
   * @return an array of objects in the JSON form of the xDS messages
   */
  public JsonNode proxyConfig(String proxyId, String type) {
    return read("/api/v1/proxies/" + segment(proxyId) + "/config/" + segment(type), JsonNode.class);
  }

  /** How far a proxy followed, resource by resource, those of a type together. */
  public List<ResourceStatus> resources(String proxyId) {
    return List.of(
        read("/api/v1/proxies/" + segment(proxyId) + "/resources", ResourceStatus[].class));
  }

  /** Runtimes: bundles, what proxies run, patches. */
  public RuntimeView runtimes() {
    return read("/api/v1/runtime", RuntimeView.class);
  }

  /** How many bytes of a bundle the control plane has. */
  public long bundleReceived(String digest) {
    return read("/api/v1/runtime/bundles/" + segment(digest), JsonNode.class)
        .path("received")
        .longValue();
  }

  /**
   * Gives the control plane a piece of a bundle, at most {@link #MOST_BUNDLE_BYTES}.
   *
   * @param offset what it has
   * @param last that ends it: it is verified then
   * @return what it has then
   */
  public long sendBundle(String digest, long offset, byte[] piece, boolean last) {
    String path =
        "/api/v1/runtime/bundles/" + segment(digest) + "?offset=" + offset + "&last=" + last;
    return answered(
            path,
            request(path)
                .timeout(VERIFY_TIMEOUT)
                .PUT(HttpRequest.BodyPublishers.ofByteArray(piece))
                .build(),
            JsonNode.class)
        .path("received")
        .longValue();
  }

  /** Begins a patch, or says what it would be. */
  public PatchState patch(PatchRequest asked) {
    String path = "/api/v1/runtime/patches";
    return answered(
        path,
        request(path)
            .timeout(ANSWER_TIMEOUT)
            .POST(HttpRequest.BodyPublishers.ofString(QueryJson.mapper().writeValueAsString(asked)))
            .build(),
        PatchState.class);
  }

  /**
   * Asks something of a patch.
   *
   * @param what {@code pause}, {@code resume} or {@code rollback}
   */
  public PatchState askPatch(String id, String what) {
    String path = "/api/v1/runtime/patches/" + segment(id) + "/" + segment(what);
    return answered(
        path,
        request(path).timeout(ANSWER_TIMEOUT).POST(HttpRequest.BodyPublishers.noBody()).build(),
        PatchState.class);
  }

  /** A graph each second until closed; iterate on one thread, close from any. */
  public GraphWatch watchGraph(Duration window) {
    String path = "/api/v1/graph/watch?windowSeconds=" + seconds(window);
    HttpResponse<InputStream> response =
        send(request(path).build(), HttpResponse.BodyHandlers.ofInputStream());
    if (response.statusCode() != 200) {
      try (InputStream body = response.body()) {
        throw refused(uri(path), response.statusCode(), new String(body.readNBytes(4096), UTF_8));
      } catch (IOException unread) {
        throw refused(uri(path), response.statusCode(), "");
      }
    }
    return new GraphWatch(
        uri(path).toString(),
        new BufferedReader(new InputStreamReader(response.body(), UTF_8)),
        response.body());
  }

  /**
   * The same, handed to {@code onGraph} on a virtual thread. {@code onEnd} is called once, with the
   * failure, or with null after a close or a regular end.
   *
   * @return ends the watch when closed
   */
  public GraphWatch watchGraph(
      Duration window, Consumer<GraphView> onGraph, Consumer<@Nullable MeshQueryException> onEnd) {
    GraphWatch watch = watchGraph(window);
    Thread.ofVirtual()
        .name("graph-watch")
        .start(() -> {
          try (watch) {
            watch.forEachRemaining(onGraph);
            onEnd.accept(null);
          } catch (MeshQueryException failure) {
            onEnd.accept(failure);
          }
        });
    return watch;
  }

  /** Ends every watch of this client too. */
  @Override
  public void close() {
    http.shutdownNow();
    whenClosed.run();
  }

  private <T> T read(String path, Class<T> type) {
    return answered(path, request(path).timeout(ANSWER_TIMEOUT).build(), type);
  }

  private <T> T answered(String path, HttpRequest request, Class<T> type) {
    HttpResponse<String> response = send(request, HttpResponse.BodyHandlers.ofString(UTF_8));
    if (response.statusCode() != 200) {
      throw refused(uri(path), response.statusCode(), response.body());
    }
    try {
      return QueryJson.mapper().readValue(response.body(), type);
    } catch (JacksonException malformed) {
      throw new MeshQueryException.Failed(
          uri(path).toString(),
          "the answer does not read as "
              + type.getSimpleName()
              + ": "
              + malformed.getOriginalMessage(),
          malformed);
    }
  }

  private HttpRequest.Builder request(String path) {
    String token;
    try {
      token = admission.token().token();
    } catch (IOException unreadable) {
      throw new MeshQueryException.Denied(
          uri(path).toString(),
          "the token file cannot be read: " + unreadable,
          admission.fix(),
          unreadable);
    }
    return HttpRequest.newBuilder(uri(path)).header("Authorization", "Bearer " + token);
  }

  private <B> HttpResponse<B> send(HttpRequest request, HttpResponse.BodyHandler<B> handler) {
    String url = request.uri().toString();
    try {
      return http.send(request, handler);
    } catch (SSLException untrusted) {
      throw new MeshQueryException.Untrusted(
          url,
          "the server is not one that the trust bundle verifies: " + untrusted.getMessage(),
          admission.trusted(),
          untrusted);
    } catch (ConnectException refused) {
      throw new MeshQueryException.Unreachable(url, "nothing listens there", refused);
    } catch (HttpTimeoutException late) {
      throw new MeshQueryException.Unreachable(url, "no answer in time", late);
    } catch (IOException broken) {
      throw new MeshQueryException.Unreachable(
          url, "the connection broke: " + broken.getMessage(), broken);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new MeshQueryException.Unreachable(url, "interrupted", interrupted);
    }
  }

  private MeshQueryException refused(URI uri, int status, String body) {
    String why = problem(status, body);
    return switch (status) {
      case 401, 403 -> new MeshQueryException.Denied(uri.toString(), why, admission.fix(), null);
      case 404 -> new MeshQueryException.NotFound(uri.toString(), why);
      default -> new MeshQueryException.Failed(uri.toString(), why, null);
    };
  }

  private static String problem(int status, String body) {
    try {
      JsonNode error = QueryJson.mapper().readTree(body).path("error");
      if (error.isString()) {
        return error.stringValue();
      }
    } catch (JacksonException notJson) {
      // The status alone says it.
    }
    return "HTTP status " + status;
  }

  private URI uri(String path) {
    return URI.create(url + path);
  }

  private static String segment(String text) {
    return URLEncoder.encode(text, UTF_8).replace("+", "%20");
  }

  private static long seconds(Duration window) {
    return Math.max(1, window.toSeconds());
  }

  private static SSLContext trusting(InputStream pem) throws IOException, GeneralSecurityException {
    KeyStore roots = KeyStore.getInstance(KeyStore.getDefaultType());
    roots.load(null, null);
    int next = 0;
    for (Certificate root : CertificateFactory.getInstance("X.509").generateCertificates(pem)) {
      roots.setCertificateEntry("root-" + next++, root);
    }
    if (next == 0) {
      throw new GeneralSecurityException("no certificate in it");
    }
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(roots);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, trust.getTrustManagers(), null);
    return context;
  }

  private static MeshQueryException.Untrusted untrusted(String bundle, Exception unusable) {
    return new MeshQueryException.Untrusted(
        bundle, "cannot be used as a trust bundle: " + unusable.getMessage(), bundle, unusable);
  }
}
