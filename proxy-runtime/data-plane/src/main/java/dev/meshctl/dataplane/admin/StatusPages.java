package dev.meshctl.dataplane.admin;

import dev.meshctl.dataplane.admin.AdminSource.CertificateStatus;
import dev.meshctl.dataplane.admin.AdminSource.ClusterStatus;
import dev.meshctl.dataplane.admin.AdminSource.HostStatus;
import dev.meshctl.dataplane.admin.AdminSource.State;
import dev.meshctl.model.xds.ClusterConfig.CircuitBreakers;
import dev.meshctl.model.xds.SocketEndpoint;
import dev.meshctl.xdsclient.ConfigText;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Pages on the state of the proxy. */
final class StatusPages {
  /** {@code uniformResourceIdentifier} and {@code dNSName} of {@code GeneralName}, RFC 5280. */
  private static final int SAN_URI = 6;

  private static final int SAN_DNS = 2;

  private StatusPages() {}

  static AdminReply ready(AdminSource source) {
    State state = source.state();
    return AdminReply.text(state == State.LIVE ? 200 : 503, state + "\n");
  }

  static AdminReply serverInfo(AdminSource source) {
    ObjectNode page = object();
    String version = StatusPages.class.getPackage().getImplementationVersion();
    page.put("version", "meshctl/" + (version == null ? "dev" : version));
    page.put("state", source.state().name());
    String uptime = source.uptime().toSeconds() + "s";
    page.put("uptime_current_epoch", uptime);
    page.put("uptime_all_epochs", uptime);
    page.put("hot_restart_version", "disabled");
    page.putObject("command_line_options");
    page.set("node", node(source));
    return AdminReply.json(page);
  }

  /** Who the proxy is, as {@code envoy.config.core.v3.Node}. */
  static JsonNode node(AdminSource source) {
    JsonNode node = DumpSections.read(ConfigText.of(source.node()));
    return node instanceof ObjectNode object ? object.without("@type") : node;
  }

  static AdminReply listeners(AdminSource source, AdminQuery query) {
    if (query.isJson()) {
      ObjectNode page = object();
      ArrayNode list = page.putArray("listener_statuses");
      source
          .listeners()
          .forEach(listener -> {
            ObjectNode status = list.addObject().put("name", listener.name());
            address(status.putObject("local_address"), listener.address());
          });
      return AdminReply.json(page);
    }
    StringBuilder lines = new StringBuilder();
    source
        .listeners()
        .forEach(listener ->
            lines.append(listener.name()).append("::").append(listener.address()).append('\n'));
    return AdminReply.text(200, lines.toString());
  }

  static AdminReply clusters(AdminSource source, AdminQuery query) {
    List<ClusterStatus> clusters =
        source.clusters().stream().filter(c -> query.filter("filter").test(c.name())).toList();
    return query.isJson() ? AdminReply.json(clusterJson(clusters)) : clusterText(clusters);
  }

  private static AdminReply clusterText(List<ClusterStatus> clusters) {
    StringBuilder lines = new StringBuilder();
    for (ClusterStatus cluster : clusters) {
      line(lines, cluster.name(), "observability_name", cluster.name());
      CircuitBreakers limits = cluster.limits();
      limits(lines, cluster.name() + "::default_priority", limits);
      limits(lines, cluster.name() + "::high_priority", limits.ofHigh());
      line(lines, cluster.name(), "added_via_api", cluster.dynamic());
      for (HostStatus host : cluster.hosts()) {
        String prefix = cluster.name() + "::" + host.endpoint().address();
        numbers(host).forEach((name, value) -> line(lines, prefix, name, value));
        line(lines, prefix, "hostname", "");
        line(lines, prefix, "health_flags", healthFlags(host));
        line(lines, prefix, "weight", host.endpoint().weight());
        line(lines, prefix, "region", host.locality().region());
        line(lines, prefix, "zone", host.locality().zone());
        line(lines, prefix, "sub_zone", host.locality().subZone());
        line(lines, prefix, "canary", false);
        line(lines, prefix, "priority", host.priority());
        line(lines, prefix, "success_rate", "-1");
        line(lines, prefix, "local_origin_success_rate", "-1");
      }
    }
    return AdminReply.text(200, lines.toString());
  }

  private static void limits(StringBuilder lines, String prefix, CircuitBreakers limits) {
    line(lines, prefix, "max_connections", limits.maxConnections());
    line(lines, prefix, "max_pending_requests", limits.maxPendingRequests());
    line(lines, prefix, "max_requests", limits.maxRequests());
    line(lines, prefix, "max_retries", limits.maxRetries());
  }

  private static void line(StringBuilder lines, String prefix, String name, Object value) {
    lines.append(prefix).append("::").append(name).append("::").append(value).append('\n');
  }

  private static Map<String, Long> numbers(HostStatus host) {
    Map<String, Long> numbers = new LinkedHashMap<>();
    numbers.put("cx_active", host.connectionsActive());
    numbers.put("cx_connect_fail", host.connectFailures());
    numbers.put("cx_total", host.connectionsTotal());
    numbers.put("rq_active", host.requestsActive());
    numbers.put("rq_error", host.requestErrors());
    numbers.put("rq_pending_active", host.requestsWaiting());
    numbers.put("rq_success", host.requestsTotal() - host.requestErrors() - host.requestsActive());
    numbers.put("rq_timeout", host.requestTimeouts());
    numbers.put("rq_total", host.requestsTotal());
    return numbers;
  }

