package dev.meshctl.xdsclient;

import dev.meshctl.model.wire.ResourceJson;
import dev.meshctl.model.xds.ProxyNode;
import dev.meshctl.model.xds.XdsResource;

/**
 * What a proxy runs on, as the wire has it, for those who look at it: JSON with the field names of
 * the proto files, each object with its {@code @type}, without private keys.
 *
 * <p>Threads: any but an event loop. Its first use loads the descriptors of all messages.
 */
public final class ConfigText {
  private ConfigText() {}

  public static String of(XdsResource resource) {
    return ResourceJson.of(resource);
  }

  /** {@code envoy.config.core.v3.Node}. */
  public static String of(ProxyNode node) {
    return ResourceJson.of(node);
  }
}
