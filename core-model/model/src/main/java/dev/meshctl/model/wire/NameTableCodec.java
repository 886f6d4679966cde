package dev.meshctl.model.wire;

import dev.meshctl.model.wire.nds.NameTable.NameInfo;
import dev.meshctl.model.xds.NameTable;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * {@link NameTable} to and from Istio's message, which carries no name: it reads as {@link
 * NameTable#NAME}.
 */
final class NameTableCodec {
  private static final KnownFields TABLE =
      KnownFields.of(dev.meshctl.model.wire.nds.NameTable.getDescriptor(), "table");
  private static final KnownFields INFO =
      KnownFields.of(NameInfo.getDescriptor(), "ips")
          .leavingAside("registry", "shortname", "namespace", "alt_hosts");

  private NameTableCodec() {}

  static dev.meshctl.model.wire.nds.NameTable encode(NameTable names) {
    var table = dev.meshctl.model.wire.nds.NameTable.newBuilder();
    new TreeMap<>(names.addresses())
        .forEach((host, addresses) ->
            table.putTable(host, NameInfo.newBuilder().addAllIps(addresses).build()));
    return table.build();
  }

  static NameTable decode(Reading reading, dev.meshctl.model.wire.nds.NameTable table) {
    reading.expect("", table, TABLE);
    Map<String, List<String>> addresses = new HashMap<>();
    table
        .getTableMap()
        .forEach((host, info) -> {
          reading.expect("table[" + host + "]", info, INFO);
          addresses.put(host, List.copyOf(info.getIpsList()));
        });
    return new NameTable(NameTable.NAME, addresses);
  }
}
