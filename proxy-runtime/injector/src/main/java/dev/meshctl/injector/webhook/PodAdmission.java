package dev.meshctl.injector.webhook;

import dev.meshctl.injector.mutation.Injection;
import dev.meshctl.injector.mutation.InjectionSettings;
import dev.meshctl.injector.mutation.Injector;
import dev.meshctl.injector.mutation.NamespaceLabels;
import dev.meshctl.injector.webhook.Admission.Answer;
import dev.meshctl.model.source.tree.JsonPatch;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Gives pods their sidecar as they are created. */
final class PodAdmission {
  private final Supplier<InjectionSettings> settings;
  private final Function<String, Optional<Map<String, String>>> namespaces;
  private final AdmissionEvents events;

  /**
   * @param namespaces labels of a namespace by its name; empty where they are not known (yet)
   */
  PodAdmission(
      Supplier<InjectionSettings> settings,
      Function<String, Optional<Map<String, String>>> namespaces,
      AdmissionEvents events) {
    this.settings = settings;
    this.namespaces = namespaces;
    this.events = events;
  }

  Answer answer(Admission.Request request) {
    ObjectNode pod = request.object();
    boolean isNew = request.operation().equals("CREATE");
    if (!isNew || !pod.path("kind").asString("").equals("Pod")) {
      return Answer.asItIs();
    }
    InjectionSettings now = settings.get();
    // Where the labels are not known the API server's own selectors have looked at them.
    NamespaceLabels namespace =
        namespaces
            .apply(request.namespace())
            .map(labels -> new NamespaceLabels(request.namespace(), labels))
            .orElseGet(() -> NamespaceLabels.asking(request.namespace(), now));
    return switch (Injector.inject(pod, namespace, now)) {
      case Injection.Injected(var object, var warnings) ->
          new Answer.Allowed(JsonPatch.between(pod, object), warnings);
      case Injection.Skipped skipped -> Answer.asItIs();
      case Injection.Refused(var problems) -> {
        String message = "no sidecar can be made: " + String.join("; ", problems);
        report(request, message);
        yield new Answer.Denied(400, message, List.of(), List.of());
      }
    };
  }

  /** What is said of a pod for which this code has no answer. */
  Answer bug(Admission.Request request, RuntimeException bug) {
    String message =
        "meshctl could not make the sidecar, which is a bug of it ("
            + bug
            + "); to create the pod without one, label it sidecar.istio.io/inject: \"false\"";
    report(request, message);
    return new Answer.Denied(500, message, List.of(), List.of());
  }

  private void report(Admission.Request request, String message) {
    if (request.dryRun()) {
      return;
    }
    String kind = "Pod";
    String name = request.object().path("metadata").path("name").asString("");
    for (JsonNode owner : request.object().path("metadata").path("ownerReferences")) {
      if (owner.path("controller").asBoolean(false)) {
        kind = owner.path("kind").asString("");
        name = owner.path("name").asString("");
      }
    }
    events.refused(request.namespace(), kind, name, message);
  }
}
