package dev.meshctl.samples;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.SocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;

/** Calls other HTTP services, through {@code HTTP_PROXY} where it is set. */
final class HttpCalls implements AutoCloseable {
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);
  private static final Duration TIMEOUT = Duration.ofSeconds(15);

  private final HttpClient client;

  HttpCalls(Settings settings) {
    HttpClient.Builder builder =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(CONNECT_TIMEOUT)
            .executor(Thread::startVirtualThread);
    settings.httpProxy().ifPresent(proxy -> builder.proxy(new Rule(proxy, settings.noProxy())));
    this.client = builder.build();
  }

  /** Blocks for the answer; any status is an answer. */
  Answer get(URI base, String path, TraceContext trace) throws IOException, InterruptedException {
    HttpRequest.Builder request = HttpRequest.newBuilder(base.resolve(path)).timeout(TIMEOUT).GET();
    trace.headers().forEach(request::header);
    HttpResponse<String> response =
        client.send(request.build(), HttpResponse.BodyHandlers.ofString());
    return new Answer(
        response.statusCode(),
        response.headers().firstValue("content-type").orElse("text/plain"),
        response.body());
  }

  @Override
  public void close() {
    client.shutdownNow();
  }

  /** {@code HTTP_PROXY} but for {@code NO_PROXY}. */
  private static final class Rule extends ProxySelector {
    private final List<Proxy> proxied;
    private final List<String> direct;

    Rule(InetSocketAddress proxy, List<String> direct) {
      this.proxied = List.of(new Proxy(Proxy.Type.HTTP, proxy));
      this.direct = direct;
    }

    @Override
    public List<Proxy> select(URI uri) {
      String host = uri.getHost() == null ? "" : uri.getHost();
      for (String suffix : direct) {
        String bare = suffix.startsWith(".") ? suffix.substring(1) : suffix;
        if (suffix.equals("*") || host.equals(bare) || host.endsWith("." + bare)) {
          return List.of(Proxy.NO_PROXY);
        }
      }
      return proxied;
    }

    @Override
    public void connectFailed(URI uri, SocketAddress address, IOException cause) {
      // The caller gets the exception; there is no other proxy to turn to.
    }
  }
}
