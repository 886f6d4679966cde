package dev.meshctl.model.wire;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.Descriptor;
import dev.meshctl.model.xds.ProxyProtocolSent;
import dev.meshctl.model.xds.ProxyProtocolSent.Tlv;
import io.envoyproxy.envoy.config.core.v3.ProxyProtocolConfig;
import io.envoyproxy.envoy.config.core.v3.ProxyProtocolConfig.Version;
import io.envoyproxy.envoy.config.core.v3.TlvEntry;
import io.envoyproxy.envoy.config.core.v3.TransportSocket;
import io.envoyproxy.envoy.extensions.transport_sockets.proxy_protocol.v3.ProxyProtocolUpstreamTransport;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/** {@link ProxyProtocolSent} to and from the transport socket that wraps another. */
final class ProxyHeaderSentCodec {
  static final String NAME = "envoy.transport_sockets.upstream_proxy_protocol";

  static final Descriptor TYPE = ProxyProtocolUpstreamTransport.getDescriptor();
  private static final int MOST_TYPE = 255;

  /** The header's own length and that of the largest addresses leave so much of 16 bits. */
  private static final int MOST_VALUES_BYTES = 65_535 - 36;

  private static final KnownFields TRANSPORT = KnownFields.of(TYPE, "config", "transport_socket");
  private static final KnownFields CONFIG =
      KnownFields.of(ProxyProtocolConfig.getDescriptor(), "version", "added_tlvs");
  private static final KnownFields TLV = KnownFields.of(TlvEntry.getDescriptor(), "type", "value");

  private ProxyHeaderSentCodec() {}

  /** What a socket says: whether hosts are told, and the socket that it wraps. */
  record Unwrapped(Optional<ProxyProtocolSent> header, TransportSocket inside, String path) {}

  static boolean wraps(TransportSocket socket) {
    return Reading.holds(socket.getTypedConfig(), TYPE);
  }

  static TransportSocket encode(ProxyProtocolSent header, TransportSocket inside) {
    ProxyProtocolConfig.Builder config =
        ProxyProtocolConfig.newBuilder()
            .setVersion(header.version() == 1 ? Version.V1 : Version.V2);
    for (Tlv tlv : header.added()) {
      config.addAddedTlvs(
          TlvEntry.newBuilder()
              .setType(tlv.type())
              .setValue(ByteString.copyFrom(HexFormat.of().parseHex(tlv.valueHex()))));
    }
    return TransportSocket.newBuilder()
        .setName(NAME)
        .setTypedConfig(
            Packing.pack(
                ProxyProtocolUpstreamTransport.newBuilder()
                    .setConfig(config)
                    .setTransportSocket(inside)
                    .build()))
        .build();
  }

  /** Takes the wrapping off, where there is one. */
  static Unwrapped decode(Reading reading, String path, TransportSocket socket) {
    if (!wraps(socket)) {
      return new Unwrapped(Optional.empty(), socket, path);
    }
    String config = path + ".typed_config";
    return reading
        .unpack(config, socket.getTypedConfig(), TYPE, ProxyProtocolUpstreamTransport.parser())
        .map(message -> {
          reading.expect(config, message, TRANSPORT);
          if (!message.hasTransportSocket()) {
            reading.refuse(config + ".transport_socket", "not set (expected: raw_buffer or tls)");
          }
          return new Unwrapped(
              Optional.of(header(reading, config + ".config", message.getConfig())),
              message.getTransportSocket(),
              config + ".transport_socket");
        })
        .orElseGet(
            () -> new Unwrapped(Optional.empty(), TransportSocket.getDefaultInstance(), path));
  }

  private static ProxyProtocolSent header(
      Reading reading, String path, ProxyProtocolConfig message) {
    reading.expect(path, message, CONFIG);
    int version =
        switch (message.getVersion()) {
          case V1 -> 1;
          case V2 -> 2;
          case UNRECOGNIZED -> {
            reading.refuse(path + ".version", "unknown value (expected: V1 or V2)");
            yield 1;
          }
        };
    if (version == 1 && message.getAddedTlvsCount() > 0) {
      reading.unsupported(
          path + ".added_tlvs", "set for V1, which carries no values (expected: version V2)");
      return ProxyProtocolSent.TEXT;
    }
    return new ProxyProtocolSent(version, values(reading, path + ".added_tlvs", message));
  }

  private static List<Tlv> values(Reading reading, String path, ProxyProtocolConfig message) {
    List<Tlv> added = new ArrayList<>();
    int bytes = 0;
    for (int i = 0; i < message.getAddedTlvsCount(); i++) {
      TlvEntry entry = message.getAddedTlvs(i);
      String at = path + "[" + i + "]";
      reading.expect(at, entry, TLV);
      if (entry.getType() < 0 || entry.getType() > MOST_TYPE) {
        reading.refuse(
            at + ".type",
            Integer.toUnsignedString(entry.getType()) + " (expected: 0 to " + MOST_TYPE + ")");
        continue;
      }
      bytes += 3 + entry.getValue().size();
      added.add(new Tlv(entry.getType(), HexFormat.of().formatHex(entry.getValue().toByteArray())));
    }
    if (bytes > MOST_VALUES_BYTES) {
      reading.refuse(path, bytes + " bytes (expected: at most " + MOST_VALUES_BYTES + ")");
      return List.of();
    }
    return added;
  }
}
