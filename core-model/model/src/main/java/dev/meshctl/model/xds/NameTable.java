package dev.meshctl.model.xds;

import java.util.List;
import java.util.Map;

/**
 * What the sidecar's DNS answers (NDS): host names, fully qualified and lower case without a final
 * dot, to literal addresses.
 *
 * @param name always {@link #NAME}, as a proxy has one table
 */
public record NameTable(String name, Map<String, List<String>> addresses) implements XdsResource {
  /** The name of the one table a proxy has. */
  public static final String NAME = "names";

  public NameTable {
    addresses = Map.copyOf(addresses);
  }
}
