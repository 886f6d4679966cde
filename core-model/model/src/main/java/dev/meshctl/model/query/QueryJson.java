package dev.meshctl.model.query;

import tools.jackson.databind.json.JsonMapper;

/** The one JSON mapping of this room's records, the same on both sides of the wire. */
public final class QueryJson {
  private QueryJson() {}

  /** Unknown properties are ignored, so an older client reads a newer server. */
  public static JsonMapper mapper() {
    return Holder.MAPPER;
  }

  /** Loaded on first use: building a mapper costs a command tens of milliseconds. */
  private static final class Holder {
    static final JsonMapper MAPPER = JsonMapper.builder().build();
  }
}
