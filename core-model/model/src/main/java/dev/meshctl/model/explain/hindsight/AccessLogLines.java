package dev.meshctl.model.explain.hindsight;

import dev.meshctl.model.explain.hindsight.LoggedRequest.Addresses;
import dev.meshctl.model.explain.hindsight.LoggedRequest.Route;
import dev.meshctl.model.resource.MeshConfig;
import dev.meshctl.model.validation.ValidatedMesh;
import dev.meshctl.model.xds.AccessLog;
import dev.meshctl.model.xds.IstioLogFormat;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads lines of access logs: in the format of the mesh's MeshConfig, in Istio's and in Envoy's
 * own, text or JSON, also behind what {@code kubectl logs --prefix} and the like put before a line.
 *
 * <p>Threads: any; immutable.
 */
public final class AccessLogLines {
  private static final String PATH = "REQ(X-ENVOY-ORIGINAL-PATH?:PATH)";

  /** Where a line may begin: at an object, or at the time of a request. */
  private static final Pattern BEGINNING = Pattern.compile("\\{|\\[(?=\\d{4}-\\d\\d-\\d\\dT)");

  private final List<LineFormat> text;
  private final List<LineFormat> json;

  private AccessLogLines(List<LineFormat> text, List<LineFormat> json) {
    this.text = List.copyOf(text);
    this.json = List.copyOf(json);
  }

  /** Of proxies that log as Istio or Envoy do by themselves. */
  public static AccessLogLines ofItself() {
    return of(MeshConfig.NONE);
  }

  /** Of the proxies of {@code mesh}, or of any that log as Istio or Envoy do by themselves. */
  public static AccessLogLines of(ValidatedMesh mesh) {
    return of(MeshConfig.in(mesh.resources().stream().map(located -> located.resource()).toList()));
  }

  private static AccessLogLines of(MeshConfig mesh) {
    List<LineFormat> text = new ArrayList<>();
    List<LineFormat> json = new ArrayList<>();
    mesh.accessLog()
        .ifPresent(own -> {
          if (own.json() && !own.members().isEmpty()) {
            json.add(LineFormat.json(own.members()));
          } else if (!own.json() && !own.text().isEmpty()) {
            text.add(LineFormat.text(own.text()));
          }
        });
    text.add(LineFormat.text(IstioLogFormat.TEXT));
    text.add(LineFormat.text(AccessLog.Format.Default.TEXT));
    json.add(LineFormat.json(IstioLogFormat.JSON));
    return new AccessLogLines(text, json);
  }

  /** The request that a line tells of; empty where the line is of no known format. */
  public Optional<LoggedRequest> read(String line) {
    Matcher beginning = BEGINNING.matcher(line);
    while (beginning.find()) {
      String rest = line.substring(beginning.start()).strip();
      List<LineFormat> formats = rest.startsWith("{") ? json : text;
      for (LineFormat format : formats) {
        Optional<Map<String, String>> values = format.read(rest);
        if (values.isPresent() && isRequest(values.get())) {
          return Optional.of(request(values.get(), line.substring(0, beginning.start()).strip()));
        }
      }
    }
    // A format of the mesh's own may begin with anything.
    return text.getFirst()
        .read(line.strip())
        .filter(AccessLogLines::isRequest)
        .map(values -> request(values, ""));
  }

  /** Any object reads as one of no members: a log has other lines, too. */
  private static boolean isRequest(Map<String, String> values) {
    return values.containsKey("RESPONSE_CODE")
        && (values.containsKey("START_TIME")
            || values.containsKey(PATH)
            || values.containsKey("REQ(:PATH)"));
  }

  private static LoggedRequest request(Map<String, String> values, String prefix) {
    return new LoggedRequest(
        time(values.getOrDefault("START_TIME", "")),
        value(values, "REQ(:METHOD)"),
        value(values, PATH, "REQ(:PATH)"),
        value(values, "REQ(:AUTHORITY)", "REQ(HOST)"),
        value(values, "PROTOCOL"),
        (int) number(values, "RESPONSE_CODE", 0),
        flags(value(values, "RESPONSE_FLAGS")),
        value(values, "RESPONSE_CODE_DETAILS"),
        value(values, "CONNECTION_TERMINATION_DETAILS"),
        value(values, "UPSTREAM_TRANSPORT_FAILURE_REASON"),
        number(values, "DURATION", -1),
        value(values, "REQ(USER-AGENT)"),
        value(values, "REQ(X-REQUEST-ID)"),
        value(values, "REQ(X-FORWARDED-FOR)"),
        new Route(
            value(values, "ROUTE_NAME"),
            value(values, "UPSTREAM_CLUSTER", "UPSTREAM_CLUSTER_RAW"),
            value(values, "UPSTREAM_HOST", "UPSTREAM_REMOTE_ADDRESS")),
        new Addresses(
            value(values, "DOWNSTREAM_REMOTE_ADDRESS", "DOWNSTREAM_DIRECT_REMOTE_ADDRESS"),
            value(values, "DOWNSTREAM_LOCAL_ADDRESS"),
            value(values, "UPSTREAM_LOCAL_ADDRESS")),
        prefix);
  }

  private static String value(Map<String, String> values, String... operators) {
    for (String operator : operators) {
      String value = values.get(operator);
      if (value != null) {
        return value;
      }
    }
    return "";
  }

  private static long number(Map<String, String> values, String operator, long otherwise) {
    try {
      return Long.parseLong(values.getOrDefault(operator, ""));
    } catch (NumberFormatException none) {
      return otherwise;
    }
  }

  private static List<String> flags(String written) {
    return written.isEmpty() ? List.of() : List.of(written.split(","));
  }

  private static Optional<Instant> time(String written) {
    try {
      return Optional.of(Instant.parse(written));
    } catch (DateTimeException other) {
      return Optional.empty();
    }
  }
}
