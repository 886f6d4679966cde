package dev.meshctl.dataplane.admin;

import dev.meshctl.dataplane.admin.DumpSections.Listing;
import dev.meshctl.dataplane.admin.DumpSections.Section;
import java.io.OutputStream;
import java.util.List;
import java.util.Optional;
import tools.jackson.core.JsonGenerator;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * {@code /config_dump}: the configuration in force as {@code envoy.admin.v3.ConfigDump}, encoded
 * one resource at a time and kept nowhere. {@code resource} keeps the entries of one list, such as
 * {@code dynamic_active_clusters}; {@code mask} is a field mask of the dumps, or of the entries;
 * {@code name_regex} filters by name; endpoints come with {@code include_eds}.
 */
final class ConfigDump {
  private static final String ADMIN = "type.googleapis.com/envoy.admin.v3.";

  private ConfigDump() {}

  static AdminReply of(AdminSource source, AdminQuery query) {
    List<Section> sections =
        DumpSections.of(source, query.filter("name_regex"), query.has("include_eds"));
    FieldMask mask = FieldMask.of(query.parameters().getOrDefault("mask", ""));
    String resource = query.parameters().getOrDefault("resource", "");
    return resource.isEmpty() ? whole(sections, mask) : list(sections, resource, mask);
  }

  private static AdminReply whole(List<Section> sections, FieldMask mask) {
    List<Section> chosen = sections.stream().filter(each -> each.takes(mask)).toList();
    if (chosen.isEmpty()) {
      return AdminReply.text(400, "the mask fits none of the configs\n");
    }
    return dump(json -> chosen.forEach(section -> write(json, section, mask)));
  }

  private static void write(JsonGenerator json, Section section, FieldMask mask) {
    json.writeStartObject();
    json.writeStringProperty("@type", ADMIN + section.message());
    ObjectNode fields = section.fields();
    mask.trim(fields);
    fields.properties().forEach(each -> json.writePOJOProperty(each.getKey(), each.getValue()));
    for (Listing listing : section.listings()) {
      if (mask.keeps(listing.name())) {
        boolean[] begun = new boolean[1];
        listing
            .entries()
            .each(entry -> {
              // As in protobuf's JSON, an empty list is not there.
              if (!begun[0]) {
                json.writeName(listing.name());
                json.writeStartArray();
                begun[0] = true;
              }
              json.writeTree(entry);
            });
        if (begun[0]) {
          json.writeEndArray();
        }
      }
    }
    json.writeEndObject();
  }

  private static AdminReply list(List<Section> sections, String resource, FieldMask mask) {
    Optional<Listing> found =
        sections.stream()
            .flatMap(section -> section.listings().stream())
            .filter(listing -> listing.name().equals(resource))
            .findFirst();
    if (found.isEmpty()) {
      return AdminReply.text(404, resource + " not found in config dump\n");
    }
    Listing listing = found.get();
    if (!mask.fits(listing.fields(), List.of())) {
      return AdminReply.text(
          400, "mask: expected fields of %s: %s\n".formatted(listing.message(), listing.fields()));
    }
    return dump(json ->
        listing
            .entries()
            .each(entry -> {
              mask.trim(entry);
              json.writeStartObject();
              json.writeStringProperty("@type", ADMIN + listing.message());
              entry
                  .properties()
                  .forEach(each -> json.writePOJOProperty(each.getKey(), each.getValue()));
              json.writeEndObject();
            }));
  }

  /** What stands in {@code configs}. */
  private interface Configs {
    void write(JsonGenerator json);
  }

  private static AdminReply dump(Configs configs) {
    return AdminReply.json((OutputStream out) -> {
      try (JsonGenerator json =
          JsonMapper.shared().writerWithDefaultPrettyPrinter().createGenerator(out)) {
        json.writeStartObject();
        json.writeName("configs");
        json.writeStartArray();
        configs.write(json);
        json.writeEndArray();
        json.writeEndObject();
      }
    });
  }
}
