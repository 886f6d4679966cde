package dev.meshctl.model.wire;

import com.google.protobuf.Any;
import dev.meshctl.model.xds.ResourceType;
import dev.meshctl.model.xds.XdsResource;
import io.envoyproxy.envoy.service.discovery.v3.Resource;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * One resource as it goes on the wire, serialized once for all proxies that share it.
 *
 * @param version hash of the bytes in hexadecimal: equal resources have equal versions, across
 *     restarts too; with {@link #LENT} behind it where the resource is {@link #lent}
 * @param heartbeat what lends it for another while: name, version and {@code ttl} without content;
 *     empty where it is held until it is taken back
 */
public record EncodedResource(
    String name, ResourceType type, String version, Any any, Optional<Resource> heartbeat) {
  /**
   * Ends the version of a resource that is lent for a time, so that who comes back with it is known
   * to hold it for a time only: lent or not is a difference that has to be told.
   */
  public static final String LENT = "~ttl";

  /** Sixteen hexadecimal digits: 64 bits tell the versions of one resource apart. */
  private static final int VERSION_BYTES = 8;

  /** Serializes {@code resource}. */
  public static EncodedResource of(XdsResource resource) {
    Any any = XdsCodec.encode(resource);
    return new EncodedResource(
        resource.name(), resource.type(), version(any), any, Optional.empty());
  }

  /** The same content, lent for {@code ttl}: over 0. */
  public EncodedResource lent(Duration ttl) {
    String lent = version + LENT;
    Resource heartbeat =
        Resource.newBuilder().setName(name).setVersion(lent).setTtl(Packing.duration(ttl)).build();
    return new EncodedResource(name, type, lent, any, Optional.of(heartbeat));
  }

  /** The same version with another content. */
  EncodedResource with(Any content) {
    return new EncodedResource(name, type, version, content, heartbeat);
  }

  /** How long it is lent; 0 where it is held until it is taken back. */
  public long ttlNanos() {
    return heartbeat
        .map(
            beat -> TimeUnit.SECONDS.toNanos(beat.getTtl().getSeconds()) + beat.getTtl().getNanos())
        .orElse(0L);
  }

  /** As incremental xDS has it. */
  public Resource resource() {
    return heartbeat
        .map(Resource::toBuilder)
        .orElseGet(() -> Resource.newBuilder().setName(name).setVersion(version))
        .setResource(any)
        .build();
  }

  /** As the state of the world has it: wrapped where it is lent. */
  public Any orWrapped() {
    return heartbeat.isPresent() ? wrapped(resource()) : any;
  }

  /** A resource or heartbeat as the state of the world has it. */
  public static Any wrapped(Resource resource) {
    return Packing.pack(resource);
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
