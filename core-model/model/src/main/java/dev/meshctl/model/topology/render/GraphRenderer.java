package dev.meshctl.model.topology.render;

import dev.meshctl.model.query.GraphView;

/** A form of the graph. All are deterministic: equal views give equal strings. */
public sealed interface GraphRenderer
    permits TextGraph, JsonGraph, DotGraph, MermaidGraph, SvgGraph {

  /** The whole graph; ends with a line feed. */
  String render(GraphView view);
}
