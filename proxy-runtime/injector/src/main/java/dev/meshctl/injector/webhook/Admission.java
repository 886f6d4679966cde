package dev.meshctl.injector.webhook;

import java.util.Base64;
import java.util.List;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** {@code admission.k8s.io/v1}: what an API server asks, and what it is answered. */
final class Admission {
  private static final JsonMapper JSON = new JsonMapper();
  private static final String VERSION = "admission.k8s.io/v1";

  private Admission() {}

  /**
   * {@code AdmissionReview.request}.
   *
   * @param uid comes back with the answer
   * @param operation {@code CREATE}, {@code UPDATE}, {@code DELETE}, {@code CONNECT}
   * @param namespace of the object, empty for what has none
   * @param dryRun nothing may be changed elsewhere
   * @param object as it would be stored; empty where the operation has none
   * @param before as it is stored; empty where it is not yet
   */
  record Request(
      String uid,
      String operation,
      String namespace,
      boolean dryRun,
      ObjectNode object,
      ObjectNode before) {
    /** {@code Pod shop/web-1}. */
    String subject() {
      JsonNode metadata = object.path("metadata");
      String name = metadata.path("name").asString("");
      return object.path("kind").asString("")
          + " "
          + (namespace.isEmpty() ? "" : namespace + "/")
          + (name.isEmpty() ? metadata.path("generateName").asString("") : name);
    }
  }

  /** {@code AdmissionReview.response}. */
  sealed interface Answer {
    /** One line each; shown by {@code kubectl}. */
    List<String> warnings();

    /**
     * @param patch operations of a JSON Patch; empty for none
     */
    record Allowed(ArrayNode patch, List<String> warnings) implements Answer {
      public Allowed {
        warnings = List.copyOf(warnings);
      }
    }

    /**
     * @param code of HTTP: 400 for what a user can correct, 500 for a bug of ours
     * @param causes one for each thing that is wrong
     */
    record Denied(int code, String message, List<Cause> causes, List<String> warnings)
        implements Answer {
      public Denied {
        causes = List.copyOf(causes);
        warnings = List.copyOf(warnings);
      }
    }

    /** {@code meta/v1.StatusCause}. */
    record Cause(String reason, String field, String message) {}

    /** Allowed as it is. */
    static Answer asItIs() {
      return new Allowed(JsonNodeFactory.instance.arrayNode(), List.of());
    }
  }

  /**
   * @throws IllegalArgumentException where it is no review that could be answered; the message says
   *     what is missing
   */
  static Request request(byte[] body) {
    JsonNode review;
    try {
      review = JSON.readTree(body);
    } catch (JacksonException malformed) {
      throw new IllegalArgumentException("no JSON: " + malformed.getOriginalMessage(), malformed);
    }
    JsonNode request = review.path("request");
    if (!review.path("apiVersion").asString("").equals(VERSION)
        || !review.path("kind").asString("").equals("AdmissionReview")
        || !request.path("uid").isString()) {
      throw new IllegalArgumentException(
          "not an AdmissionReview of " + VERSION + " with a request");
    }
    return new Request(
        request.path("uid").stringValue(),
        request.path("operation").asString(""),
        request.path("namespace").asString(""),
        request.path("dryRun").asBoolean(false),
        tree(request.path("object")),
        tree(request.path("oldObject")));
  }

  private static ObjectNode tree(JsonNode sent) {
    return sent instanceof ObjectNode object ? object : JsonNodeFactory.instance.objectNode();
  }

  static byte[] review(String uid, Answer answer) {
    ObjectNode response = JsonNodeFactory.instance.objectNode().put("uid", uid);
    switch (answer) {
      case Answer.Allowed(var patch, var warnings) -> {
        response.put("allowed", true);
        if (!patch.isEmpty()) {
          response
              .put("patchType", "JSONPatch")
              .put("patch", Base64.getEncoder().encodeToString(JSON.writeValueAsBytes(patch)));
        }
      }
      case Answer.Denied(var code, var message, var causes, var warnings) -> {
        response.put("allowed", false);
        ObjectNode status = response.putObject("status").put("code", code).put("message", message);
        if (!causes.isEmpty()) {
          ArrayNode list = status.putObject("details").putArray("causes");
          for (Answer.Cause cause : causes) {
            list.addObject()
                .put("reason", cause.reason())
                .put("field", cause.field())
                .put("message", cause.message());
          }
        }
      }
    }
    if (!answer.warnings().isEmpty()) {
      ArrayNode list = response.putArray("warnings");
      answer.warnings().forEach(list::add);
    }
    ObjectNode review = JsonNodeFactory.instance.objectNode();
    review.put("apiVersion", VERSION).put("kind", "AdmissionReview").set("response", response);
    return JSON.writeValueAsBytes(review);
  }
}
