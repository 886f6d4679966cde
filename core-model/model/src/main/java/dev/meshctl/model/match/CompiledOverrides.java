package dev.meshctl.model.match;

import dev.meshctl.model.xds.RouteTableConfig.FilterOverrides;
import java.util.HashMap;
import java.util.Map;

/** What stands in for the settings of filters, by their names. */
record CompiledOverrides(Map<String, CompiledAccess> access, Map<String, CompiledCors> cors) {

  /** Of {@code levels}, of which the most specific comes last and wins. */
  static CompiledOverrides compile(FilterOverrides... levels) {
    Map<String, CompiledAccess> access = new HashMap<>();
    Map<String, CompiledCors> cors = new HashMap<>();
    for (FilterOverrides level : levels) {
      level
          .access()
          .forEach((filter, control) -> access.put(filter, CompiledAccess.compile(control)));
      level.cors().forEach((filter, policy) -> cors.put(filter, new CompiledCors(policy)));
    }
    return new CompiledOverrides(Map.copyOf(access), Map.copyOf(cors));
  }
}
