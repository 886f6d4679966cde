package dev.meshctl.model.wire;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.Parser;
import com.google.protobuf.util.JsonFormat;
import dev.meshctl.model.source.yaml.YamlDocuments;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/**
 * One YAML document as a protobuf message. Fields and messages that we do not know are found by
 * walking the document along the descriptors, so that each is named with its path and line; what is
 * left goes through protobuf's own JSON reader. That fills dynamic messages: the accessors which
 * reflection makes for generated ones are never let go.
 *
 * <p>Thread: confined to one caller.
 */
final class MessageYaml {
  private static final String TYPE = "@type";
  private static final String WELL_KNOWN = "google.protobuf.";
  private static final String ANY = "google.protobuf.Any";
  private static final Pattern STEP = Pattern.compile("([^.\\[\\]]+)|\\[([^\\]]*)]");

  private final String source;
  private final Node root;
  private List<Finding> unknown = new ArrayList<>();
  private List<Finding> problems = new ArrayList<>();

  /** What is to be said about the field at {@code path}. */
  record Finding(String path, String text) {}

  MessageYaml(String source, Node root) {
    this.source = source;
    this.root = root;
  }

  /**
   * The document as a message of {@code type}; empty where {@code problems} say why not.
   *
   * @param unknown takes fields and messages that were left out since we do not know them
   */
  <M extends Message> Optional<M> read(
      Descriptor type, Parser<M> parser, List<Finding> unknown, List<Finding> problems) {
    this.unknown = unknown;
    this.problems = problems;
    int before = problems.size();
    StringWriter json = new StringWriter();
    try (JsonGenerator out = new JsonFactory().createGenerator(ObjectWriteContext.empty(), json)) {
      message(out, root, type, "");
    }
    if (problems.size() > before) {
      return Optional.empty();
    }
    DynamicMessage.Builder builder = DynamicMessage.newBuilder(type);
    try {
      JsonFormat.parser().usingTypeRegistry(KnownMessages.REGISTRY).merge(json.toString(), builder);
      return Optional.of(parser.parseFrom(builder.build().toByteString()));
    } catch (InvalidProtocolBufferException malformed) {
      problems.add(new Finding("", String.valueOf(malformed.getMessage())));
      return Optional.empty();
    }
  }

  /** {@code file:line:column: path: text}. */
  String place(Finding finding) {
    Node at = find(finding.path);
    String text = finding.path.isEmpty() ? finding.text : finding.path + ": " + finding.text;
    return YamlDocuments.at(source, at) + ": " + text;
  }

  // ---- along the descriptors

  private void message(JsonGenerator out, Node node, Descriptor type, String path) {
    if (type.getFullName().equals(ANY)) {
      any(out, node, path);
    } else if (type.getFullName().startsWith(WELL_KNOWN)) {
      // A duration is a text, a wrapper its value, a Struct anything.
      raw(out, node);
    } else if (node instanceof MappingNode mapping) {
      out.writeStartObject();
      fields(out, mapping, type, path);
      out.writeEndObject();
    } else if (isNull(node)) {
      out.writeStartObject();
      out.writeEndObject();
    } else {
      problems.add(new Finding(path, "is no object (expected: " + type.getName() + ")"));
      out.writeNull();
    }
  }

  private void any(JsonGenerator out, Node node, String path) {
    Descriptor type = typeOf(node);
    if (type == null) {
      unknown.add(new Finding(path, unknownType(node)));
    }
    out.writeStartObject();
    if (type != null && node instanceof MappingNode mapping) {
      out.writeStringProperty(TYPE, typeUrl(mapping));
      if (type.getFullName().startsWith(WELL_KNOWN)) {
        rawFields(out, mapping, Set.of(TYPE));
      } else {
        fields(out, mapping, type, path);
      }
    }
    out.writeEndObject();
  }