  private static String healthFlags(HostStatus host) {
    String flags =
        (host.failsChecks() ? "/failed_active_hc" : "")
            + (host.ejected() ? "/failed_outlier_check" : "")
            + switch (host.endpoint().health()) {
              case HEALTHY -> "";
              case UNHEALTHY -> "/failed_eds_health";
              case DRAINING -> "/eds_status_draining";
            };
    return flags.isEmpty() ? "healthy" : flags;
  }

  private static ObjectNode clusterJson(List<ClusterStatus> clusters) {
    ObjectNode page = object();
    ArrayNode list = page.putArray("cluster_statuses");
    for (ClusterStatus cluster : clusters) {
      ObjectNode status = list.addObject().put("name", cluster.name());
      if (cluster.dynamic()) {
        status.put("added_via_api", true);
      }
      if (!cluster.hosts().isEmpty()) {
        ArrayNode hosts = status.putArray("host_statuses");
        cluster.hosts().forEach(host -> hostJson(hosts.addObject(), host));
      }
      ArrayNode limits = status.putObject("circuit_breakers").putArray("thresholds");
      limits(limits.addObject(), cluster.limits());
      limits(limits.addObject().put("priority", "HIGH"), cluster.limits().ofHigh());
      status.put("observability_name", cluster.name());
    }
    return page;
  }

  private static void limits(ObjectNode to, CircuitBreakers limits) {
    to.put("max_connections", limits.maxConnections());
    to.put("max_pending_requests", limits.maxPendingRequests());
    to.put("max_requests", limits.maxRequests());
    to.put("max_retries", limits.maxRetries());
  }

  /** As protobuf's JSON, what is zero or empty is not there. */
  private static void hostJson(ObjectNode status, HostStatus host) {
    address(status.putObject("address"), host.endpoint().address());
    ArrayNode stats = status.putArray("stats");
    numbers(stats, host, false);
    numbers(stats, host, true);
    ObjectNode health = status.putObject("health_status");
    health.put("eds_health_status", host.endpoint().health().name());
    if (host.failsChecks()) {
      health.put("failed_active_health_check", true);
    }
    if (host.ejected()) {
      health.put("failed_outlier_check", true);
    }
    status.put("weight", host.endpoint().weight());
    if (host.priority() > 0) {
      status.put("priority", host.priority());
    }
    ObjectNode locality = status.putObject("locality");
    unlessEmpty(locality, "region", host.locality().region());
    unlessEmpty(locality, "zone", host.locality().zone());
    unlessEmpty(locality, "sub_zone", host.locality().subZone());
  }

  /** Counters, or gauges. */
  private static void numbers(ArrayNode to, HostStatus host, boolean gauges) {
    numbers(host)
        .forEach((name, value) -> {
          if (name.endsWith("_active") == gauges) {
            ObjectNode stat = to.addObject();
            if (gauges) {
              stat.put("type", "GAUGE");
            }
            if (value != 0) {
              stat.put("value", Long.toString(value));
            }
            stat.put("name", name);
          }
        });
  }

  private static void unlessEmpty(ObjectNode to, String name, String value) {
    if (!value.isEmpty()) {
      to.put(name, value);
    }
  }

  static AdminReply certificates(AdminSource source) {
    ObjectNode page = object();
    ArrayNode list = page.putArray("certificates");
    for (CertificateStatus status : source.certificates()) {
      ObjectNode entry = list.addObject();
      ArrayNode chain = entry.putArray(status.trustBundle() ? "ca_cert" : "cert_chain");
      for (X509Certificate certificate : status.chain()) {
        ObjectNode detail = chain.addObject().put("path", status.name());
        detail.put("serial_number", certificate.getSerialNumber().toString(16));
        alternativeNames(detail.putArray("subject_alt_names"), certificate);
        detail.put("valid_from", certificate.getNotBefore().toInstant().toString());
        detail.put("expiration_time", certificate.getNotAfter().toInstant().toString());
      }
    }
    return AdminReply.json(page);
  }

  private static void alternativeNames(ArrayNode names, X509Certificate certificate) {
    try {
      Collection<List<?>> all = certificate.getSubjectAlternativeNames();
      if (all == null) {
        return;
      }
      for (List<?> name : all) {
        if (name.get(0).equals(SAN_URI)) {
          names.addObject().put("uri", String.valueOf(name.get(1)));
        } else if (name.get(0).equals(SAN_DNS)) {
          names.addObject().put("dns", String.valueOf(name.get(1)));
        }
      }
    } catch (CertificateParsingException e) {
      names.addObject().put("error", String.valueOf(e.getMessage()));
    }
  }

  static void address(ObjectNode parent, SocketEndpoint address) {
    if (address.isPipe()) {
      parent.putObject("pipe").put("path", address.address());
    } else {
      parent
          .putObject("socket_address")
          .put("address", address.address())
          .put("port_value", address.port());
    }
  }

  private static ObjectNode object() {
    return JsonNodeFactory.instance.objectNode();
  }
}
