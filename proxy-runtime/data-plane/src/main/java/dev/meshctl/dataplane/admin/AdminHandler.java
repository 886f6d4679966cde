package dev.meshctl.dataplane.admin;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Guards and dispatches. A browser that was led here by another site is refused: by {@code Host},
 * which must be loopback's own name (DNS rebinding), and by {@code Origin} and {@code
 * Sec-Fetch-Site}. What changes anything wants POST.
 */
final class AdminHandler implements HttpHandler {
  private static final System.Logger LOG = System.getLogger(AdminHandler.class.getName());

  /** Lengths as {@link HttpExchange#sendResponseHeaders} has them. */
  private static final int NO_BODY = -1;

  private static final int CHUNKED = 0;

  private final AdminPaths paths;

  AdminHandler(AdminPaths paths) {
    this.paths = paths;
  }

  @Override
  public void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      send(exchange, answer(exchange));
    }
  }

  private AdminReply answer(HttpExchange exchange) {
    Headers headers = exchange.getRequestHeaders();
    if (!isOwnHost(headers.getFirst("Host"))) {
      return AdminReply.refused("Host is not an address of loopback");
    }
    if (isForeign(headers)) {
      return AdminReply.refused("the request comes from another site");
    }
    AdminPaths.Path path = paths.find(exchange.getRequestURI().getPath());
    if (path == null) {
      return AdminReply.text(404, "invalid path. " + paths.help());
    }
    // As in Envoy, what only reads takes POST too.
    String method = exchange.getRequestMethod();
    boolean posted = method.equals("POST");
    boolean read = method.equals("GET") || method.equals("HEAD");
    if (!posted && (path.mutates() || !read)) {
      String wanted = path.mutates() ? "POST" : "GET";
      return AdminReply.text(405, "Method %s not allowed, %s required.".formatted(method, wanted));
    }
    return run(path, exchange, headers);
  }

  private static AdminReply run(AdminPaths.Path path, HttpExchange exchange, Headers headers) {
    String accept = headers.getFirst("Accept");
    AdminQuery query =
        AdminQuery.of(exchange.getRequestURI().getRawQuery(), accept == null ? "" : accept);
    try {
      return path.action().apply(query);
    } catch (IllegalArgumentException e) {
      return AdminReply.text(400, e.getMessage() + "\n");
    } catch (RuntimeException e) {
      LOG.log(System.Logger.Level.WARNING, "admin " + path.name() + " failed", e);
      return AdminReply.text(500, "failed; see the proxy's log\n");
    }
  }

  private static boolean isOwnHost(@Nullable String host) {
    if (host == null) {
      return false;
    }
    int colon = host.lastIndexOf(':');
    String name = colon > host.lastIndexOf(']') ? host.substring(0, colon) : host;
    return name.equalsIgnoreCase("localhost")
        || name.equals("[::1]")
        || name.matches("127(\\.[0-9]{1,3}){3}");
  }

  private static boolean isForeign(Headers headers) {
    String origin = headers.getFirst("Origin");
    String site = headers.getFirst("Sec-Fetch-Site");
    boolean sameOrigin = origin == null || origin.equals("http://" + headers.getFirst("Host"));
    return !sameOrigin || (site != null && !site.equals("same-origin") && !site.equals("none"));
  }

  private static void send(HttpExchange exchange, AdminReply reply) throws IOException {
    Headers headers = exchange.getResponseHeaders();
    headers.set("Content-Type", reply.contentType());
    headers.set("Cache-Control", "no-cache, max-age=0");
    headers.set("X-Content-Type-Options", "nosniff");
    if (exchange.getRequestMethod().equals("HEAD")) {
      exchange.sendResponseHeaders(reply.status(), NO_BODY);
      reply.afterwards().run();
      return;
    }
    switch (reply.body()) {
      case AdminReply.Body.Text(String text) -> {
        byte[] body = text.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(reply.status(), body.length == 0 ? NO_BODY : body.length);
        if (body.length > 0) {
          try (OutputStream out = exchange.getResponseBody()) {
            out.write(body);
          }
        }
      }
      case AdminReply.Body.Pieces(AdminReply.Writing writing) -> {
        exchange.sendResponseHeaders(reply.status(), CHUNKED);
        try (OutputStream out = new BufferedOutputStream(exchange.getResponseBody())) {
          writing.to(out);
        }
      }
    }
    reply.afterwards().run();
  }
}