  /** What an Any says that it holds, where we know it. */
  private static @Nullable Descriptor typeOf(Node any) {
    String url = any instanceof MappingNode mapping ? typeUrl(mapping) : "";
    return url.isEmpty()
        ? null
        : KnownMessages.REGISTRY.find(url.substring(url.lastIndexOf('/') + 1));
  }

  private static String unknownType(Node any) {
    String url = any instanceof MappingNode mapping ? typeUrl(mapping) : "";
    return url.isEmpty()
        ? "no @type (expected: the type URL of a message)"
        : url + " is not supported (expected: not set)";
  }

  private static String typeUrl(MappingNode mapping) {
    for (NodeTuple entry : mapping.getValue()) {
      if (key(entry).equals(TYPE) && entry.getValueNode() instanceof ScalarNode url) {
        return url.getValue();
      }
    }
    return "";
  }

  private void fields(JsonGenerator out, MappingNode node, Descriptor type, String path) {
    Set<FieldDescriptor> seen = new HashSet<>();
    for (NodeTuple entry : node.getValue()) {
      String key = key(entry);
      if (key.equals(TYPE)) {
        continue;
      }
      FieldDescriptor field = field(type, key);
      String at = Reading.join(path, key);
      if (field == null) {
        unknown.add(
            new Finding(at, "not supported (expected: a field of " + type.getFullName() + ")"));
      } else if (!seen.add(field)) {
        problems.add(new Finding(at, "stands there twice (expected: once)"));
      } else if (!isNull(entry.getValueNode()) && admits(field, entry.getValueNode(), at)) {
        out.writeName(field.getName());
        value(out, entry.getValueNode(), field, at);
      }
    }
  }

  /** Whether an Any holds what we know. */
  private boolean admits(FieldDescriptor field, Node node, String path) {
    boolean any =
        field.getJavaType() == FieldDescriptor.JavaType.MESSAGE
            && field.getMessageType().getFullName().equals(ANY)
            && !field.isRepeated();
    if (!any || typeOf(node) != null) {
      return true;
    }
    unknown.add(new Finding(path, unknownType(node)));
    return false;
  }

  private static @Nullable FieldDescriptor field(Descriptor type, String key) {
    FieldDescriptor named = type.findFieldByName(key);
    if (named != null) {
      return named;
    }
    for (FieldDescriptor each : type.getFields()) {
      if (each.getJsonName().equals(key)) {
        return each;
      }
    }
    return null;
  }

  private void value(JsonGenerator out, Node node, FieldDescriptor field, String path) {
    if (field.isMapField()) {
      map(out, node, field.getMessageType().findFieldByName("value"), path);
    } else if (field.isRepeated()) {
      if (node instanceof SequenceNode list) {
        out.writeStartArray();
        int index = 0;
        for (Node item : list.getValue()) {
          single(out, item, field, path + "[" + index++ + "]");
        }
        out.writeEndArray();
      } else {
        problems.add(new Finding(path, "is no list (expected: a list)"));
        out.writeNull();
      }
    } else {
      single(out, node, field, path);
    }
  }

  private void map(JsonGenerator out, Node node, FieldDescriptor value, String path) {
    out.writeStartObject();
    if (node instanceof MappingNode mapping) {
      for (NodeTuple entry : mapping.getValue()) {
        String at = path + "[" + key(entry) + "]";
        if (admits(value, entry.getValueNode(), at)) {
          out.writeName(key(entry));
          single(out, entry.getValueNode(), value, at);
        }
      }
    } else {
      problems.add(new Finding(path, "is no object (expected: an object)"));
    }
    out.writeEndObject();
  }

