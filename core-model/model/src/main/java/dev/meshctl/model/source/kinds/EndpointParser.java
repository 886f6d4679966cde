package dev.meshctl.model.source.kinds;

import static dev.meshctl.model.source.kinds.Shared.MAX_PORT;

import dev.meshctl.model.resource.EndpointSlice;
import dev.meshctl.model.resource.EndpointSlice.AddressType;
import dev.meshctl.model.resource.EndpointSlice.Conditions;
import dev.meshctl.model.resource.Endpoints;
import dev.meshctl.model.resource.Metadata;
import dev.meshctl.model.source.yaml.YamlObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Where a Service's endpoints are: EndpointSlices, and Endpoints before them. */
final class EndpointParser {
  private static final Map<String, AddressType> ADDRESS_TYPES =
      Map.of("IPv4", AddressType.IPV4, "IPv6", AddressType.IPV6, "FQDN", AddressType.FQDN);

  private EndpointParser() {}

  static EndpointSlice slice(Metadata metadata, YamlObject root) {
    if (!root.has("addressType")) {
      root.missing("addressType");
    }
    AddressType type = root.word("addressType", ADDRESS_TYPES).orElse(AddressType.IPV4);
    if (type == AddressType.FQDN) {
      root.valueNotApplied("addressType", "FQDN is not applied: these endpoints are nobody's");
    }
    if (!root.has("endpoints")) {
      root.missing("endpoints");
    }
    return new EndpointSlice(
        metadata,
        type,
        ports(root),
        root.objects("endpoints").stream().map(endpoint -> endpoint(endpoint, type)).toList());
  }

  private static List<EndpointSlice.Port> ports(YamlObject from) {
    List<EndpointSlice.Port> ports = new ArrayList<>();
    for (YamlObject port : from.objects("ports")) {
      port.ignore("appProtocol");
      String name = port.text("name").orElse("");
      int number = port.number("port", 1, MAX_PORT).orElse(0);
      ports.add(new EndpointSlice.Port(name, number, Protocols.transport(port)));
    }
    return ports;
  }

  private static EndpointSlice.Endpoint endpoint(YamlObject endpoint, AddressType type) {
    endpoint.ignore("deprecatedTopology");
    List<String> addresses = endpoint.texts("addresses");
    if (addresses.isEmpty()) {
      endpoint.missing("addresses");
    }
    for (int i = 0; i < addresses.size(); i++) {
      Addresses.check(endpoint, "addresses[" + i + "]", addresses.get(i), type);
    }
    Optional<YamlObject> hints = endpoint.object("hints");
    return new EndpointSlice.Endpoint(
        addresses,
        endpoint.object("conditions").map(EndpointParser::conditions).orElse(Conditions.READY),
        endpoint.text("hostname").orElse(""),
        pod(endpoint),
        endpoint.text("nodeName").orElse(""),
        endpoint.text("zone").orElse(""),
        hints.map(h -> names(h, "forZones")).orElse(List.of()),
        hints.map(h -> names(h, "forNodes")).orElse(List.of()));
  }

  private static List<String> names(YamlObject hints, String key) {
    return hints.objects(key).stream().map(hint -> hint.requiredText("name")).toList();
  }

  private static Conditions conditions(YamlObject conditions) {
    boolean ready = conditions.flag("ready").orElse(true);
    return new Conditions(
        ready,
        conditions.flag("serving").orElse(ready),
        conditions.flag("terminating").orElse(false));
  }

  private static Optional<String> pod(YamlObject endpoint) {
    return endpoint
        .object("targetRef")
        .map(ref -> ref.ignore("apiVersion", "fieldPath", "namespace", "resourceVersion", "uid"))
        .filter(ref -> ref.text("kind").orElse("").equals("Pod"))
        .flatMap(ref -> ref.text("name"));
  }

  static Endpoints endpoints(Metadata metadata, YamlObject root) {
    return new Endpoints(
        metadata, root.objects("subsets").stream().map(EndpointParser::subset).toList());
  }

  private static Endpoints.Subset subset(YamlObject subset) {
    List<EndpointSlice.Endpoint> endpoints = new ArrayList<>();
    for (YamlObject address : subset.objects("addresses")) {
      endpoints.add(address(address, Conditions.READY));
    }
    for (YamlObject address : subset.objects("notReadyAddresses")) {
      endpoints.add(address(address, Conditions.NOT_READY));
    }
    return new Endpoints.Subset(ports(subset), endpoints);
  }

  private static EndpointSlice.Endpoint address(YamlObject address, Conditions conditions) {
    String ip = address.requiredText("ip");
    Addresses.check(address, "ip", ip);
    return new EndpointSlice.Endpoint(
        List.of(ip),
        conditions,
        address.text("hostname").orElse(""),
        pod(address),
        address.text("nodeName").orElse(""),
        "",
        List.of(),
        List.of());
  }
}
