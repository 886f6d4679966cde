package dev.meshctl.integration.served;

import dev.meshctl.model.xds.ListenerConfig;
import dev.meshctl.model.xds.ResourceType;
import dev.meshctl.model.xds.SocketEndpoint;
import dev.meshctl.model.xds.XdsResource;
import dev.meshctl.model.xds.XdsSnapshot;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.UnaryOperator;

/** Snapshots for a test machine. */
public final class OnLoopback {
  private OnLoopback() {}

  /**
   * The same with every listener at a port of the loopback that the system picks, reached directly:
   * addresses of a mesh are not there, and two proxies may not have the same.
   */
  public static XdsSnapshot listening(XdsSnapshot snapshot) {
    return map(
        snapshot,
        resource ->
            resource instanceof ListenerConfig listener
                ? new ListenerConfig(
                    listener.name(),
                    listener.direction(),
                    new SocketEndpoint("127.0.0.1", 0),
                    true,
                    false,
                    listener.detectProtocol(),
                    listener.detectTimeout(),
                    listener.chains(),
                    listener.defaultChain(),
                    listener.bufferBytes(),
                    listener.proxyProtocol(),
                    listener.closesUndetected(),
                    listener.accessLog())
                : resource);
  }

  /** The same with each resource changed; names stay. */
  public static XdsSnapshot map(XdsSnapshot snapshot, UnaryOperator<XdsResource> change) {
    Map<ResourceType, Map<String, XdsResource>> all = new EnumMap<>(ResourceType.class);
    snapshot
        .resources()
        .forEach((type, byName) -> {
          Map<String, XdsResource> changed = new LinkedHashMap<>();
          byName.forEach((name, resource) -> changed.put(name, change.apply(resource)));
          all.put(type, changed);
        });
    return new XdsSnapshot(all);
  }
}
