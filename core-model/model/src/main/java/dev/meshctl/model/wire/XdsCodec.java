package dev.meshctl.model.wire;

import com.google.protobuf.Any;
import dev.meshctl.model.xds.ResourceType;
import dev.meshctl.model.xds.XdsResource;

/**
 * xDS v3 resources to and from records. {@code decode(encode(x))} is {@code x}; what {@code encode}
 * gives is valid for Envoy.
 *
 * <p>Threads: pure functions.
 */
public final class XdsCodec {
  private XdsCodec() {}

  /** The resource as a message; callers keep the bytes (see {@link EncodedResource}). */
  public static Any encode(XdsResource resource) {
    throw new UnsupportedOperationException();
  }

  /** The record of {@code any}, which must be of {@code type}. */
  public static Decoded decode(ResourceType type, Any any) {
    throw new UnsupportedOperationException();
  }
}
