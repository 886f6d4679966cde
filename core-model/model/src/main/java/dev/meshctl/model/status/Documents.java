package dev.meshctl.model.status;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;

/** Mappings as the API writes them: in order, without what is empty. */
final class Documents {
  private Documents() {}

  /**
   * @param pairs of key and value; empty text, 0 and empty lists are left out
   */
  static Map<String, Object> of(Object... pairs) {
    Map<String, Object> document = new LinkedHashMap<>();
    for (int i = 0; i < pairs.length; i += 2) {
      Object value = pairs[i + 1];
      if (!value.equals("")
          && !value.equals(0)
          && !(value instanceof Collection<?> all && all.isEmpty())) {
        document.put(pairs[i].toString(), value);
      }
    }
    return document;
  }
}
