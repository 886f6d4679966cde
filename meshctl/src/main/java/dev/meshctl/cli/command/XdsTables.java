package dev.meshctl.cli.command;

import dev.meshctl.cli.render.Style;
import dev.meshctl.cli.render.Table;
import dev.meshctl.cli.render.Table.Cell;
import java.util.ArrayList;
import java.util.List;
import java.util.StringJoiner;
import tools.jackson.databind.JsonNode;

/** xDS resources (JSON form of the Envoy v3 messages) as tables for people. */
final class XdsTables {
  private XdsTables() {}

  static Table listeners(JsonNode resources) {
    Table table = Table.of("LISTENER", "ADDRESS", "MATCH", "TLS", "LEADS TO").shrinkable(0, 4);
    for (JsonNode listener : resources) {
      String name = listener.path("name").asString("");
      JsonNode api = listener.path("api_listener").path("api_listener");
      if (!api.isMissingNode()) {
        // For clients that are no proxies: nobody listens.
        table.row(
            Cell.of(Style.NAME, name), "API", "any", "-", leadsTo(api, new StringJoiner(", ")));
        continue;
      }
      String address = socket(listener.path("address"));
      for (JsonNode chain : chains(listener)) {
        table.row(
            Cell.of(Style.NAME, name), address, chainMatch(chain), tls(chain), leadsTo(chain));
        name = "";
        address = "";
      }
    }
    return table;
  }

  private static List<JsonNode> chains(JsonNode listener) {
    List<JsonNode> chains = new ArrayList<>();
    listener.path("filter_chains").forEach(chains::add);
    if (listener.has("default_filter_chain")) {
      chains.add(listener.path("default_filter_chain"));
    }
    return chains;
  }

  private static String chainMatch(JsonNode chain) {
    JsonNode match = chain.path("filter_chain_match");
    StringJoiner text = new StringJoiner(" ");
    if (match.has("destination_port")) {
      text.add(":" + match.path("destination_port").asString(""));
    }
    match
        .path("prefix_ranges")
        .forEach(range -> text.add(range.path("address_prefix").asString("")));
    match.path("server_names").forEach(sni -> text.add("sni=" + sni.asString("")));
    match.path("application_protocols").forEach(alpn -> text.add(alpn.asString("")));
    if (match.has("transport_protocol")) {
      text.add(match.path("transport_protocol").asString(""));
    }
    return text.length() == 0 ? "any" : text.toString();
  }

  private static String tls(JsonNode chain) {
    JsonNode socket = chain.path("transport_socket");
    if (socket.isMissingNode()) {
      return "-";
    }
    return socket.path("typed_config").path("require_client_certificate").asBoolean(false)
        ? "mutual"
        : "tls";
  }

  private static String leadsTo(JsonNode chain) {
    StringJoiner text = new StringJoiner(", ");
    chain.path("filters").forEach(filter -> leadsTo(filter.path("typed_config"), text));
    return text.length() == 0 ? "-" : text.toString();
  }

  /** Adds where a filter of that configuration leads, if anywhere. */
  private static String leadsTo(JsonNode config, StringJoiner text) {
    if (config.has("rds")) {
      text.add("routes " + config.path("rds").path("route_config_name").asString(""));
    } else if (config.has("route_config")) {
      text.add("inline: " + inlineClusters(config.path("route_config")));
    } else if (config.has("cluster")) {
      text.add(config.path("cluster").asString(""));
    } else if (config.has("weighted_clusters")) {
      text.add(weighted(config.path("weighted_clusters")));
    }
    return text.toString();
  }

  private static String inlineClusters(JsonNode routes) {
    StringJoiner text = new StringJoiner(", ");
    for (JsonNode host : routes.path("virtual_hosts")) {
      host.path("routes").forEach(route -> text.add(action(route)));
    }
    return text.toString();
  }

  static Table routes(JsonNode resources) {
    Table table = Table.of("ROUTES", "DOMAINS", "MATCH", "LEADS TO").shrinkable(1, 3);
    for (JsonNode config : resources) {
      String name = config.path("name").asString("");
      for (JsonNode host : config.path("virtual_hosts")) {
        String domains = domains(host);
        for (JsonNode route : host.path("routes")) {
          table.row(Cell.of(Style.NAME, name), domains, routeMatch(route), action(route));
          name = "";
          domains = "";
        }
      }
      if (!name.isEmpty()) {
        table.row(Cell.of(Style.NAME, name), "-", "-", "no route");
      }
    }
    return table;
  }

