package dev.meshctl.model.resource;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/** Copies of maps that keep the order in which their author wrote them. */
final class InOrder {
  private InOrder() {}

  static <V> Map<String, V> copyOf(Map<String, V> written) {
    return Collections.unmodifiableMap(new LinkedHashMap<>(written));
  }
}
