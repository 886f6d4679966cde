package dev.meshctl.model.wire;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.util.JsonFormat;
import dev.meshctl.model.xds.ProxyNode;
import dev.meshctl.model.xds.XdsResource;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.Secret;
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

  /** A JSON array, one object a resource, each with its {@code @type}; no private key is told. */
  public static String array(Collection<EncodedResource> resources) {
    StringJoiner array = new StringJoiner(",", "[", "]");
    resources.forEach(resource -> array.add(print(resource.name(), resource.any())));
    return array.toString();
  }

  /** One object with its {@code @type}; a private key is not told. */
  public static String of(XdsResource resource) {
    return print(resource.name(), XdsCodec.encode(resource));
  }

  /** {@code envoy.config.core.v3.Node}, with its {@code @type}. */
  public static String of(ProxyNode node) {
    return print(node.id(), Packing.pack(NodeCodec.encode(node)));
  }

  /** A dump is often pasted somewhere. */
  private static Any redacted(Any any) throws InvalidProtocolBufferException {
    if (!Reading.holds(any, Secret.getDescriptor())) {
      return any;
    }
    Secret secret = Secret.parseFrom(any.getValue());
    if (!secret.hasTlsCertificate()) {
      return any;
    }
    Secret.Builder without = secret.toBuilder();
    without.getTlsCertificateBuilder().getPrivateKeyBuilder().setInlineString(REDACTED);
    return Packing.pack(without.build());
  }

  /** By descriptors alone: no message class is reflected upon. */
  private static String print(String name, Any any) {
    try {
      return PRINTER.print(redacted(any));
    } catch (InvalidProtocolBufferException unknown) {
      throw new IllegalStateException(
          name + " holds a message that has no JSON here: add its type", unknown);
    }
  }
}
