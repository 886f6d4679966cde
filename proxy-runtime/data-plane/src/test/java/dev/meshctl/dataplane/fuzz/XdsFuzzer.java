package dev.meshctl.dataplane.fuzz;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import dev.meshctl.model.wire.DataFiles;
import dev.meshctl.model.wire.Decoded;
import dev.meshctl.model.wire.EnvoyBootstrap;
import dev.meshctl.model.wire.XdsCodec;
import dev.meshctl.model.xds.ResourceType;
import dev.meshctl.model.xds.XdsResource;
import java.nio.charset.StandardCharsets;

/**
 * Resources as a control plane sends them, and bootstraps as people write them. The first byte says
 * of which type the rest is; the one after the last type says a bootstrap in YAML or JSON.
 *
 * <p>Invariants: what cannot be taken is refused with a reason, never thrown; what was taken is
 * taken again as it is written, and is written the same from then on.
 */
public final class XdsFuzzer {
  private static final ResourceType[] TYPES = ResourceType.values();

  private XdsFuzzer() {}

  public static void fuzzerTestOneInput(byte[] data) {
    if (data.length == 0) {
      return;
    }
    int kind = Math.floorMod(data[0], TYPES.length + 1);
    if (kind == TYPES.length) {
      String text = new String(data, 1, data.length - 1, StandardCharsets.UTF_8);
      boolean lenient = data[0] < 0;
      switch (EnvoyBootstrap.read("fuzz.yaml", text, DataFiles.NONE, lenient)) {
        case EnvoyBootstrap.Outcome.Taken taken -> {}
        case EnvoyBootstrap.Outcome.Refused refused -> {
          if (refused.problems().isEmpty()) {
            throw new AssertionError("refused without a reason");
          }
        }
      }
      return;
    }
    resource(TYPES[kind], ByteString.copyFrom(data, 1, data.length - 1));
  }

  private static void resource(ResourceType type, ByteString bytes) {
    Any any = Any.newBuilder().setTypeUrl(type.typeUrl()).setValue(bytes).build();
    switch (XdsCodec.decode(type, any)) {
      case Decoded.Rejected rejected -> {
        if (rejected.reasons().isEmpty()) {
          throw new AssertionError("refused without a reason");
        }
      }
      case Decoded.Accepted accepted -> {
        Any once = XdsCodec.encode(accepted.resource());
        Any twice = XdsCodec.encode(taken(XdsCodec.decode(type, once)));
        if (!twice.equals(once)) {
          throw new AssertionError("written another way the second time: " + accepted.resource());
        }
      }
    }
  }

  private static XdsResource taken(Decoded decoded) {
    return switch (decoded) {
      case Decoded.Accepted accepted -> accepted.resource();
      case Decoded.Rejected rejected ->
          throw new AssertionError("refuses what it wrote itself: " + rejected);
    };
  }
}
