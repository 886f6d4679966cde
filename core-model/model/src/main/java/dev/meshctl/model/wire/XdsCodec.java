package dev.meshctl.model.wire;

import com.google.protobuf.Any;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Parser;
import dev.meshctl.model.wire.nds.NameTable;
import dev.meshctl.model.wire.runtime.RuntimeOrder;
import dev.meshctl.model.xds.ClusterConfig;
import dev.meshctl.model.xds.ListenerConfig;
import dev.meshctl.model.xds.LoadAssignment;
import dev.meshctl.model.xds.ResourceType;
import dev.meshctl.model.xds.RouteTableConfig;
import dev.meshctl.model.xds.SecretConfig;
import dev.meshctl.model.xds.SplitRouteTable;
import dev.meshctl.model.xds.StandaloneConfig.Streams;
import dev.meshctl.model.xds.VirtualHostConfig;
import dev.meshctl.model.xds.XdsResource;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.envoyproxy.envoy.config.route.v3.VirtualHost;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.Secret;
import java.util.function.BiFunction;

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
    return Packing.pack(
        switch (resource) {
          case ListenerConfig listener -> ListenerCodec.encode(listener);
          case RouteTableConfig routes -> RouteCodec.encode(routes);
          case SplitRouteTable routes -> RouteCodec.encode(routes);
          case VirtualHostConfig host -> RouteCodec.encode(host);
          case ClusterConfig cluster -> ClusterCodec.encode(cluster);
          case LoadAssignment endpoints -> EndpointCodec.encode(endpoints);
          case SecretConfig secret -> SecretCodec.encode(secret);
          case dev.meshctl.model.xds.NameTable names -> NameTableCodec.encode(names);
          case dev.meshctl.model.xds.RuntimeOrder order -> RuntimeOrderCodec.encode(order);
        });
  }

  /** The record of {@code any}, which must be of {@code type}; files it names are refused. */
  public static Decoded decode(ResourceType type, Any any) {
    return decode(type, any, DataFiles.NONE, false, Streams.NONE);
  }

  /**
   * The record of {@code any}, which must be of {@code type}.
   *
   * @param files reads the files it names
   * @param lenient go on without fields that are not supported
   * @param streams where resources come from; others that {@code any} names are refused
   */
  public static Decoded decode(
      ResourceType type, Any any, DataFiles files, boolean lenient, Streams streams) {
    Reading reading = new Reading(files, lenient);
    return switch (type) {
      case LISTENER ->
          decode(
              reading,
              streams,
              any,
              Listener.getDescriptor(),
              Listener.parser(),
              ListenerCodec::decode);
      case ROUTE ->
          decode(
              reading,
              streams,
              any,
              RouteConfiguration.getDescriptor(),
              RouteConfiguration.parser(),
              RouteCodec::decodeResource);
      case VIRTUAL_HOST ->
          decode(
              reading,
              streams,
              any,
              VirtualHost.getDescriptor(),
              VirtualHost.parser(),
              RouteCodec::decodeHost);
      case CLUSTER ->
          decode(
              reading,
              streams,
              any,
              Cluster.getDescriptor(),
              Cluster.parser(),
              ClusterCodec::decode);
      case ENDPOINTS ->
          decode(
              reading,
              streams,
              any,
              ClusterLoadAssignment.getDescriptor(),
              ClusterLoadAssignment.parser(),
              EndpointCodec::decode);
      case SECRET ->
          decode(
              reading, streams, any, Secret.getDescriptor(), Secret.parser(), SecretCodec::decode);
      case NAMES ->
          decode(
              reading,
              streams,
              any,
              NameTable.getDescriptor(),
              NameTable.parser(),
              NameTableCodec::decode);
      case RUNTIME ->
          decode(
              reading,
              streams,
              any,
              RuntimeOrder.getDescriptor(),
              RuntimeOrder.parser(),
              RuntimeOrderCodec::decode);
    };
  }

  private static <M extends com.google.protobuf.Message> Decoded decode(
      Reading reading,
      Streams streams,
      Any any,
      Descriptor type,
      Parser<M> parser,
      BiFunction<Reading, M, XdsResource> decoder) {
    return reading
        .unpack("", any, type, parser)
        .map(message -> {
          XdsResource resource = decoder.apply(reading, message);
          // Files are watched for the bootstrap only.
          reading
              .watched()
              .forEach(file ->
                  reading.refuse(
                      "",
                      "path_config_source: "
                          + file.path()
                          + " (expected: ads or api_config_source in what a server sends)"));
          SourceCodec.expectKnown(reading, streams);
          return reading.outcome(resource);
        })
        .orElseGet(reading::refused);
  }
}
