package dev.meshctl.dataplane.admin;

import dev.meshctl.model.xds.RouteTableConfig;
import dev.meshctl.model.xds.RouteTableConfig.HeaderChanges;
import dev.meshctl.model.xds.RouteTableConfig.Headers;
import dev.meshctl.model.xds.RouteTableConfig.HostFrom;
import dev.meshctl.model.xds.RouteTableConfig.PathMatch;
import dev.meshctl.model.xds.RouteTableConfig.PathRewrite;
import dev.meshctl.model.xds.RouteTableConfig.Route;
import dev.meshctl.model.xds.RouteTableConfig.RouteAction;
import dev.meshctl.model.xds.RouteTableConfig.RouteMatch;
import dev.meshctl.model.xds.RouteTableConfig.ValueMatch;
import dev.meshctl.model.xds.RouteTableConfig.VirtualHost;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Route tables as in {@code envoy.config.route.v3}. */
final class RouteJson {
  private RouteJson() {}

  static void write(ObjectNode to, RouteTableConfig table) {
    to.put("name", table.name());
    ArrayNode hosts = to.putArray("virtual_hosts");
    for (VirtualHost host : table.hosts()) {
      ObjectNode node = hosts.addObject().put("name", host.name());
      host.domains().forEach(node.withArray("domains")::add);
      host.requireTls().ifPresent(required -> node.put("require_tls", required.name()));
      headers(node, host.headers());
      ArrayNode routes = node.putArray("routes");
      host.routes().forEach(route -> route(routes.addObject(), route));
    }
    headers(to, table.headers());
  }

  private static void route(ObjectNode to, Route route) {
    if (!route.name().isEmpty()) {
      to.put("name", route.name());
    }
    match(to.putObject("match"), route.match());
    switch (route.action()) {
      case RouteAction.Forward forward -> forward(to, forward);
      case RouteAction.Redirect redirect -> redirect(to.putObject("redirect"), redirect);
      case RouteAction.DirectResponse direct ->
          to.putObject("direct_response")
              .put("status", direct.status())
              .putObject("body")
              .put("inline_string", direct.body());
    }
    headers(to, route.headers());
  }

  private static void match(ObjectNode to, RouteMatch match) {
    switch (match.path()) {
      case PathMatch.Exact path -> to.put("path", path.path());
      case PathMatch.Prefix path -> to.put("prefix", path.prefix());
      case PathMatch.PathSeparatedPrefix path -> to.put("path_separated_prefix", path.prefix());
      case PathMatch.Regex path -> to.putObject("safe_regex").put("regex", path.pattern());
      case PathMatch.Connect path -> to.putObject("connect_matcher");
    }
    if (match.grpc()) {
      to.putObject("grpc");
    }
    match
        .percentage()
        .ifPresent(percentage ->
            to.putObject("runtime_fraction")
                .putObject("default_value")
                .put("numerator", Math.round(percentage * 10_000))
                .put("denominator", "MILLION"));
    if (match.ignoreCase()) {
      to.put("case_sensitive", false);
    }
    match
        .headers()
        .forEach(header -> {
          ObjectNode node = to.withArray("headers").addObject().put("name", header.name());
          value(node, header.value());
          if (header.missingIsEmpty()) {
            node.put("treat_missing_header_as_empty", true);
          }
          if (header.invert()) {
            node.put("invert_match", true);
          }
        });
    match
        .query()
        .forEach(query ->
            value(
                to.withArray("query_parameters").addObject().put("name", query.name()),
                query.value()));
  }

  private static void value(ObjectNode to, ValueMatch match) {
    if (match instanceof ValueMatch.Present) {
      to.put("present_match", true);
      return;
    }
    if (match instanceof ValueMatch.Range(long first, long end)) {
      to.putObject("range_match").put("start", first).put("end", end);
      return;
    }
    text(to.putObject("string_match"), match);
  }

  private static void text(ObjectNode text, ValueMatch match) {
    switch (match) {
      case ValueMatch.Exact exact -> text.put("exact", exact.value());
      case ValueMatch.Prefix prefix -> text.put("prefix", prefix.value());
      case ValueMatch.Suffix suffix -> text.put("suffix", suffix.value());
      case ValueMatch.Contains contains -> text.put("contains", contains.value());
      case ValueMatch.Regex regex -> text.putObject("safe_regex").put("regex", regex.pattern());
      case ValueMatch.Present present -> {}
      case ValueMatch.Range range -> {}
      case ValueMatch.IgnoringCase(var of) -> {
        text(text, of);
        text.put("ignore_case", true);
      }
    }
  }