  private void single(JsonGenerator out, Node node, FieldDescriptor field, String path) {
    switch (field.getJavaType()) {
      case MESSAGE -> message(out, node, field.getMessageType(), path);
      case ENUM -> {
        if (node instanceof ScalarNode scalar) {
          boolean known =
              field.getEnumType().findValueByName(scalar.getValue()) != null
                  || scalar.getTag().equals(Tag.INT);
          if (!known) {
            problems.add(
                new Finding(path, scalar.getValue() + " (expected: one of " + names(field) + ")"));
          }
        }
        raw(out, node);
      }
      case INT, LONG, FLOAT, DOUBLE, BOOLEAN, STRING, BYTE_STRING -> {
        if (node instanceof ScalarNode scalar) {
          scalar(out, scalar, field.getJavaType() == FieldDescriptor.JavaType.STRING);
        } else {
          problems.add(new Finding(path, "is no single value (expected: one)"));
          out.writeNull();
        }
      }
    }
  }

  private static String names(FieldDescriptor field) {
    return String.join(
        ", ", field.getEnumType().getValues().stream().map(each -> each.getName()).toList());
  }

  // ---- as it stands

  private void raw(JsonGenerator out, Node node) {
    switch (node) {
      case MappingNode mapping -> {
        out.writeStartObject();
        rawFields(out, mapping, Set.of());
        out.writeEndObject();
      }
      case SequenceNode list -> {
        out.writeStartArray();
        list.getValue().forEach(item -> raw(out, item));
        out.writeEndArray();
      }
      case ScalarNode scalar -> scalar(out, scalar, false);
      default -> out.writeNull();
    }
  }

  private void rawFields(JsonGenerator out, MappingNode mapping, Set<String> without) {
    for (NodeTuple entry : mapping.getValue()) {
      if (!without.contains(key(entry))) {
        out.writeName(key(entry));
        raw(out, entry.getValueNode());
      }
    }
  }

  private static void scalar(JsonGenerator out, ScalarNode scalar, boolean asText) {
    String text = scalar.getValue();
    Tag tag = scalar.getTag();
    if (asText) {
      out.writeString(text);
    } else if (tag.equals(Tag.NULL)) {
      out.writeNull();
    } else if (tag.equals(Tag.BOOL)) {
      out.writeBoolean(text.equalsIgnoreCase("true"));
    } else if (tag.equals(Tag.INT) && text.matches("-?(0|[1-9][0-9]*)")) {
      out.writeNumber(new java.math.BigInteger(text));
    } else if (tag.equals(Tag.FLOAT) && text.matches("-?[0-9]+(\\.[0-9]+)?([eE][-+]?[0-9]+)?")) {
      out.writeNumber(new java.math.BigDecimal(text));
    } else {
      out.writeString(text);
    }
  }

  private static boolean isNull(Node node) {
    return node instanceof ScalarNode scalar && scalar.getTag().equals(Tag.NULL);
  }

  private static String key(NodeTuple entry) {
    return entry.getKeyNode() instanceof ScalarNode name ? name.getValue() : "";
  }

  // ---- places

  /** The node at {@code path}, or the nearest above it. */
  private Node find(String path) {
    Node at = root;
    Matcher steps = STEP.matcher(path);
    while (steps.find()) {
      Node next =
          steps.group(1) != null
              ? child(at, steps.group(1))
              : at instanceof SequenceNode list
                  ? item(list, steps.group(2))
                  : child(at, steps.group(2));
      if (next == null) {
        return at;
      }
      at = next;
    }
    return at;
  }

  private static @Nullable Node child(Node from, String name) {
    if (from instanceof MappingNode mapping) {
      for (NodeTuple entry : mapping.getValue()) {
        if (plain(key(entry)).equals(plain(name))) {
          // An object's own line is that of its first field; its key says more.
          return entry.getValueNode() instanceof ScalarNode
              ? entry.getKeyNode()
              : entry.getValueNode();
        }
      }
    }
    return null;
  }

  private static @Nullable Node item(SequenceNode list, String index) {
    if (!index.matches("[0-9]{1,6}")) {
      return null;
    }
    int number = Integer.parseInt(index);
    return number < list.getValue().size() ? list.getValue().get(number) : null;
  }

  private static String plain(String name) {
    return name.replace("_", "").toLowerCase(java.util.Locale.ROOT);
  }
}
