package dev.meshctl.model.source.kinds;

import dev.meshctl.model.resource.IpBlock;
import dev.meshctl.model.resource.Metadata;
import dev.meshctl.model.resource.Node;
import dev.meshctl.model.resource.Pod;
import dev.meshctl.model.source.yaml.YamlObject;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Pod and Node. Fields that mean nothing to a mesh are passed over. */
final class PodParser {
  private static final Set<String> FINISHED = Set.of("Succeeded", "Failed");

  private PodParser() {}

  static Pod pod(Metadata metadata, YamlObject root) {
    Optional<YamlObject> spec = root.requiredObject("spec").map(YamlObject::lenient);
    Optional<YamlObject> status = root.object("status").map(YamlObject::lenient);
    return new Pod(
        metadata,
        PodParts.owner(root),
        spec.map(PodParts::serviceAccount).orElse("default"),
        spec.flatMap(s -> s.text("nodeName")).orElse(""),
        spec.flatMap(s -> s.text("hostname")).orElse(""),
        spec.flatMap(s -> s.flag("hostNetwork")).orElse(false),
        spec.map(s -> PodParts.containers(s, false)).orElse(List.of()),
        status.map(PodParser::addresses).orElse(List.of()),
        status.flatMap(s -> s.text("phase")).filter(FINISHED::contains).isPresent(),
        status.filter(s -> isTrue(s, "Ready")).isPresent(),
        root.object("metadata")
            .map(YamlObject::lenient)
            .filter(m -> m.has("deletionTimestamp"))
            .isPresent());
  }

  private static List<String> addresses(YamlObject status) {
    List<String> all =
        status.objects("podIPs").stream()
            .flatMap(address -> address.lenient().text("ip").stream())
            .toList();
    return all.isEmpty() ? status.text("podIP").stream().toList() : all;
  }

  /** The condition of that type is {@code "True"}. */
  static boolean isTrue(YamlObject status, String type) {
    return condition(status, type).equals("True");
  }

  /** The status of the condition of that type; empty where there is none. */
  static String condition(YamlObject status, String type) {
    return status.objects("conditions").stream()
        .map(YamlObject::lenient)
        .filter(condition -> condition.text("type").orElse("").equals(type))
        .flatMap(condition -> condition.text("status").stream())
        .findFirst()
        .orElse("");
  }

  static Node node(Metadata metadata, YamlObject root) {
    Optional<YamlObject> spec = root.object("spec").map(YamlObject::lenient);
    List<String> ranges = spec.map(s -> s.texts("podCIDRs")).orElse(List.of());
    List<String> only = spec.flatMap(s -> s.text("podCIDR")).stream().toList();
    return new Node(
        metadata,
        (ranges.isEmpty() ? only : ranges)
            .stream().flatMap(range -> IpBlock.parse(range).stream()).toList(),
        root
            .object("status")
            .map(status -> status.lenient().objects("addresses"))
            .orElse(List.of())
            .stream()
            .flatMap(each -> each.lenient().text("address").stream())
            .filter(Addresses::isLiteral)
            .toList());
  }
}
