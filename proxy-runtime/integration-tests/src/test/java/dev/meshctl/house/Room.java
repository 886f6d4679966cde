package dev.meshctl.house;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The rooms of the house and whom each may import. A package belongs to the room with the longest
 * matching prefix.
 */
enum Room {
  TLS("dev.meshctl.model.tls", "certificates and keys are read alike wherever they are met"),
  RESOURCE("dev.meshctl.model.resource", "what users write stands below everything", "TLS"),
  SOURCE(
      "dev.meshctl.model.source",
      "reading knows positions and findings, not what follows from them",
      "TLS",
      "RESOURCE",
      "VALIDATION"),
  VALIDATION(
      "dev.meshctl.model.validation",
      "a mesh is validated from what was read, with the look-ups that translation uses too",
      "TLS",
      "RESOURCE",
      "SOURCE",
      "TRAFFIC",
      "FACTS",
      "ROUTING_CHECKS",
      "WORKLOAD_CHECKS",
      "SECURITY_CHECKS"),
  FACTS(
      "dev.meshctl.model.validation.facts",
      "all checks look at the same facts, and tell in one form",
      "RESOURCE",
      "SOURCE",
      "TRAFFIC",
      "VALIDATION"),
  ROUTING_CHECKS(
      "dev.meshctl.model.validation.routing",
      "a check is understood without those of other subjects",
      "RESOURCE",
      "SOURCE",
      "TRAFFIC",
      "VALIDATION",
      "FACTS"),
  WORKLOAD_CHECKS(
      "dev.meshctl.model.validation.workloads",
      "a check is understood without those of other subjects",
      "RESOURCE",
      "SOURCE",
      "TRAFFIC",
      "VALIDATION",
      "FACTS"),
  SECURITY_CHECKS(
      "dev.meshctl.model.validation.security",
      "a check is understood without those of other subjects",
      "TLS",
      "RESOURCE",
      "SOURCE",
      "TRAFFIC",
      "VALIDATION",
      "FACTS"),
  TRAFFIC(
      "dev.meshctl.model.traffic",
      "look-ups and edits work on validated resources, before any proxy is thought of",
      "RESOURCE",
      "SOURCE",
      "VALIDATION"),
  XDS(
      "dev.meshctl.model.xds",
      "translation reads the mesh and knows neither protobuf nor who serves it",
      "TLS",
      "RESOURCE",
      "SOURCE",
      "VALIDATION",
      "TRAFFIC"),
  WIRE(
      "dev.meshctl.model.wire",
      "protobuf to and from records, and the YAML of an Envoy bootstrap",
      "TLS",
      "SOURCE",
      "VALIDATION",
      "XDS",
      "TELEMETRY",
      "PATCH"),
  MATCH("dev.meshctl.model.match", "the one evaluator compiles what a proxy is told", "XDS"),
  EXPLAIN(
      "dev.meshctl.model.explain",
      "an explanation asks translation and evaluator, which know nothing of it",
      "RESOURCE",
      "SOURCE",
      "VALIDATION",
      "TRAFFIC",
      "XDS",
      "MATCH"),
  PATCH(
      "dev.meshctl.model.patch",
      "which proxy is ordered what follows from reports and commands alone",
      "XDS"),
  STATUS(
      "dev.meshctl.model.status",
      "what is said of an object follows from what was read, not from any proxy",
      "RESOURCE",
      "SOURCE",
      "VALIDATION",
      "TRAFFIC"),
  COMPARE(
      "dev.meshctl.model.compare",
      "two configurations are compared by what proxies compile of them, and told as explain tells",
      "RESOURCE",
      "SOURCE",
      "VALIDATION",
      "TRAFFIC",
      "XDS",
      "MATCH",
      "EXPLAIN"),
  TELEMETRY("dev.meshctl.model.telemetry", "measurements name workloads as endpoints do", "XDS"),
  QUERY(
      "dev.meshctl.model.query",
      "clients see views, never the mesh's inside",
      "VALIDATION",
      "SOURCE",
      "RESOURCE",
      "PATCH",
      "XDS"),
  TOPOLOGY(
      "dev.meshctl.model.topology",
      "the graph joins configuration with measurement into a view",
      "RESOURCE",
      "SOURCE",
      "VALIDATION",
      "TRAFFIC",
      "XDS",
      "TELEMETRY",
      "QUERY"),

