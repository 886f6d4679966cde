package dev.meshctl.cluster;

import dev.meshctl.cluster.ClusterException.Reason;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.HttpResponse;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import javax.net.ssl.SSLException;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * One request, one answer, as trees; with the credentials, the renewal and the retries of the
 * Kubernetes client. Its typed operations would lose fields they do not know.
 */
final class Rest {
  private static final Duration LONGEST = Duration.ofSeconds(40);
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final Supplier<KubernetesClient> client;
  private final URI server;

  Rest(Supplier<KubernetesClient> client, URI server) {
    this.client = client;
    this.server = server;
  }

  /**
   * @param path below the server's, with its query: {@code api/v1/pods?limit=500}
   * @param doing for messages: {@code list Pod}
   */
  record Call(String method, String path, Optional<Body> body, String doing) {
    static Call get(String path, String doing) {
      return new Call("GET", path, Optional.empty(), doing);
    }

    static Call post(String path, ObjectNode body, String doing) {
      return new Call("POST", path, Optional.of(new Body("application/json", body)), doing);
    }
  }

  record Body(String type, JsonNode tree) {}

  /**
   * @throws ClusterException for every answer that is not a success
   */
  ObjectNode send(Call call) throws ClusterException {
    HttpResponse<byte[]> response = exchange(call);
    if (!response.isSuccessful()) {
      throw refusal(call, response);
    }
    return tree(call, response);
  }

  /** As {@link #send}; empty where there is no such thing. */
  Optional<ObjectNode> find(Call call) throws ClusterException {
    try {
      return Optional.of(send(call));
    } catch (ClusterException failed) {
      if (failed.reason() == Reason.NOT_FOUND) {
        return Optional.empty();
      }
      throw failed;
    }
  }

  private HttpResponse<byte[]> exchange(Call call) throws ClusterException {
    KubernetesClient open = client.get();
    HttpRequest.Builder request =
        open.getHttpClient().newHttpRequestBuilder().uri(server.resolve(call.path()));
    if (call.body().isPresent()) {
      Body body = call.body().get();
      request.method(call.method(), body.type(), JSON.writeValueAsString(body.tree()));
    } else if (call.method().equals("DELETE")) {
      request.delete("application/json", "{}");
    }
    CompletableFuture<HttpResponse<byte[]>> answer =
        open.getHttpClient().sendAsync(request.build(), byte[].class);
    try {
      return answer.get(LONGEST.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException failed) {
      throw unreachable(call, failed.getCause() == null ? failed : failed.getCause());
    } catch (TimeoutException late) {
      answer.cancel(true);
      throw unreachable(call, late);
    } catch (InterruptedException interrupted) {
      answer.cancel(true);
      Thread.currentThread().interrupt();
      throw new ClusterException(
          Reason.UNREACHABLE, "could not " + call.doing() + ": interrupted", interrupted);
    }
  }

  private ObjectNode tree(Call call, HttpResponse<byte[]> response) throws ClusterException {
    try {
      if (JSON.readTree(response.body()) instanceof ObjectNode object) {
        return object;
      }
    } catch (JacksonException notJson) {
      // Told below, with what came.
    }
    throw new ClusterException(
        Reason.SERVER,
        "could not "
            + call.doing()
            + ": "
            + server
            + " answered with something other than JSON; is it a Kubernetes API?");
  }

  private ClusterException unreachable(Call call, Throwable cause) {
    String why = rootMessage(cause);
    String fix =
        cause instanceof SSLException || rootOf(cause) instanceof SSLException
            ? "its certificate is not one that the kubeconfig trusts"
            : "is the cluster up, and is this its address?";
    return new ClusterException(
        Reason.UNREACHABLE,
        "could not " + call.doing() + ": no answer from " + server + " (" + why + "); " + fix,
        cause);
  }

  private ClusterException refusal(Call call, HttpResponse<byte[]> response) {
    String said = said(response.body());
    String what = "could not " + call.doing() + ": ";
    return switch (response.code()) {
      case 401 ->
          new ClusterException(
              Reason.UNAUTHORIZED,
              what
                  + server
                  + " does not know these credentials ("
                  + said
                  + "); log in again, or choose another context");
      case 403 ->
          new ClusterException(Reason.FORBIDDEN, what + said + "; ask for a role that allows it");
      case 404 -> new ClusterException(Reason.NOT_FOUND, what + said);
      case 409 -> new ClusterException(Reason.CONFLICT, what + said);
      case 410 -> new ClusterException(Reason.EXPIRED, what + said);
      case 400, 422 -> new ClusterException(Reason.INVALID, what + said);
      default ->
          new ClusterException(
              Reason.SERVER,
              what + said + " (HTTP " + response.code() + "); see the API server's log");
    };
  }

  /** The message of the Status object, else the text itself. */
  private static String said(byte[] body) {
    String text = new String(body, StandardCharsets.UTF_8).strip();
    try {
      JsonNode message = JSON.readTree(text).path("message");
      return message.isString() ? message.stringValue() : text;
    } catch (JacksonException plainText) {
      return text;
    }
  }

  private static Throwable rootOf(Throwable failure) {
    Throwable root = failure;
    while (root.getCause() != null && root.getCause() != root) {
      root = root.getCause();
    }
    return root;
  }

  private static String rootMessage(Throwable failure) {
    Throwable root = rootOf(failure);
    if (root instanceof java.nio.channels.ClosedChannelException
        || root instanceof java.net.ConnectException) {
      return "connection refused";
    }
    String message = root.getMessage();
    return message == null || message.isBlank() ? root.getClass().getSimpleName() : message;
  }
}
