package dev.meshctl.model.xds;

import java.util.List;
import java.util.Map;

/**
 * What the sidecar's DNS answers (NDS): host names, fully qualified and lower case without a final
 * dot, to literal addresses.
 */
public record NameTable(String name, Map<String, List<String>> addresses) implements XdsResource {
  public NameTable {
    addresses = Map.copyOf(addresses);
  }
}
