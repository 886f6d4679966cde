package dev.meshctl.dataplane.admin;

import dev.meshctl.dataplane.observe.Exposition;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The admin paths by name, as Envoy has them. */
final class AdminPaths {
  private final Map<String, Path> paths = new LinkedHashMap<>();

  /**
   * @param mutates wants POST
   */
  record Path(String name, boolean mutates, String help, Function<AdminQuery, AdminReply> action) {}

  private AdminPaths() {}

  static AdminPaths of(AdminSource source) {
    AdminPaths all = new AdminPaths();
    StatsPage stats = new StatsPage(source);
    all.read("/", "this page", query -> AdminReply.text(200, all.help()));
    all.read("/help", "this page", query -> AdminReply.text(200, all.help()));
    all.read("/certs", "certificates in use", query -> StatusPages.certificates(source));
    all.read("/clusters", "upstream clusters and hosts", q -> StatusPages.clusters(source, q));
    all.read("/config_dump", "configuration in force", q -> ConfigDump.of(source, q));
    all.read("/listeners", "listening sockets", q -> StatusPages.listeners(source, q));
    all.read("/ready", "200 once configured", query -> StatusPages.ready(source));
    all.read("/server_info", "version, state, node", query -> StatusPages.serverInfo(source));
    all.read("/stats", "counters and gauges", stats::text);
    all.read("/stats/prometheus", "the same and istio_* metrics", stats::prometheus);
    all.change(
        "/drain_listeners",
        "stop listening; ?graceful, ?inboundonly",
        query -> {
          if (query.has("skip_exit")) {
            throw new IllegalArgumentException("skip_exit: not supported (expected: not set)");
          }
          source.drainListeners(query.has("graceful"), query.has("inboundonly"));
          return AdminReply.ok();
        });
    all.change("/logging", "show or set levels; ?level=debug, ?LOGGER=debug", LoggingPage::answer);
    all.change("/quitquitquit", "end the proxy", query -> AdminReply.ok().then(source::quit));
    all.change(
        "/reopen_logs",
        "open the files of access logs anew",
        query -> {
          source.reopenLogs();
          return AdminReply.ok();
        });
    return all;
  }

  private void read(String name, String help, Function<AdminQuery, AdminReply> action) {
    paths.put(name, new Path(name, false, help, action));
  }

  private void change(String name, String help, Function<AdminQuery, AdminReply> action) {
    paths.put(name, new Path(name, true, help, action));
  }

  @Nullable Path find(String name) {
    return paths.get(name);
  }

  String help() {
    StringBuilder text = new StringBuilder("admin commands are:\n");
    for (Path path : paths.values()) {
      text.append(
          "  %s%s: %s%n".formatted(path.name(), path.mutates() ? " (POST)" : "", path.help()));
    }
    return text.toString();
  }

  /** What a scraper asked for. */
  static Exposition exposition(AdminQuery query) {
    return Exposition.accepted(query.accept());
  }
}