  private static void forward(ObjectNode route, RouteAction.Forward forward) {
    ObjectNode to = route.putObject("route");
    if (forward.clusters().size() == 1) {
      to.put("cluster", forward.clusters().getFirst().cluster());
    } else {
      ArrayNode clusters = to.putObject("weighted_clusters").putArray("clusters");
      forward
          .clusters()
          .forEach(cluster -> {
            ObjectNode node = clusters.addObject().put("name", cluster.cluster());
            node.put("weight", cluster.weight());
            headers(node, cluster.headers());
          });
    }
    to.put("timeout", ConfigJson.seconds(forward.timeout()));
    forward
        .retry()
        .ifPresent(retry -> {
          ObjectNode policy = to.putObject("retry_policy");
          policy.put("retry_on", String.join(",", retry.retryOn()));
          policy.put("num_retries", retry.attempts());
          policy.put("per_try_timeout", ConfigJson.seconds(retry.perTryTimeout()));
        });
    forward.rewrite().ifPresent(rewrite -> pathRewrite(to, rewrite));
    if (!forward.hostRewrite().isEmpty()) {
      to.put("host_rewrite_literal", forward.hostRewrite());
    }
    forward
        .hostFrom()
        .ifPresent(from -> {
          switch (from) {
            case HostFrom.HeaderValue(var header) -> to.put("host_rewrite_header", header);
            case HostFrom.Upstream() -> to.put("auto_host_rewrite", true);
            case HostFrom.PathRegex(var pattern, var substitution) ->
                regex(
                    to.putObject("host_rewrite_path_regex"),
                    new PathRewrite.Regex(pattern, substitution));
          }
        });
    forward
        .mirrors()
        .forEach(mirror ->
            to.withArray("request_mirror_policies")
                .addObject()
                .put("cluster", mirror.cluster())
                .putObject("runtime_fraction")
                .putObject("default_value")
                .put("numerator", Math.round(mirror.percentage() * 10_000))
                .put("denominator", "MILLION"));
    forward.fault().ifPresent(fault -> fault(route, fault));
  }

  private static void fault(ObjectNode route, RouteTableConfig.Fault fault) {
    ObjectNode config =
        route.putObject("typed_per_filter_config").putObject("envoy.filters.http.fault");
    config.put("@type", "type.googleapis.com/envoy.extensions.filters.http.fault.v3.HTTPFault");
    if (fault.delayPercentage() > 0) {
      ObjectNode delay = config.putObject("delay");
      delay.put("fixed_delay", ConfigJson.seconds(fault.delay()));
      delay.putObject("percentage").put("numerator", fault.delayPercentage());
    }
    if (fault.abortPercentage() > 0) {
      ObjectNode abort = config.putObject("abort");
      if (fault.abortGrpcStatus() >= 0) {
        abort.put("grpc_status", fault.abortGrpcStatus());
      } else {
        abort.put("http_status", fault.abortHttpStatus());
      }
      abort.putObject("percentage").put("numerator", fault.abortPercentage());
    }
  }

  private static void redirect(ObjectNode to, RouteAction.Redirect redirect) {
    if (!redirect.scheme().isEmpty()) {
      to.put("scheme_redirect", redirect.scheme());
    }
    if (!redirect.host().isEmpty()) {
      to.put("host_redirect", redirect.host());
    }
    if (redirect.port() != 0) {
      to.put("port_redirect", redirect.port());
    }
    if (redirect.stripQuery()) {
      to.put("strip_query", true);
    }
    redirect.path().ifPresent(path -> pathRedirect(to, path));
    to.put(
        "response_code",
        switch (redirect.status()) {
          case 302 -> "FOUND";
          case 303 -> "SEE_OTHER";
          case 307 -> "TEMPORARY_REDIRECT";
          case 308 -> "PERMANENT_REDIRECT";
          default -> "MOVED_PERMANENTLY";
        });
  }

  private static void pathRewrite(ObjectNode to, PathRewrite rewrite) {
    switch (rewrite) {
      case PathRewrite.Prefix prefix -> to.put("prefix_rewrite", prefix.replacement());
      case PathRewrite.Full full -> {
        ObjectNode regex = to.putObject("regex_rewrite");
        regex.putObject("pattern").put("regex", "^[^?#]*");
        regex.put("substitution", full.path());
      }
      case PathRewrite.Regex regex -> regex(to.putObject("regex_rewrite"), regex);
    }
  }

  private static void pathRedirect(ObjectNode to, PathRewrite rewrite) {
    switch (rewrite) {
      case PathRewrite.Prefix prefix -> to.put("prefix_rewrite", prefix.replacement());
      case PathRewrite.Full full -> to.put("path_redirect", full.path());
      case PathRewrite.Regex regex -> regex(to.putObject("regex_rewrite"), regex);
    }
  }

  private static void regex(ObjectNode to, PathRewrite.Regex regex) {
    to.putObject("pattern").put("regex", regex.pattern());
    to.put("substitution", regex.substitution());
  }

  private static void headers(ObjectNode to, Headers headers) {
    changes(to, "request", headers.request());
    changes(to, "response", headers.response());
  }

  private static void changes(ObjectNode to, String side, HeaderChanges changes) {
    changes.set().forEach(header -> header(to, side, header, "OVERWRITE_IF_EXISTS_OR_ADD"));
    changes.add().forEach(header -> header(to, side, header, "APPEND_IF_EXISTS_OR_ADD"));
    changes.addIfAbsent().forEach(header -> header(to, side, header, "ADD_IF_ABSENT"));
    changes.setIfPresent().forEach(header -> header(to, side, header, "OVERWRITE_IF_EXISTS"));
    changes.remove().forEach(name -> to.withArray(side + "_headers_to_remove").add(name));
  }

  private static void header(
      ObjectNode to, String side, RouteTableConfig.Header header, String action) {
    ObjectNode option = to.withArray(side + "_headers_to_add").addObject();
    option
        .putObject("header")
        .put("key", header.name())
        .put("value", header.format() ? header.value() : header.value().replace("%", "%%"));
    if (header.keepEmpty()) {
      option.put("keep_empty_value", true);
    }
    option.put("append_action", action);
  }
}
