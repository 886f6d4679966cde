package dev.meshctl.model.source.kinds;

import static dev.meshctl.model.source.kinds.Shared.MAX_PORT;

import dev.meshctl.model.resource.AppProtocol;
import dev.meshctl.model.resource.IpBlock;
import dev.meshctl.model.resource.Metadata;
import dev.meshctl.model.resource.ServiceEntry;
import dev.meshctl.model.resource.ServiceEntry.Location;
import dev.meshctl.model.resource.ServiceEntry.Resolution;
import dev.meshctl.model.resource.Transport;
import dev.meshctl.model.resource.WorkloadEntry;
import dev.meshctl.model.resource.WorkloadGroup;
import dev.meshctl.model.source.yaml.YamlObject;
import dev.meshctl.model.validation.DiagnosticCode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What stands outside of the platform: Istio's ServiceEntry, WorkloadEntry and WorkloadGroup. */
final class EntryParser {
  private static final Map<String, Resolution> RESOLUTIONS =
      Map.of(
          "NONE", Resolution.NONE,
          "STATIC", Resolution.STATIC,
          "DNS", Resolution.DNS,
          "DNS_ROUND_ROBIN", Resolution.DNS,
          "DYNAMIC_DNS", Resolution.NONE);
  private static final Map<String, Location> LOCATIONS =
      Map.of("MESH_EXTERNAL", Location.MESH_EXTERNAL, "MESH_INTERNAL", Location.MESH_INTERNAL);
  private static final String UNIX = "unix://";

  private EntryParser() {}

  static ServiceEntry serviceEntry(Metadata metadata, YamlObject root) {
    Optional<YamlObject> written = root.requiredObject("spec");
    if (written.isEmpty()) {
      return new ServiceEntry(
          metadata,
          List.of(),
          List.of(),
          Resolution.NONE,
          Location.MESH_EXTERNAL,
          List.of(),
          List.of());
    }
    YamlObject spec = written.get();
    if (!spec.has("hosts")) {
      spec.missing("hosts");
    }
    if (spec.text("resolution").orElse("").equals("DYNAMIC_DNS")) {
      spec.valueNotApplied(
          "resolution", "DYNAMIC_DNS is not applied: connections go where they were meant for");
    }
    Resolution resolution = spec.word("resolution", RESOLUTIONS).orElse(Resolution.NONE);
    List<WorkloadEntry.Spec> endpoints =
        spec.objects("endpoints").stream().map(endpoint -> spec(endpoint, true)).toList();
    Optional<YamlObject> selector = spec.object("workloadSelector");
    if (selector.isPresent() && !endpoints.isEmpty()) {
      spec.report(
          DiagnosticCode.CONFLICTING_FIELDS,
          "workloadSelector",
          "endpoints are written too (expected: one of the two)");
    }
    return new ServiceEntry(
        metadata,
        Names.checkedHosts(spec, "hosts"),
        addresses(spec),
        spec.objects("ports").stream().map(EntryParser::port).toList(),
        resolution,
        spec.word("location", LOCATIONS).orElse(Location.MESH_EXTERNAL),
        endpoints,
        selector.map(s -> s.textMap("labels")),
        spec.texts("subjectAltNames"),
        spec.texts("exportTo"));
  }

  /** Ranges are read and not applied. */
  private static List<String> addresses(YamlObject spec) {
    List<String> literal = new ArrayList<>();
    List<String> all = spec.texts("addresses");
    for (int i = 0; i < all.size(); i++) {
      String key = "addresses[" + i + "]";
      Optional<IpBlock> block = IpBlock.parse(all.get(i));
      if (block.isEmpty()) {
        spec.report(
            DiagnosticCode.INVALID_NAME,
            key,
            "'" + all.get(i) + "' (expected: an IP address or a range such as 10.0.0.0/8)");
      } else if (block.get().isSingle()) {
        literal.add(block.get().address());
      } else {
        spec.valueNotApplied(key, "a range is not applied: its addresses are not taken for hosts");
      }
    }
    return literal;
  }

  private static ServiceEntry.Port port(YamlObject port) {
    String name = port.requiredText("name");
    AppProtocol protocol =
        port.has("protocol")
            ? IstioParser.protocol(port)
            : Protocols.ofServicePort(Transport.TCP, "", name);
    port.ignore("protocol");
    return new ServiceEntry.Port(
        name,
        port.requiredNumber("number", 1, MAX_PORT),
        port.number("targetPort", 0, MAX_PORT).orElse(0),
        protocol);
  }

  static WorkloadEntry workloadEntry(Metadata metadata, YamlObject root) {
    Optional<YamlObject> status = root.object("status").map(YamlObject::lenient);
    return new WorkloadEntry(
        metadata,
        root.requiredObject("spec")
            .map(spec -> spec(spec, true))
            .orElse(new WorkloadEntry.Spec("", Map.of(), Map.of())),
        status.map(s -> !PodParser.condition(s, "Healthy").equals("False")).orElse(true));
  }

  static WorkloadGroup workloadGroup(Metadata metadata, YamlObject root) {
    Optional<YamlObject> spec = root.requiredObject("spec");
    spec.ifPresent(s -> s.notApplied("probe"));
    Optional<YamlObject> made = spec.flatMap(s -> s.object("metadata"));
    made.ifPresent(m -> m.ignore("annotations"));
    return new WorkloadGroup(
        metadata,
        made.map(m -> m.textMap("labels")).orElse(Map.of()),
        spec.flatMap(s -> s.requiredObject("template"))
            .map(template -> spec(template, false))
            .orElse(new WorkloadEntry.Spec("", Map.of(), Map.of())));
  }

  /**
   * @param placed the entry itself, which must be somewhere; a template is nowhere yet
   */
  private static WorkloadEntry.Spec spec(YamlObject entry, boolean placed) {
    String address = entry.text("address").orElse("");
    String network = entry.text("network").orElse("");
    if (placed && address.isEmpty() && network.isEmpty()) {
      entry.missing("address");
    }
    if (!address.startsWith(UNIX) && !Addresses.isLiteral(address)) {
      Names.checkHost(entry, "address", address);
    }
    if (address.startsWith(UNIX)
        && !address.startsWith(UNIX + "/")
        && !address.startsWith(UNIX + "@")) {
      entry.report(
          DiagnosticCode.INVALID_NAME,
          "address",
          "'" + address + "' (expected: unix:///PATH or unix://@NAME)");
    }
    Map<String, Integer> ports = new LinkedHashMap<>();
    entry
        .object("ports")
        .ifPresent(named -> {
          for (String name : named.written()) {
            named.number(name, 1, MAX_PORT).ifPresent(number -> ports.put(name, number));
          }
        });
    if (address.startsWith(UNIX) && !ports.isEmpty()) {
      entry.report(
          DiagnosticCode.CONFLICTING_FIELDS,
          "ports",
          "a Unix socket has no ports (expected: address or ports of an IP address)");
    }
    return new WorkloadEntry.Spec(
        address,
        ports,
        entry.textMap("labels"),
        network,
        entry.text("locality").orElse(""),
        entry.number("weight", 0, Integer.MAX_VALUE).orElse(0),
        entry.text("serviceAccount").orElse(""));
  }
}
