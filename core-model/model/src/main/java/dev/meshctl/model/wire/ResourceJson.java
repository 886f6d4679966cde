package dev.meshctl.model.wire;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.util.JsonFormat;
import dev.meshctl.model.xds.ProxyNode;
import dev.meshctl.model.xds.SecretConfig;
import dev.meshctl.model.xds.SecretConfig.Material;
import dev.meshctl.model.xds.XdsResource;
import java.util.Collection;
import java.util.StringJoiner;

/**
 * Resources for people: the canonical JSON of their messages, with the field names of the proto
 * files.
 *
 * <p>Threads: any. Its first use loads the descriptors of every message it knows, so the proxy
 * keeps away from it until somebody asks what it runs on.
 */
public final class ResourceJson {
  private static final JsonFormat.Printer PRINTER =
      JsonFormat.printer()
          .preservingProtoFieldNames()
          .omittingInsignificantWhitespace()
          .usingTypeRegistry(KnownMessages.REGISTRY);

  /** What stands for a private key, as in Envoy. */
  private static final String REDACTED = "[redacted]";

  private ResourceJson() {}

  /** A JSON array, one object a resource, each with its {@code @type}. */
  public static String array(Collection<EncodedResource> resources) {
    StringJoiner array = new StringJoiner(",", "[", "]");
    resources.forEach(resource -> array.add(print(resource.name(), resource.any())));
    return array.toString();
  }

  /** One object with its {@code @type}; a private key is not told. */
  public static String of(XdsResource resource) {
    return print(resource.name(), XdsCodec.encode(redacted(resource)));
  }

  /** {@code envoy.config.core.v3.Node}, with its {@code @type}. */
  public static String of(ProxyNode node) {
    return print(node.id(), Packing.pack(NodeCodec.encode(node)));
  }

  private static XdsResource redacted(XdsResource resource) {
    // A dump is often pasted somewhere.
    return resource instanceof SecretConfig(String name, Material.Certificate(var chain, var key))
        ? new SecretConfig(name, new Material.Certificate(chain, REDACTED))
        : resource;
  }

  /** By descriptors alone: no message class is reflected upon. */
  private static String print(String name, Any any) {
    try {
      return PRINTER.print(any);
    } catch (InvalidProtocolBufferException unknown) {
      throw new IllegalStateException(
          name + " holds a message that has no JSON here: add its type", unknown);
    }
  }
}
