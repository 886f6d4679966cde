package dev.meshctl.app.config;

import dev.meshctl.app.config.ProxyBootstrap.Header;
import dev.meshctl.app.config.ProxyBootstrap.Probe;
import dev.meshctl.model.xds.ProxyNode;
import dev.meshctl.model.xds.ProxyNode.Capture;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/**
 * Reads what {@link ConfigFiles#json(ProxyBootstrap)} writes, from tokens alone: data binding would
 * be a quarter of all classes that a sidecar loads (some 550), for one small file.
 *
 * <p>Thread: any; blocking.
 */
public final class BootstrapReader {
  private final String source;

  private BootstrapReader(String source) {
    this.source = source;
  }

  /**
   * Unknown fields are ignored.
   *
   * @throws IOException where the file cannot be read or is not such a record; the message names it
   */
  public static ProxyBootstrap read(Path file) throws IOException {
    return new BootstrapReader(file.toString()).parse(Files.readString(file));
  }

  /**
   * {@link #read} of a text.
   *
   * @param source names it in messages
   */
  public static ProxyBootstrap read(String source, String json) throws IOException {
    return new BootstrapReader(source).parse(json);
  }

  private ProxyBootstrap parse(String json) throws IOException {
    Map<String, Object> all;
    try (JsonParser parser = new JsonFactory().createParser(ObjectReadContext.empty(), json)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw problem("", "is not a JSON object");
      }
      all = object(parser);
    } catch (JacksonException malformed) {
      throw new IOException(
          source + " does not read as ProxyBootstrap: " + malformed.getMessage(), malformed);
    }
    Map<String, Object> node = object(all, "node");
    return new ProxyBootstrap(
        new ProxyNode(
            text(node, "id"),
            role(text(node, "role")),
            text(node, "namespace"),
            text(node, "workload"),
            text(node, "instance"),
            text(node, "serviceAccount"),
            texts(object(node, "labels")),
            capture(object(node, "capture"))),
        text(all, "trustDomain"),
        text(all, "discoveryAddress"),
        text(all, "trustBundleFile"),
        text(all, "tokenFile"),
        text(all, "adminAddress"),
        text(all, "healthAddress"),
        text(all, "dnsAddress"),
        text(all, "accessLog"),
        number(all, "workerThreads"),
        all.containsKey("drainSeconds")
            ? number(all, "drainSeconds")
            : ProxyBootstrap.DRAIN_SECONDS,
        all.containsKey("lingerSeconds") ? number(all, "lingerSeconds") : 0,
        optional(all, "probeAddress"),
        probes(all));
  }

  private List<Probe> probes(Map<String, Object> all) throws IOException {
    List<Probe> probes = new ArrayList<>();
    for (Map<String, Object> probe : objects(all, "probes")) {
      List<Header> headers = new ArrayList<>();
      for (Map<String, Object> header : objects(probe, "headers")) {
        headers.add(new Header(text(header, "name"), text(header, "value")));
      }
      probes.add(
          new Probe(
              text(probe, "path"),
              text(probe, "type"),
              number(probe, "port"),
              optional(probe, "target"),
              headers,
              optional(probe, "service"),
              number(probe, "timeoutSeconds")));
    }
    return probes;
  }

  private ProxyNode.Role role(String name) throws IOException {
    return switch (name) {
      case "SIDECAR" -> ProxyNode.Role.SIDECAR;
      case "GATEWAY" -> ProxyNode.Role.GATEWAY;
      default -> throw problem("node.role", "'" + name + "' (expected: SIDECAR or GATEWAY)");
    };
  }

  private Capture capture(Map<String, Object> shape) throws IOException {
    String mode = text(shape, "mode");
    return switch (mode) {
      case "transparent" -> {
        String first = text(shape, "podAddress");
        yield new Capture.Transparent(first, other(first, optional(shape, "otherAddress")));
      }
      case "explicit" ->
          new Capture.Explicit(
              text(shape, "proxyAddress"),
              text(shape, "workloadAddress"),
              text(shape, "servicePrefix"));
      case "edge" -> new Capture.Edge(text(shape, "bindAddress"));
      default ->
          throw problem(
              "node.capture.mode", "'" + mode + "' (expected: transparent, explicit or edge)");
    };
  }

  /** The kubelet fills in all addresses of a pod, with commas between, and no other way is had. */
  private static String other(String first, String addresses) {
    return Arrays.stream(addresses.split(","))
        .filter(address -> !address.equals(first))
        .findFirst()
        .orElse("");
  }

  /** The parser stands at the opening brace; of arrays the objects are kept. */
  private static Map<String, Object> object(JsonParser parser) {
    Map<String, Object> fields = new LinkedHashMap<>();
    while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
      String name = parser.currentName();
      JsonToken value = parser.nextToken();
      if (value == JsonToken.START_OBJECT) {
        fields.put(name, object(parser));
      } else if (value == JsonToken.VALUE_NUMBER_INT) {
        fields.put(name, parser.getIntValue());
      } else if (value == JsonToken.VALUE_STRING) {
        fields.put(name, parser.getString());
      } else if (value == JsonToken.START_ARRAY) {
        List<Map<String, Object>> objects = new ArrayList<>();
        for (JsonToken entry = parser.nextToken();
            entry != JsonToken.END_ARRAY && entry != null;
            entry = parser.nextToken()) {
          if (entry == JsonToken.START_OBJECT) {
            objects.add(object(parser));
          } else {
            parser.skipChildren();
          }
        }
        fields.put(name, objects);
      } else {
        parser.skipChildren();
      }
    }
    return fields;
  }

  private String optional(Map<String, Object> from, String name) throws IOException {
    return from.containsKey(name) ? text(from, name) : "";
  }

  @SuppressWarnings("unchecked") // object() puts no other lists.
  private List<Map<String, Object>> objects(Map<String, Object> from, String name)
      throws IOException {
    if (!from.containsKey(name)) {
      return List.of();
    }
    if (from.get(name) instanceof List<?> list) {
      return (List<Map<String, Object>>) list;
    }
    throw problem(name, "is not a list");
  }

  private String text(Map<String, Object> from, String name) throws IOException {
    if (from.get(name) instanceof String text) {
      return text;
    }
    throw problem(name, "is not a text");
  }

  private int number(Map<String, Object> from, String name) throws IOException {
    if (from.get(name) instanceof Integer number) {
      return number;
    }
    throw problem(name, "is not a whole number");
  }

  @SuppressWarnings("unchecked") // object() puts no other maps.
  private Map<String, Object> object(Map<String, Object> from, String name) throws IOException {
    if (from.get(name) instanceof Map<?, ?> map) {
      return (Map<String, Object>) map;
    }
    throw problem(name, "is not an object");
  }

  private static Map<String, String> texts(Map<String, Object> from) {
    Map<String, String> texts = new LinkedHashMap<>();
    from.forEach((name, value) -> {
      if (value instanceof String text) {
        texts.put(name, text);
      }
    });
    return texts;
  }

  private IOException problem(String field, String what) {
    return new IOException(
        source
            + " does not read as ProxyBootstrap: "
            + (field.isEmpty() ? "it" : field)
            + " "
            + what);
  }
}
