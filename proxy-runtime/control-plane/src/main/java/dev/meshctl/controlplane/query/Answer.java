package dev.meshctl.controlplane.query;

import dev.meshctl.model.query.QueryJson;
import java.util.Map;

/** What is answered: a status and JSON. */
record Answer(int status, String json) {
  static Answer error(int status, String problem) {
    return new Answer(status, QueryJson.mapper().writeValueAsString(Map.of("error", problem)));
  }

  static Answer ok(Object value) {
    return new Answer(200, QueryJson.mapper().writeValueAsString(value));
  }
}
