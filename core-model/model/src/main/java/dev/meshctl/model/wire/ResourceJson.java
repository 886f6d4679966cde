package dev.meshctl.model.wire;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.util.JsonFormat;
import java.util.Collection;
import java.util.StringJoiner;

/**
 * Resources for people: the canonical JSON of their messages, with the field names of the proto
 * files.
 *
 * <p>Threads: any. Its first use loads the descriptors of every message it knows, so the proxy
 * keeps away from it.
 */
public final class ResourceJson {
  private static final JsonFormat.Printer PRINTER =
      JsonFormat.printer()
          .preservingProtoFieldNames()
          .omittingInsignificantWhitespace()
          .usingTypeRegistry(KnownMessages.REGISTRY);

  private ResourceJson() {}

  /** A JSON array, one object a resource, each with its {@code @type}. */
  public static String array(Collection<EncodedResource> resources) {
    StringJoiner array = new StringJoiner(",", "[", "]");
    for (EncodedResource resource : resources) {
      try {
        array.add(PRINTER.print(resource.any()));
      } catch (InvalidProtocolBufferException unknown) {
        throw new IllegalStateException(
            resource.name() + " holds a message that has no JSON here: add its type", unknown);
      }
    }
    return array.toString();
  }
}
