package dev.meshctl.model.topology.render;

import dev.meshctl.model.query.GraphView;
import dev.meshctl.model.query.QueryJson;

/** The view as the query API answers it, indented. */
public record JsonGraph() implements GraphRenderer {
  @Override
  public String render(GraphView view) {
    return QueryJson.mapper().writerWithDefaultPrettyPrinter().writeValueAsString(view) + "\n";
  }
}
