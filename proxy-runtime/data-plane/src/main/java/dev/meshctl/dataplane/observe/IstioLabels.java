package dev.meshctl.dataplane.observe;

import dev.meshctl.dataplane.observe.EdgeLabels.Reporter;
import dev.meshctl.model.telemetry.EdgeKey;
import dev.meshctl.model.xds.LoadAssignment.WorkloadRef;

/**
 * The standard labels (https://istio.io/latest/docs/reference/config/metrics/) as text. What is not
 * known is {@code unknown}. Unlike Istio, the calling side too says whether the connection was
 * mutual TLS, since it knows.
 */
final class IstioLabels {
  private static final String UNKNOWN = "unknown";

  private final StringBuilder text = new StringBuilder(768);

  private IstioLabels() {}

  static String http(EdgeLabels labels, EdgeDelta.Answer answer) {
    IstioLabels all = new IstioLabels().edge(labels);
    all.add("response_code", Integer.toString(answer.status()));
    all.add(
        "grpc_response_status",
        answer.grpcStatus() < 0 ? "" : Integer.toString(answer.grpcStatus()));
    String flags = ResponseFlag.text(answer.flags());
    return all.add("response_flags", flags.isEmpty() ? "-" : flags).text.toString();
  }

  static String tcp(EdgeLabels labels) {
    return new IstioLabels().edge(labels).add("response_flags", "-").text.toString();
  }

  private IstioLabels edge(EdgeLabels labels) {
    EdgeKey key = labels.key();
    add("reporter", labels.reporter() == Reporter.SOURCE ? "source" : "destination");
    workload("source", key.source(), labels.sourcePrincipal());
    workload("destination", key.destination(), labels.destinationPrincipal());
    service(key);
    add("request_protocol", protocol(key.protocol()));
    return add("connection_security_policy", key.mtls() ? "mutual_tls" : "none");
  }

  private void workload(String side, WorkloadRef ref, String principal) {
    known(side + "_workload", ref.name());
    known(side + "_workload_namespace", ref.namespace());
    known(side + "_principal", principal);
    known(side + "_app", ref.app());
    known(side + "_version", ref.version());
    known(side + "_canonical_service", ref.app().isEmpty() ? ref.name() : ref.app());
    add(side + "_canonical_revision", ref.version().isEmpty() ? "latest" : ref.version());
    known(side + "_cluster", "");
  }

  /** {@code reviews.default.svc.cluster.local} has name and namespace; other hosts a name only. */
  private void service(EdgeKey key) {
    String host = key.destinationService();
    String[] parts = host.split("\\.", 4);
    boolean inCluster = parts.length >= 3 && parts[2].equals("svc");
    known("destination_service", host);
    known("destination_service_name", inCluster ? parts[0] : host);
    known("destination_service_namespace", inCluster ? parts[1] : key.destination().namespace());
  }

  private static String protocol(EdgeKey.Protocol protocol) {
    return switch (protocol) {
      case HTTP1, HTTP2 -> "http";
      case GRPC -> "grpc";
      case TCP -> "tcp";
    };
  }

  private void known(String name, String value) {
    add(name, value.isEmpty() ? UNKNOWN : value);
  }

  private IstioLabels add(String name, String value) {
    if (!text.isEmpty()) {
      text.append(',');
    }
    text.append(name).append("=\"");
    value
        .chars()
        .forEach(c -> {
          switch (c) {
            case '\\' -> text.append("\\\\");
            case '"' -> text.append("\\\"");
            case '\n' -> text.append("\\n");
            default -> text.append((char) c);
          }
        });
    text.append('"');
    return this;
  }
}
