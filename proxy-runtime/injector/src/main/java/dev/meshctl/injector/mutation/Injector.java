package dev.meshctl.injector.mutation;

import dev.meshctl.injector.mutation.Injection.Injected;
import dev.meshctl.injector.mutation.Injection.Reason;
import dev.meshctl.injector.mutation.Injection.Refused;
import dev.meshctl.injector.mutation.Injection.Skipped;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Gives a pod its sidecar: one function, for the webhook that sees pods and for the command that
 * sees what makes them. What a template becomes, its pods become.
 */
public final class Injector {
  /** What a node agent is to redirect: options of the capture program, with blanks between. */
  public static final String CAPTURE = "meshctl.dev/capture";

  private Injector() {}

  /**
   * What becomes of an object. A List's items are objects of their own.
   *
   * @param object only read
   */
  public static Injection inject(
      ObjectNode object, NamespaceLabels namespace, InjectionSettings settings) {
    ObjectNode copy = object.deepCopy();
    Optional<PodSubject> subject = PodSubject.of(copy);
    if (subject.isEmpty()) {
      return new Skipped(Reason.NO_PODS, "it makes no pods");
    }
    PodSubject pod = subject.get();
    Optional<Skipped> not = Decision.against(pod, namespace, settings);
    if (not.isPresent()) {
      return not.get();
    }
    ProxyOptions options = new ProxyOptions(settings, pod);
    if (!options.faults().isEmpty()) {
      return new Refused(ProxyOptions.lines(options.faults()));
    }
    mutate(options);
    return new Injected(copy, options.warnings());
  }

  private static void mutate(ProxyOptions options) {
    ObjectNode template = options.pod().template();
    ObjectNode spec = options.pod().spec();
    label(options, template);

    ArrayNode containers = Trees.entries(spec, "containers");
    Optional<ObjectNode> own = OwnProxy.takenFrom(containers);
    String application = Trees.text(containers.path(0), "name");
    ProbeRewrite rewrite = new ProbeRewrite(options.probePort());
    if (options.rewritesProbes()) {
      each(containers, rewrite);
      each(spec.path("initContainers"), rewrite);
    }
    ObjectNode ours = new ProxyContainer(options).of(rewrite.probes());
    ObjectNode proxy = own.map(written -> OwnProxy.above(ours, written)).orElse(ours);
    place(proxy, options, spec, containers);

    PodVolumes.of(options).forEach(Trees.entries(spec, "volumes")::add);
    for (String secret : options.settings().imagePullSecrets()) {
      ArrayNode secrets = Trees.entries(spec, "imagePullSecrets");
      ObjectNode named = Trees.object("name", secret);
      if (secrets.valueStream().noneMatch(named::equals)) {
        secrets.add(named);
      }
    }
    annotate(options, template, application);
  }

  private static void each(JsonNode containers, ProbeRewrite rewrite) {
    containers.forEach(container -> rewrite.container((ObjectNode) container));
  }

  private static void place(
      ObjectNode proxy, ProxyOptions options, ObjectNode spec, ArrayNode containers) {
    boolean redirects = options.isCaptured(InjectionSettings.Capture.INIT_CONTAINER);
    if (options.isNative()) {
      // Before the pod's own init containers, so that they have the mesh.
      ArrayNode first = Trees.entries(spec, "initContainers");
      first.insert(0, proxy);
      if (redirects) {
        first.insert(0, CaptureContainer.of(options));
      }
      return;
    }
    if (redirects) {
      // Behind them: captured before their proxy runs, they would have no network.
      Trees.entries(spec, "initContainers").add(CaptureContainer.of(options));
    }
    if (options.holdsApplication() || options.isGateway()) {
      containers.insert(0, proxy);
    } else {
      containers.add(proxy);
    }
  }

  private static void label(ProxyOptions options, ObjectNode template) {
    ObjectNode labels = Trees.mapping(Trees.mapping(template, "metadata"), "labels");
    PodSubject pod = options.pod();
    Map<String, String> before = pod.labels();
    if (!options.isGateway()) {
      // Of a gateway, its servers say who speaks TLS.
      absent(labels, "security.istio.io/tlsMode", "istio");
    }
    absent(
        labels,
        "service.istio.io/canonical-name",
        first(before, pod.workload(), "app.kubernetes.io/name", "app"));
    absent(
        labels,
        "service.istio.io/canonical-revision",
        first(before, "latest", "app.kubernetes.io/version", "version"));
  }

  private static String first(Map<String, String> labels, String otherwise, String... names) {
    for (String name : names) {
      String value = labels.getOrDefault(name, "");
      if (!value.isEmpty()) {
        return value;
      }
    }
    return otherwise;
  }

  private static void annotate(ProxyOptions options, ObjectNode template, String application) {
    ObjectNode annotations = Trees.mapping(Trees.mapping(template, "metadata"), "annotations");
    if (!application.isEmpty()) {
      absent(annotations, "kubectl.kubernetes.io/default-container", application);
    }
    if (options.isCaptured(InjectionSettings.Capture.NODE_AGENT)) {
      annotations.put(CAPTURE, CaptureContainer.words(options));
    }
    ObjectNode status = Trees.object();
    status.put("revision", options.settings().revision());
    status.put("sidecar", options.isNative() ? "native" : "container");
    status.set("volumes", names(PodVolumes.of(options)));
    annotations.put(Decision.STATUS, status.toString());
  }

  private static ArrayNode names(ArrayNode entries) {
    ArrayNode names = Trees.list();
    entries.forEach(entry -> names.add(Trees.text(entry, "name")));
    return names;
  }

  private static void absent(ObjectNode mapping, String field, String value) {
    if (!mapping.has(field)) {
      mapping.put(field, value);
    }
  }
}