  CLUSTER(
      "dev.meshctl.cluster",
      "whoever asks Kubernetes asks here, and it knows objects only, not what a mesh makes of them",
      "VALIDATION"),
  CLUSTER_READING(
      "dev.meshctl.cluster.reading",
      "what is read of a cluster is what files hold",
      "CLUSTER",
      "RESOURCE",
      "SOURCE",
      "VALIDATION"),
  CLUSTER_PATCH(
      "dev.meshctl.cluster.patch",
      "an object of a cluster is one more way to write down what a patch is",
      "CLUSTER",
      "PATCH",
      "XDS",
      "QUERY"),
  NET(
      "dev.meshctl.net",
      "transports know what TLS settings mean, not where they come from",
      "TLS",
      "XDS"),
  XDS_CLIENT(
      "dev.meshctl.xdsclient",
      "the stream hands whole snapshots on and knows no proxy",
      "NET",
      "XDS",
      "WIRE"),
  IDENTITY("dev.meshctl.identity", "certificates serve any process of ours", "NET", "WIRE", "XDS"),
  DATA_PLANE(
      "dev.meshctl.dataplane",
      "the proxy takes all it knows from xDS records, so it never meets protobuf or YAML",
      "XDS_CLIENT",
      "NET",
      "XDS",
      "MATCH",
      "TELEMETRY"),
  CONTROL_PLANE(
      "dev.meshctl.controlplane",
      "it meets the data plane in model.xds and on the wire only",
      "CLUSTER",
      "CLUSTER_READING",
      "CLUSTER_PATCH",
      "IDENTITY",
      "BUNDLE",
      "NET",
      "RESOURCE",
      "SOURCE",
      "VALIDATION",
      "TRAFFIC",
      "XDS",
      "WIRE",
      "TELEMETRY",
      "PATCH",
      "QUERY",
      "STATUS",
      "TOPOLOGY"),
  INJECTOR_MUTATION(
      "dev.meshctl.injector.mutation",
      "what a pod becomes follows from what is written, whoever asks",
      "RESOURCE",
      "SOURCE",
      "VALIDATION"),
  NODE(
      "dev.meshctl.capture.node",
      "a node's rules follow from the Services and endpoints that the mesh reads, too",
      "RESOURCE",
      "SOURCE",
      "VALIDATION",
      "XDS"),
  BUNDLE(
      "dev.meshctl.bundle", "what decides whether a runtime may run depends on nothing that runs"),
  IMAGE("dev.meshctl.image", "an image is made of files, whoever runs it", "BUNDLE"),
  INJECTOR_WEBHOOK(
      "dev.meshctl.injector.webhook",
      "an API server is answered by the injector and by what analyze knows",
      "INJECTOR_MUTATION",
      "IDENTITY",
      "RESOURCE",
      "SOURCE",
      "VALIDATION"),
  CAPTURE(
      "dev.meshctl.capture",
      "rules are pure functions of what is to be captured",
      "XDS",
      "RESOURCE"),
  APP(
      "dev.meshctl.app",
      "mains wire both planes together and hold nothing else",
      "CLUSTER",
      "DATA_PLANE",
      "CONTROL_PLANE",
      "XDS_CLIENT",
      "IDENTITY",
      "CAPTURE",
      "INJECTOR_MUTATION",
      "INJECTOR_WEBHOOK",
      "NODE",
      "BUNDLE",
      "NET",
      "RESOURCE",
      "SOURCE",
      "VALIDATION",
      "XDS",
      "WIRE",
      "MATCH",
      "TELEMETRY",
      "PATCH",
      "QUERY"),

  CLI(
      "dev.meshctl.cli",
      "the CLI starts the runtime as processes; it shares only its configuration records",
      "CLUSTER",
      "CLUSTER_READING",
      "CLUSTER_PATCH",
      "APP_CONFIG",
      "IDENTITY",
      "CAPTURE",
      "INJECTOR_MUTATION",
      "NODE",
      "BUNDLE",
      "IMAGE",
      "RESOURCE",
      "SOURCE",
      "VALIDATION",
      "TRAFFIC",
      "XDS",
      "EXPLAIN",
      "STATUS",
      "COMPARE",
      "QUERY",
      "TOPOLOGY",
      "TELEMETRY",
      "PATCH"),
  APP_CONFIG("dev.meshctl.app.config", "records that launcher and mains share", "XDS"),
  CONSOLE(
      "dev.meshctl.console",
      "the console is the shared core with a face",
      "CLUSTER",
      "RESOURCE",
      "SOURCE",
      "VALIDATION",
      "TRAFFIC",
      "QUERY",
      "TOPOLOGY"),
  SAMPLES("dev.meshctl.samples", "sample services know nothing of the mesh");

  private final String prefix;
  private final String because;
  private final Set<String> mayImport;

  Room(String prefix, String because, String... mayImport) {
    this.prefix = prefix;
    this.because = because;
    this.mayImport = Set.of(mayImport);
  }

  String because() {
    return because;
  }

  boolean mayImport(Room other) {
    return other == this
        || mayImport.contains(other.name())
        || (this == APP && other == APP_CONFIG);
  }

  /** The room of a package, if any claims it. */
  static Optional<Room> of(String packageName) {
    return Arrays.stream(values())
        .filter(
            room -> packageName.equals(room.prefix) || packageName.startsWith(room.prefix + "."))
        .max(Comparator.comparingInt(room -> room.prefix.length()));
  }

  static List<String> unknownNames() {
    List<String> known = Arrays.stream(values()).map(Enum::name).toList();
    return Arrays.stream(values())
        .flatMap(room -> room.mayImport.stream())
        .filter(name -> !known.contains(name))
        .toList();
  }
}
