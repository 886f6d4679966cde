package dev.meshctl.model.wire;

import com.google.protobuf.Any;
import dev.meshctl.model.xds.ResourceType;
import dev.meshctl.model.xds.XdsResource;

/**
 * One resource as it goes on the wire, serialized once for all proxies that share it.
 *
 * @param version hash of the bytes in hexadecimal: equal resources have equal versions, across
 *     restarts too
 */
public record EncodedResource(String name, ResourceType type, String version, Any any) {
  /** Serializes {@code resource}. */
  public static EncodedResource of(XdsResource resource) {
    throw new UnsupportedOperationException();
  }
}
