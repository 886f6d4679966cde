package dev.meshctl.model.wire;

import com.google.protobuf.Any;
import dev.meshctl.model.xds.ResourceType;
import dev.meshctl.model.xds.XdsResource;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * One resource as it goes on the wire, serialized once for all proxies that share it.
 *
 * @param version hash of the bytes in hexadecimal: equal resources have equal versions, across
 *     restarts too
 */
public record EncodedResource(String name, ResourceType type, String version, Any any) {
  /** Sixteen hexadecimal digits: 64 bits tell the versions of one resource apart. */
  private static final int VERSION_BYTES = 8;

  /** Serializes {@code resource}. */
  public static EncodedResource of(XdsResource resource) {
    Any any = XdsCodec.encode(resource);
    return new EncodedResource(resource.name(), resource.type(), version(any), any);
  }

  private static String version(Any any) {
    return hash(any.getValue().asReadOnlyByteBuffer());
  }

  static String hash(String content) {
    return hash(StandardCharsets.UTF_8.encode(content));
  }

  private static String hash(ByteBuffer content) {
    try {
      MessageDigest sha = MessageDigest.getInstance("SHA-256");
      sha.update(content);
      return HexFormat.of().formatHex(sha.digest(), 0, VERSION_BYTES);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
