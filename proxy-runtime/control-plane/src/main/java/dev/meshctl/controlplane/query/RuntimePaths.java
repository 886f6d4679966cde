package dev.meshctl.controlplane.query;

import com.sun.net.httpserver.HttpExchange;
import dev.meshctl.bundle.BundleException;
import dev.meshctl.controlplane.patch.RuntimeDesk;
import dev.meshctl.model.query.PatchRequest;
import dev.meshctl.model.query.QueryJson;
import java.io.EOFException;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import tools.jackson.core.JacksonException;

/**
 * {@code /api/v1/runtime}: what operators see and ask of runtimes.
 *
 * <pre>
 * GET  runtime                         RuntimeView
 * GET  runtime/bundles/DIGEST          {"received": BYTES}
 * PUT  runtime/bundles/DIGEST?offset=N[&amp;last=true]   a piece; the same answer
 * POST runtime/patches                 PatchRequest in, PatchState out
 * POST runtime/patches/ID/pause|resume|rollback     PatchState
 * </pre>
 *
 * <p>400 for what does not read, 409 for what cannot be done now, 422 for a bundle that is refused.
 */
final class RuntimePaths {
  /** Of a piece of a bundle, or of a request. */
  static final int MAX_BODY_BYTES = 1 << 20;

  private static final int MOST_SKIPPED_BYTES = 16 << 20;

  private final RuntimeDesk desk;

  RuntimePaths(RuntimeDesk desk) {
    this.desk = desk;
  }

  /**
   * @param parts of the path, {@code runtime} first
   */
  Answer answer(HttpExchange exchange, String[] parts) {
    try {
      return answer(exchange.getRequestMethod() + " " + parts.length, exchange, parts);
    } catch (RuntimeDesk.Refused refused) {
      return Answer.error(409, String.valueOf(refused.getMessage()));
    } catch (BundleException refused) {
      return Answer.error(422, refused.reason() + ": " + refused.getMessage());
    } catch (JacksonException | IllegalArgumentException unreadable) {
      return Answer.error(400, String.valueOf(unreadable.getMessage()));
    } catch (IOException failed) {
      return Answer.error(500, String.valueOf(failed.getMessage()));
    }
  }

  private Answer answer(String shape, HttpExchange exchange, String[] parts)
      throws IOException, RuntimeDesk.Refused {
    String kind = parts.length > 1 ? parts[1] : "";
    return switch (shape) {
      case "GET 1" -> Answer.ok(desk.view());
      case "GET 3" ->
          kind.equals("bundles") ? received(desk.received(parts[2])) : unknown(exchange);
      case "PUT 3" -> kind.equals("bundles") ? piece(exchange, parts[2]) : unknown(exchange);
      case "POST 2" ->
          kind.equals("patches")
              ? Answer.ok(
                  desk.begin(QueryJson.mapper().readValue(body(exchange), PatchRequest.class)))
              : unknown(exchange);
      case "POST 4" ->
          kind.equals("patches")
              ? Answer.ok(desk.ask(URLDecoder.decode(parts[2], StandardCharsets.UTF_8), parts[3]))
              : unknown(exchange);
      default -> unknown(exchange);
    };
  }

  private Answer piece(HttpExchange exchange, String digest)
      throws IOException, RuntimeDesk.Refused {
    Map<String, String> query = new HashMap<>();
    String raw = exchange.getRequestURI().getRawQuery();
    for (String pair : raw == null ? new String[0] : raw.split("&")) {
      String[] sides = pair.split("=", 2);
      query.put(sides[0], sides.length == 2 ? sides[1] : "");
    }
    long offset = Long.parseLong(query.getOrDefault("offset", ""));
    boolean last = query.getOrDefault("last", "").equals("true");
    return received(desk.receive(digest, offset, body(exchange), last));
  }

  private static Answer received(long bytes) {
    return Answer.ok(Map.of("received", bytes));
  }

  private static byte[] body(HttpExchange exchange) throws IOException {
    byte[] body = exchange.getRequestBody().readNBytes(MAX_BODY_BYTES + 1);
    if (body.length > MAX_BODY_BYTES) {
      // Else the connection is reset under who still sends, and the answer with it.
      try {
        exchange.getRequestBody().skipNBytes(MOST_SKIPPED_BYTES);
      } catch (EOFException whole) {
        // As wanted.
      }
      throw new IllegalArgumentException(
          "body: more than " + MAX_BODY_BYTES + " bytes (expected: pieces)");
    }
    return body;
  }

  private static Answer unknown(HttpExchange exchange) {
    return Answer.error(
        404,
        exchange.getRequestMethod()
            + " "
            + exchange.getRequestURI().getPath()
            + ": no such thing here");
  }
}
