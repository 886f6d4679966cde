package dev.meshctl.model.source.kinds;

import static dev.meshctl.model.source.kinds.Shared.MAX_PORT;

import dev.meshctl.model.resource.AppProtocol;
import dev.meshctl.model.resource.Metadata;
import dev.meshctl.model.resource.Sidecar;
import dev.meshctl.model.resource.Sidecar.Capture;
import dev.meshctl.model.resource.Sidecar.Mode;
import dev.meshctl.model.source.yaml.YamlObject;
import dev.meshctl.model.validation.DiagnosticCode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** {@code networking.istio.io/Sidecar}, with the checks that Istio makes when one is applied. */
final class SidecarParser {
  private static final Map<String, Capture> CAPTURES =
      Map.of(
          "DEFAULT", Capture.DEFAULT,
          "IPTABLES", Capture.IPTABLES,
          "NONE", Capture.NONE);
  private static final Map<String, Mode> MODES =
      Map.of("REGISTRY_ONLY", Mode.REGISTRY_ONLY, "ALLOW_ANY", Mode.ALLOW_ANY);
  private static final String EXCLUDED = "~";
  private static final String SOCKET = "unix://";
  private static final String HTTP_PROXY = "HTTP_PROXY";

  /** The workload itself, by its own address or loopback. */
  private static final Pattern WORKLOAD =
      Pattern.compile("(?:127\\.0\\.0\\.1|0\\.0\\.0\\.0|\\[::1]|\\[::]|):([1-9]\\d{0,4})");

  private SidecarParser() {}

  static Sidecar parse(Metadata metadata, YamlObject root) {
    Optional<YamlObject> written = root.requiredObject("spec");
    if (written.isEmpty()) {
      return new Sidecar(
          metadata, Map.of(), List.of(), List.of(), Optional.empty(), Optional.empty());
    }
    YamlObject spec = written.get();
    if (!spec.has("egress")
        && !spec.has("ingress")
        && !spec.has("outboundTrafficPolicy")
        && !spec.has("inboundConnectionPool")) {
      spec.missing("egress");
    }
    return new Sidecar(
        metadata,
        spec.object("workloadSelector")
            .map(selector -> selector.textMap("labels"))
            .orElse(Map.of()),
        ingress(spec),
        egress(spec),
        spec.object("inboundConnectionPool").map(DestinationRuleParser::connectionPool),
        spec.object("outboundTrafficPolicy").map(SidecarParser::outbound));
  }

  private static List<Sidecar.Ingress> ingress(YamlObject spec) {
    List<Sidecar.Ingress> listeners = new ArrayList<>();
    Set<Integer> ports = new HashSet<>();
    for (YamlObject listener : spec.objects("ingress")) {
      listener.notApplied("tls", "bind");
      Optional<YamlObject> port = listener.requiredObject("port");
      Sidecar.Ingress ingress =
          new Sidecar.Ingress(
              port.map(p -> port(p, 1)).orElse(new Sidecar.Port(0, AppProtocol.UNKNOWN, "")),
              workloadPort(listener),
              listener.object("connectionPool").map(DestinationRuleParser::connectionPool));
      if (listener.word("captureMode", CAPTURES).orElse(Capture.DEFAULT) == Capture.NONE) {
        listener.valueNotApplied("captureMode", "NONE is not applied: the port is captured");
      }
      once(listener, ingress.port().number(), ports);
      if (port.isPresent()) {
        listeners.add(ingress);
      }
    }
    return listeners;
  }

  private static void once(YamlObject listener, int port, Set<Integer> ports) {
    if (port != 0 && !ports.add(port)) {
      listener.report(
          DiagnosticCode.DUPLICATE_NAME,
          "port",
          "number " + port + " is that of another listener too (expected: a port of its own)");
    }
  }

  private static Sidecar.Port port(YamlObject port, int least) {
    port.ignore("targetPort", "protocol");
    int number = port.requiredNumber("number", least, MAX_PORT);
    AppProtocol protocol =
        port.has("protocol") ? IstioParser.protocol(port, HTTP_PROXY) : AppProtocol.UNKNOWN;
    return new Sidecar.Port(number, protocol, port.text("name").orElse(""));
  }

