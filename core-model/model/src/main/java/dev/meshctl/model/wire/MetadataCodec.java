package dev.meshctl.model.wire;

import com.google.protobuf.ListValue;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import dev.meshctl.model.xds.ClusterConfig.ServiceRef;
import dev.meshctl.model.xds.LoadAssignment.WorkloadRef;
import io.envoyproxy.envoy.config.core.v3.Metadata;
import java.util.List;
import java.util.Set;

/** What Istio keeps in {@code metadata.filter_metadata}. */
final class MetadataCodec {
  private static final String ISTIO = "istio";
  private static final String SOCKET_MATCH = "envoy.transport_socket_match";
  private static final String TLS_MODE = "tlsMode";
  private static final String SERVICES = "services";
  private static final String SUBSET = "subset";
  private static final String WORKLOAD = "workload";
  private static final KnownFields METADATA =
      KnownFields.of(Metadata.getDescriptor(), "filter_metadata")
          .leavingAside("typed_filter_metadata");

  /** {@code transport_socket_matches[].match} of endpoints that speak the mesh's mTLS. */
  static final Struct MESH_TLS = Struct.newBuilder().putFields(TLS_MODE, text(ISTIO)).build();

  private MetadataCodec() {}

  static Metadata ofService(ServiceRef service) {
    Struct.Builder istio = Struct.newBuilder();
    if (!service.host().isEmpty() || !service.namespace().isEmpty() || !service.name().isEmpty()) {
      Struct one =
          Struct.newBuilder()
              .putFields("host", text(service.host()))
              .putFields("name", text(service.name()))
              .putFields("namespace", text(service.namespace()))
              .build();
      istio.putFields(
          SERVICES,
          Value.newBuilder()
              .setListValue(
                  ListValue.newBuilder().addValues(Value.newBuilder().setStructValue(one)))
              .build());
    }
    if (!service.subset().isEmpty()) {
      istio.putFields(SUBSET, text(service.subset()));
    }
    return Metadata.newBuilder().putFilterMetadata(ISTIO, istio.build()).build();
  }

  static ServiceRef service(Reading reading, String path, Metadata metadata) {
    reading.expect(path, metadata, METADATA);
    Struct istio = only(reading, path, metadata, Set.of(), SERVICES, SUBSET);
    ListValue services = field(istio, SERVICES).getListValue();
    Struct first =
        services.getValuesCount() == 0
            ? Struct.getDefaultInstance()
            : services.getValues(0).getStructValue();
    return new ServiceRef(
        field(first, "host").getStringValue(),
        field(first, "namespace").getStringValue(),
        field(first, "name").getStringValue(),
        field(istio, SUBSET).getStringValue());
  }

  /**
   * Istio's {@code workload} text: name, namespace, app, version and cluster between semicolons.
   */
  static Metadata ofEndpoint(WorkloadRef workload, boolean meshTls) {
    Metadata.Builder metadata = Metadata.newBuilder();
    if (!workload.equals(WorkloadRef.UNKNOWN)) {
      String text =
          String.join(
              ";", workload.name(), workload.namespace(), workload.app(), workload.version(), "");
      metadata.putFilterMetadata(
          ISTIO, Struct.newBuilder().putFields(WORKLOAD, text(text)).build());
    }
    if (meshTls) {
      metadata.putFilterMetadata(SOCKET_MATCH, MESH_TLS);
    }
    return metadata.build();
  }

  static WorkloadRef workload(Reading reading, String path, Metadata metadata) {
    reading.expect(path, metadata, METADATA);
    String text =
        field(only(reading, path, metadata, Set.of(LabelCodec.GROUP), WORKLOAD), WORKLOAD)
            .getStringValue();
    String[] parts = text.split(";", -1);
    return parts.length < 4
        ? WorkloadRef.UNKNOWN
        : new WorkloadRef(parts[0], parts[1], parts[2], parts[3]);
  }

  static boolean meshTls(Reading reading, String path, Metadata metadata) {
    Struct match = metadata.getFilterMetadataOrDefault(SOCKET_MATCH, Struct.getDefaultInstance());
    for (String key : match.getFieldsMap().keySet()) {
      if (!key.equals(TLS_MODE)) {
        reading.refuse(
            path + ".filter_metadata[" + SOCKET_MATCH + "]." + key,
            "not supported (expected: " + TLS_MODE + ")");
      }
    }
    return field(match, TLS_MODE).getStringValue().equals(ISTIO);
  }

  /**
   * Istio's group of {@code filter_metadata}; what is beside {@code known} in it is ignored.
   *
   * @param others groups that somebody else reads
   */
  private static Struct only(
      Reading reading, String path, Metadata metadata, Set<String> others, String... known) {
    String fields = path + ".filter_metadata";
    metadata
        .getFilterMetadataMap()
        .keySet()
        .forEach(name -> {
          if (!name.equals(ISTIO) && !name.equals(SOCKET_MATCH) && !others.contains(name)) {
            reading.ignore(fields + "[" + name + "]");
          }
        });
    Struct struct = metadata.getFilterMetadataOrDefault(ISTIO, Struct.getDefaultInstance());
    for (String key : struct.getFieldsMap().keySet()) {
      if (!List.of(known).contains(key)) {
        reading.ignore(fields + "[" + ISTIO + "]." + key);
      }
    }
    return struct;
  }

  static Value field(Struct struct, String name) {
    return struct.getFieldsOrDefault(name, Value.getDefaultInstance());
  }

  static Value text(String value) {
    return Value.newBuilder().setStringValue(value).build();
  }
}