  private static String domains(JsonNode host) {
    List<String> domains = new ArrayList<>();
    host.path("domains").forEach(domain -> domains.add(domain.asString("")));
    return domains.size() <= 1
        ? String.join("", domains)
        : domains.getFirst() + " +" + (domains.size() - 1);
  }

  private static String routeMatch(JsonNode route) {
    JsonNode match = route.path("match");
    StringJoiner text = new StringJoiner(" ");
    if (match.has("path")) {
      text.add("=" + match.path("path").asString(""));
    } else if (match.has("path_separated_prefix")) {
      text.add(match.path("path_separated_prefix").asString("") + "/*");
    } else if (match.has("safe_regex")) {
      text.add("~" + match.path("safe_regex").path("regex").asString(""));
    } else {
      text.add(match.path("prefix").asString("") + "*");
    }
    for (JsonNode header : match.path("headers")) {
      text.add("[" + header.path("name").asString("") + "]");
    }
    for (JsonNode parameter : match.path("query_parameters")) {
      text.add("?" + parameter.path("name").asString(""));
    }
    return text.toString();
  }

  private static String action(JsonNode route) {
    if (route.has("redirect")) {
      return "redirect";
    }
    if (route.has("direct_response")) {
      return "answers " + route.path("direct_response").path("status").asString("");
    }
    JsonNode action = route.path("route");
    return action.has("weighted_clusters")
        ? weighted(action.path("weighted_clusters"))
        : action.path("cluster").asString("-");
  }

  private static String weighted(JsonNode clusters) {
    StringJoiner text = new StringJoiner(", ");
    for (JsonNode cluster : clusters.path("clusters")) {
      text.add(cluster.path("weight").asString("0") + " " + cluster.path("name").asString(""));
    }
    return text.toString();
  }

  static Table clusters(JsonNode resources) {
    Table table =
        Table.of("CLUSTER", "DIRECTION", "PORT", "SUBSET", "TYPE", "TLS").right(2).shrinkable(0);
    for (JsonNode cluster : resources) {
      String name = cluster.path("name").asString("");
      String[] parts = name.split("\\|", -1);
      boolean structured = parts.length == 4;
      table.row(
          Cell.of(Style.NAME, structured && !parts[3].isEmpty() ? parts[3] : name),
          structured ? parts[0] : "-",
          structured ? parts[1] : "-",
          structured && !parts[2].isEmpty() ? parts[2] : "-",
          cluster
              .path("type")
              .asString(cluster.path("cluster_type").path("name").asString("STATIC")),
          clusterTls(cluster));
    }
    return table;
  }

  private static String clusterTls(JsonNode cluster) {
    if (cluster.has("transport_socket_matches")) {
      return "auto mutual";
    }
    return cluster.path("transport_socket").path("name").asString("").contains("tls")
        ? "mutual"
        : "-";
  }

  static Table endpoints(JsonNode resources) {
    Table table = Table.of("CLUSTER", "ENDPOINT", "HEALTH", "WEIGHT").right(3).shrinkable(0);
    for (JsonNode assignment : resources) {
      String name = assignment.path("cluster_name").asString("");
      boolean any = false;
      for (JsonNode locality : assignment.path("endpoints")) {
        for (JsonNode endpoint : locality.path("lb_endpoints")) {
          table.row(
              Cell.of(Style.NAME, any ? "" : name),
              socket(endpoint.path("endpoint").path("address")),
              health(endpoint.path("health_status").asString("HEALTHY")),
              endpoint.path("load_balancing_weight").asString("1"));
          any = true;
        }
      }
      if (!any) {
        table.row(Cell.of(Style.NAME, name), "none", Cell.of(Style.BAD, "-"), "-");
      }
    }
    return table;
  }

  private static Cell health(String status) {
    return switch (status) {
      case "HEALTHY", "UNKNOWN" -> Cell.of(Style.GOOD, "healthy");
      case "DRAINING" -> Cell.of(Style.CAREFUL, "draining");
      default -> Cell.of(Style.BAD, status.toLowerCase(java.util.Locale.ROOT));
    };
  }

  private static String socket(JsonNode address) {
    JsonNode socket = address.path("socket_address");
    return socket.isMissingNode()
        ? "-"
        : socket.path("address").asString("") + ":" + socket.path("port_value").asString("");
  }
}
