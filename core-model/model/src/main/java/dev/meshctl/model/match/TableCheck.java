package dev.meshctl.model.match;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import dev.meshctl.model.xds.Retry;
import dev.meshctl.model.xds.RouteTableConfig;
import dev.meshctl.model.xds.RouteTableConfig.FilterOverrides;
import dev.meshctl.model.xds.RouteTableConfig.Route;
import dev.meshctl.model.xds.RouteTableConfig.RouteAction;
import dev.meshctl.model.xds.RouteTableConfig.VirtualHost;
import dev.meshctl.model.xds.WeightedCluster;
import dev.meshctl.model.xds.route.CorsPolicy;
import dev.meshctl.model.xds.route.Fault;
import dev.meshctl.model.xds.route.Header;
import dev.meshctl.model.xds.route.HeaderChanges;
import dev.meshctl.model.xds.route.Headers;
import dev.meshctl.model.xds.route.HostFrom;
import dev.meshctl.model.xds.route.PathMatch;
import dev.meshctl.model.xds.route.PathRewrite;
import dev.meshctl.model.xds.route.ValueMatch;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;

/** Finds everything that keeps a table from being put in force, as Envoy would refuse it. */
final class TableCheck {
  private static final Set<Integer> REDIRECTS = Set.of(301, 302, 303, 307, 308);

  /** {@code tchar} of RFC 9110 beyond letters and digits. */
  private static final String TOKEN_SIGNS = "!#$%&'*+-.^_`|~";

  private final List<String> errors = new ArrayList<>();
  private final Set<String> domains = new HashSet<>();
  private String place = "";

  TableCheck(RouteTableConfig table) {
    Set<String> names = new HashSet<>();
    place = "table";
    checkOverrides(table.overrides());
    checkHeaders(table.headers());
    for (VirtualHost host : table.hosts()) {
      place = "virtual host " + host.name();
      if (!names.add(host.name())) {
        error("name", host.name(), "unique in the table");
      }
      checkDomains(host);
      checkOverrides(host.overrides());
      checkHeaders(host.headers());
      for (int i = 0; i < host.routes().size(); i++) {
        Route route = host.routes().get(i);
        place =
            "virtual host %s, route %s"
                .formatted(host.name(), route.name().isEmpty() ? "#" + i : route.name());
        check(route);
      }
    }
  }

  List<String> errors() {
    return errors;
  }

  private void error(String field, Object value, String expected) {
    errors.add("%s: %s: %s (expected: %s)".formatted(place, field, value, expected));
  }

  private void checkDomains(VirtualHost host) {
    if (host.domains().isEmpty()) {
      error("domains", "none", "at least one");
    }
    for (String domain : host.domains()) {
      int star = domain.indexOf('*');
      boolean edge = star < 0 || star == 0 || star == domain.length() - 1;
      if (domain.isEmpty() || !edge || star != domain.lastIndexOf('*')) {
        error("domain", domain, "a name, *.suffix, prefix.* or *");
      }
      if (!domains.add(domain.toLowerCase(Locale.ROOT))) {
        error("domain", domain, "once in the table");
      }
    }
  }

  private void check(Route route) {
    checkPath(route.match().path());
    route
        .match()
        .headers()
        .forEach(header -> {
          if (header.name().isEmpty()) {
            error("header match", "empty name", "a name");
          }
          checkValue("header " + header.name(), header.value());
        });
    route.match().query().forEach(query -> checkValue("query " + query.name(), query.value()));
    route.match().percentage().ifPresent(value -> percentage("runtime fraction", value));
    checkHeaders(route.headers());
    checkOverrides(route.overrides());
    switch (route.action()) {
      case RouteAction.Forward forward -> checkForward(forward);
      case RouteAction.Redirect redirect -> checkRedirect(redirect);
      case RouteAction.DirectResponse direct -> range("status", direct.status(), 200, 599);
    }
  }

  private void checkOverrides(FilterOverrides overrides) {
    overrides.cors().forEach(this::checkCors);
    overrides
        .access()
        .forEach((filter, control) -> {
          try {
            CompiledAccess.compile(control);
          } catch (IllegalArgumentException e) {
            errors.add("%s: filter %s: %s".formatted(place, filter, e.getMessage()));
          }
        });
  }

  private void checkCors(String filter, CorsPolicy policy) {
    policy.allowOrigin().forEach(origin -> checkValue("filter " + filter + " origin", origin));
    plain("filter " + filter, policy.allowMethods());
    plain("filter " + filter, policy.allowHeaders());
    plain("filter " + filter, policy.exposeHeaders());
    plain("filter " + filter, policy.maxAge());
    policy.percentage().ifPresent(value -> percentage("filter " + filter, value));
  }

  private void checkPath(PathMatch path) {
    switch (path) {
      case PathMatch.Exact exact -> {}
      case PathMatch.Prefix prefix -> {}
      case PathMatch.Connect connect -> {}
      case PathMatch.PathSeparatedPrefix prefix -> {
        if (!prefix.prefix().startsWith("/")) {
          error("path prefix", prefix.prefix(), "starts with /");
        }
      }
      case PathMatch.Regex regex -> checkRegex("path", regex.pattern());
    }
  }

  private void checkValue(String field, ValueMatch match) {
    switch (match) {
      case ValueMatch.Regex regex -> checkRegex(field, regex.pattern());
      case ValueMatch.IgnoringCase(var of) -> checkValue(field, of);
      case ValueMatch.Exact text -> {}
      case ValueMatch.Prefix text -> {}
      case ValueMatch.Suffix text -> {}
      case ValueMatch.Contains text -> {}
      case ValueMatch.Present present -> {}
      case ValueMatch.Range range -> {}
    }
  }

