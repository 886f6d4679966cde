package dev.meshctl.injector.webhook;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsParameters;
import com.sun.net.httpserver.HttpsServer;
import dev.meshctl.identity.CurrentIdentity;
import dev.meshctl.injector.mutation.InjectionSettings;
import dev.meshctl.injector.webhook.Admission.Answer;
import dev.meshctl.model.resource.MeshResource;
import dev.meshctl.model.source.Located;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import tools.jackson.databind.node.JsonNodeFactory;

/**
 * The HTTPS server that an API server asks: {@code POST /inject} gives pods their sidecar, {@code
 * POST /validate} looks at configuration. Below both any further path is taken, since installations
 * tell clusters apart by it.
 *
 * <p>Thread: a virtual thread a request; as many requests as memory bears at once, each with a
 * deadline.
 */
public final class InjectionWebhook implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(InjectionWebhook.class.getName());

  /** What an API server takes of an object, and the review around it. */
  private static final int MAX_BODY_BYTES = 4 << 20;

  private static final int MAX_REQUESTS = 64;

  private final HttpsServer server;
  private final ExecutorService threads;
  private final ScheduledExecutorService deadlines;
  private final Semaphore places = new Semaphore(MAX_REQUESTS);
  private final Settings settings;
  private final PodAdmission pods;
  private final ConfigAdmission configs;

  /**
   * What a webhook needs.
   *
   * @param address port 0 picks one
   * @param identity presented to API servers, the newest at each handshake
   * @param injection settings as they are now
   * @param namespaces labels of a namespace by its name; empty where they are not known (yet)
   * @param trustDomain of the mesh
   * @param rootNamespace of the mesh
   * @param mesh what the cluster holds now, for warnings; empty where it is not known
   * @param events where refusals are told
   * @param deadline of one request; shorter than the API server's patience (ten seconds by default)
   */
  public record Settings(
      InetSocketAddress address,
      CurrentIdentity identity,
      Supplier<InjectionSettings> injection,
      Function<String, Optional<Map<String, String>>> namespaces,
      String trustDomain,
      String rootNamespace,
      Supplier<Collection<Located<? extends MeshResource>>> mesh,
      AdmissionEvents events,
      Duration deadline) {}

  private InjectionWebhook(HttpsServer server, Settings settings) {
    this.server = server;
    this.settings = settings;
    this.threads =
        Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("webhook-", 0).factory());
    this.deadlines =
        Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("webhook-deadlines").factory());
    this.pods = new PodAdmission(settings.injection(), settings.namespaces(), settings.events());
    this.configs =
        new ConfigAdmission(settings.trustDomain(), settings.rootNamespace(), settings.mesh());
  }

  /**
   * Starts to answer.
   *
   * @throws IOException where the address cannot be bound; the message names it
   */
  public static InjectionWebhook start(Settings settings) throws IOException {
    HttpsServer server;
    try {
      server = HttpsServer.create(settings.address(), 0);
    } catch (IOException taken) {
      throw new IOException(
          "the webhook cannot listen at " + settings.address() + ": " + taken.getMessage(), taken);
    }
    server.setHttpsConfigurator(new Tls(context(settings.identity())));
    InjectionWebhook webhook = new InjectionWebhook(server, settings);
    server.setExecutor(webhook.threads);
    server.createContext("/inject", exchange -> webhook.handle(exchange, webhook::inject));
    server.createContext(
        "/validate", exchange -> webhook.handle(exchange, webhook.configs::answer));
    server.start();
    return webhook;
  }

  /** Where it listens. */
  public InetSocketAddress address() {
    return server.getAddress();
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
    deadlines.shutdownNow();
  }

  private Answer inject(Admission.Request request) {
    try {
      return pods.answer(request);
    } catch (RuntimeException bug) {
      LOG.log(System.Logger.Level.ERROR, "no sidecar was made for " + request.subject(), bug);
      return pods.bug(request, bug);
    }
  }

  private void handle(HttpExchange exchange, Function<Admission.Request, Answer> admission)
      throws IOException {
    if (!places.tryAcquire()) {
      try (exchange) {
        send(exchange, 429, "too many requests at once");
      }
      return;
    }
    ScheduledFuture<?> deadline =
        deadlines.schedule(exchange::close, settings.deadline().toMillis(), TimeUnit.MILLISECONDS);
    try (exchange) {
      if (!exchange.getRequestMethod().equals("POST")) {
        exchange.getResponseHeaders().set("Allow", "POST");
        send(exchange, 405, "only POST is understood");
        return;
      }
      byte[] body;
      try (InputStream in = exchange.getRequestBody()) {
        body = in.readNBytes(MAX_BODY_BYTES + 1);
      }
      if (body.length > MAX_BODY_BYTES) {
        send(exchange, 413, "more than " + MAX_BODY_BYTES + " bytes");
        return;
      }
      answer(exchange, body, admission);
    } finally {
      deadline.cancel(false);
      places.release();
    }
  }

  private static void answer(
      HttpExchange exchange, byte[] body, Function<Admission.Request, Answer> admission)
      throws IOException {
    Admission.Request request;
    try {
      request = Admission.request(body);
    } catch (IllegalArgumentException unanswerable) {
      send(exchange, 400, String.valueOf(unanswerable.getMessage()));
      return;
    }
    Answer answer;
    try {
      answer = admission.apply(request);
    } catch (RuntimeException bug) {
      // Configuration passes: a cluster that cannot be changed is worse than an unread object.
      LOG.log(System.Logger.Level.ERROR, request.subject() + " was not looked at", bug);
      answer =
          new Answer.Allowed(
              JsonNodeFactory.instance.arrayNode(),
              List.of("meshctl could not look at it, which is a bug of it: " + bug));
    }
    exchange.getResponseHeaders().set("Content-Type", "application/json");
    send(exchange, 200, Admission.review(request.uid(), answer));
  }

  private static void send(HttpExchange exchange, int status, String text) throws IOException {
    exchange.getResponseHeaders().set("Content-Type", "text/plain");
    send(exchange, status, text.getBytes(StandardCharsets.UTF_8));
  }

  private static void send(HttpExchange exchange, int status, byte[] body) throws IOException {
    exchange.sendResponseHeaders(status, body.length);
    exchange.getResponseBody().write(body);
  }

  private static SSLContext context(CurrentIdentity identity) {
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(new KeyManager[] {identity.keyManager()}, null, null);
      return context;
    } catch (GeneralSecurityException broken) {
      throw new IllegalStateException("this JDK has no TLS", broken);
    }
  }

  private static final class Tls extends HttpsConfigurator {
    Tls(SSLContext context) {
      super(context);
    }

    @Override
    public void configure(HttpsParameters parameters) {
      SSLParameters ssl = getSSLContext().getDefaultSSLParameters();
      ssl.setProtocols(new String[] {"TLSv1.3", "TLSv1.2"});
      parameters.setSSLParameters(ssl);
    }
  }
}