  private static int workloadPort(YamlObject listener) {
    Optional<String> written = listener.text("defaultEndpoint").filter(text -> !text.isEmpty());
    if (written.isEmpty()) {
      return 0;
    }
    if (written.get().startsWith(SOCKET)) {
      listener.valueNotApplied("defaultEndpoint", "a Unix socket is not applied");
      return 0;
    }
    Matcher matcher = WORKLOAD.matcher(written.get());
    if (!matcher.matches() || Integer.parseInt(matcher.group(1)) > MAX_PORT) {
      listener.report(
          DiagnosticCode.UNKNOWN_VALUE,
          "defaultEndpoint",
          "'" + written.get() + "' (expected: 127.0.0.1:PORT, 0.0.0.0:PORT or unix://PATH)");
      return 0;
    }
    return Integer.parseInt(matcher.group(1));
  }

  private static List<Sidecar.Egress> egress(YamlObject spec) {
    List<Sidecar.Egress> listeners = new ArrayList<>();
    Set<Integer> ports = new HashSet<>();
    List<YamlObject> written = spec.objects("egress");
    for (YamlObject listener : written) {
      Sidecar.Egress egress = egressListener(listener);
      once(listener, egress.port().map(Sidecar.Port::number).orElse(0), ports);
      if (egress.port().isEmpty() && listener != written.getLast()) {
        listener.report(
            DiagnosticCode.CONFLICTING_FIELDS,
            "port",
            "is missing, so that those after it are never asked (expected: the last listener)");
      }
      listeners.add(egress);
    }
    return listeners;
  }

  private static Sidecar.Egress egressListener(YamlObject listener) {
    Optional<YamlObject> port = listener.object("port");
    String bind = listener.text("bind").orElse("");
    if (bind.startsWith(SOCKET)) {
      listener.valueNotApplied("bind", "a Unix socket is not applied");
    }
    if (port.isEmpty() && !bind.isEmpty()) {
      listener.report(
          DiagnosticCode.CONFLICTING_FIELDS, "bind", "stands without port (expected: both)");
    }
    port.flatMap(p -> p.text("protocol"))
        .filter(HTTP_PROXY::equals)
        .ifPresent(protocol ->
            port.get().valueNotApplied("protocol", "an HTTP proxy for its hosts is not applied"));
    if (!listener.has("hosts")) {
      listener.missing("hosts");
    }
    return new Sidecar.Egress(
        port.map(p -> port(p, bind.startsWith(SOCKET) ? 0 : 1)),
        bind,
        listener.word("captureMode", CAPTURES).orElse(Capture.DEFAULT),
        hosts(listener));
  }

  private static List<Sidecar.Host> hosts(YamlObject listener) {
    List<Sidecar.Host> hosts = new ArrayList<>();
    List<String> written = listener.texts("hosts");
    for (int i = 0; i < written.size(); i++) {
      String host = written.get(i);
      String at = "hosts[" + i + "]";
      int slash = host.indexOf('/');
      if (slash < 1 || slash != host.lastIndexOf('/') || slash == host.length() - 1) {
        listener.report(
            DiagnosticCode.NO_EGRESS_HOST,
            at,
            "'" + host + "' (expected: NAMESPACE/HOST)",
            slash < 0 ? "write */" + host + ", or its namespace before it" : "correct it");
        continue;
      }
      boolean excluded = host.startsWith(EXCLUDED);
      String namespace = host.substring(excluded ? EXCLUDED.length() : 0, slash);
      String name = host.substring(slash + 1);
      if (!namespace.equals(Sidecar.Host.ANY_NAMESPACE)
          && !namespace.equals(Sidecar.Host.OWN_NAMESPACE)) {
        Names.checkLabel(listener, at, namespace);
      }
      Names.checkHost(listener, at, name);
      hosts.add(
          new Sidecar.Host(
              excluded, namespace.isEmpty() ? Sidecar.Host.ANY_NAMESPACE : namespace, name));
    }
    return hosts;
  }

  private static Sidecar.OutboundTraffic outbound(YamlObject policy) {
    Mode mode = policy.word("mode", MODES).orElse(Mode.REGISTRY_ONLY);
    if (policy.has("egressProxy") && mode != Mode.ALLOW_ANY) {
      policy.report(
          DiagnosticCode.CONFLICTING_FIELDS,
          "egressProxy",
          "stands beside REGISTRY_ONLY (expected: mode ALLOW_ANY)");
    }
    return new Sidecar.OutboundTraffic(
        mode, policy.object("egressProxy").map(VirtualServiceParser::destination));
  }
}