  private void checkRegex(String field, String pattern) {
    try {
      Pattern.compile(pattern);
    } catch (PatternSyntaxException e) {
      error(field + " regex", pattern, "RE2 syntax: " + e.getDescription());
    }
  }

  private void checkForward(RouteAction.Forward forward) {
    long total = 0;
    for (WeightedCluster cluster : forward.clusters()) {
      total += cluster.weight();
      if (cluster.cluster().isEmpty()) {
        error("cluster", "empty name", "a name");
      }
      checkHeaders(cluster.headers());
    }
    if (total == 0 || total > 0xFFFF_FFFFL) {
      error("sum of weights", total, "1 to 4294967295");
    }
    if (forward.timeout().isNegative()) {
      error("timeout", forward.timeout(), ">= 0");
    }
    forward.rewrite().ifPresent(this::checkRewrite);
    forward.hostFrom().ifPresent(this::checkHostFrom);
    plain("host rewrite", forward.hostRewrite());
    forward
        .retry()
        .filter(retry -> retry.attempts() < 0 || retry.perTryTimeout().isNegative())
        .ifPresent(retry -> error("retry", retry, "attempts and perTryTimeout >= 0"));
    forward.retry().ifPresent(this::checkRetry);
    forward.mirrors().forEach(mirror -> percentage("mirror", mirror.percentage()));
    forward.fault().ifPresent(this::checkFault);
  }

  private void checkRetry(Retry retry) {
    Stream.concat(retry.headers().stream(), retry.requestHeaders().stream())
        .forEach(header -> checkValue("retriable header " + header.name(), header.value()));
    retry
        .backoff()
        .filter(range -> !range.base().isPositive() || range.most().compareTo(range.base()) < 0)
        .ifPresent(range -> error("retry backoff", range, "0 < base <= most"));
  }

  private void checkFault(Fault fault) {
    percentage("fault delay", fault.delayPercentage());
    percentage("fault abort", fault.abortPercentage());
    if (fault.delay().isNegative()) {
      error("fault delay", fault.delay(), ">= 0");
    }
    if (fault.abortHttpStatus() != 0) {
      range("fault abort status", fault.abortHttpStatus(), 200, 599);
    }
    if (fault.abortGrpcStatus() != -1) {
      range("fault abort gRPC status", fault.abortGrpcStatus(), 0, 16);
    }
  }

  private void checkRedirect(RouteAction.Redirect redirect) {
    if (!REDIRECTS.contains(redirect.status())) {
      error("redirect status", redirect.status(), "301, 302, 303, 307 or 308");
    }
    range("redirect port", redirect.port(), 0, 65535);
    plain("redirect host", redirect.host());
    redirect.path().ifPresent(this::checkRewrite);
  }

  private void checkRewrite(PathRewrite rewrite) {
    switch (rewrite) {
      case PathRewrite.Full full -> plain("path rewrite", full.path());
      case PathRewrite.Prefix prefix -> plain("path rewrite", prefix.replacement());
      case PathRewrite.Regex(var pattern, var substitution) ->
          checkSubstitution("path rewrite", pattern, substitution);
    }
  }

  private void checkSubstitution(String field, String pattern, String substitution) {
    checkRegex(field, pattern);
    plain(field, substitution);
    try {
      new Substitution(pattern, substitution);
    } catch (PatternSyntaxException e) {
      // Told above.
    } catch (IllegalArgumentException e) {
      errors.add("%s: %s: %s".formatted(place, field, e.getMessage()));
    }
  }

  private void checkHostFrom(HostFrom from) {
    switch (from) {
      case HostFrom.HeaderValue(var header) -> {
        if (header.isEmpty()) {
          error("host rewrite header", "empty name", "a name");
        }
      }
      case HostFrom.Upstream() -> {}
      case HostFrom.PathRegex(var pattern, var substitution) ->
          checkSubstitution("host rewrite", pattern, substitution);
    }
  }

  private void checkHeaders(Headers headers) {
    checkChanges("request headers", headers.request());
    checkChanges("response headers", headers.response());
  }

  private void checkChanges(String field, HeaderChanges changes) {
    changes.set().forEach(header -> checkHeader(field, header));
    changes.add().forEach(header -> checkHeader(field, header));
    changes.addIfAbsent().forEach(header -> checkHeader(field, header));
    changes.setIfPresent().forEach(header -> checkHeader(field, header));
    changes.remove().forEach(name -> checkName(field, name));
  }

  private void checkHeader(String field, Header header) {
    checkName(field, header.name());
    plain(field + " " + header.name(), header.value());
    if (header.format()) {
      try {
        HeaderFormat.compile(header.value());
      } catch (IllegalArgumentException e) {
        errors.add("%s: %s %s: %s".formatted(place, field, header.name(), e.getMessage()));
      }
    }
  }

  private void checkName(String field, String name) {
    boolean token =
        !name.isEmpty()
            && name.chars()
                .allMatch(c ->
                    (c >= 'a' && c <= 'z')
                        || (c >= 'A' && c <= 'Z')
                        || (c >= '0' && c <= '9')
                        || TOKEN_SIGNS.indexOf(c) >= 0);
    if (!token || name.equalsIgnoreCase("host")) {
      error(field, name, "a header name, not a pseudo header and not host");
    }
  }

  /** Nothing that could end a line. */
  private void plain(String field, String value) {
    if (value.chars().anyMatch(c -> c < ' ' && c != '\t')) {
      error(field, "control character", "none");
    }
  }

  private void percentage(String field, double value) {
    if (!(value >= 0 && value <= 100)) {
      error(field + " percentage", value, "0 to 100");
    }
  }

  private void range(String field, int value, int least, int most) {
    if (value < least || value > most) {
      error(field, value, least + " to " + most);
    }
  }
}
