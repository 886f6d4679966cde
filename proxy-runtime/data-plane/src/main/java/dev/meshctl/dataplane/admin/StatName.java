package dev.meshctl.dataplane.admin;

/**
 * The name of a statistic, as Envoy's text has it and as Envoy tells it to Prometheus.
 *
 * @param scope whose it is
 * @param name of that one, empty for {@link Scope#NONE}
 * @param rest for example {@code upstream_rq_2xx}
 */
public record StatName(Scope scope, String name, String rest) {
  /** What the first part of a name says, and the label that takes the second. */
  public enum Scope {
    NONE("", ""),
    CLUSTER("cluster", "envoy_cluster_name"),
    HTTP("http", "envoy_http_conn_manager_prefix"),
    LISTENER("listener", "envoy_listener_address");

    private final String text;
    private final String label;

    Scope(String text, String label) {
      this.text = text;
      this.label = label;
    }
  }

  /** Of the proxy as a whole. */
  public static StatName of(String text) {
    return new StatName(Scope.NONE, "", text);
  }

  /** For example {@code cluster.reviews.upstream_rq_2xx}. */
  public String text() {
    return scope == Scope.NONE ? rest : scope.text + "." + name + "." + rest;
  }

  /** For example {@code envoy_cluster_upstream_rq_xx}. */
  String family() {
    String plain = hasClass() ? rest.substring(0, rest.length() - 3) + "xx" : rest;
    String prefix = scope == Scope.NONE ? "envoy_" : "envoy_" + scope.text + "_";
    return prefix + plain.replaceAll("[^a-zA-Z0-9_]", "_");
  }

  /** For example {@code envoy_response_code_class="2",envoy_cluster_name="reviews"}. */
  String labels() {
    String code =
        hasClass() ? "envoy_response_code_class=\"" + rest.charAt(rest.length() - 3) + "\"" : "";
    String whose =
        scope == Scope.NONE
            ? ""
            : scope.label + "=\"" + name.replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
    return code.isEmpty() || whose.isEmpty() ? code + whose : code + "," + whose;
  }

  private boolean hasClass() {
    return rest.matches(".*_rq_[1-5]xx");
  }
}
