package dev.meshctl.console.topology;

import dev.meshctl.model.query.GraphView;
import dev.meshctl.model.topology.FoldedGraph;
import dev.meshctl.model.topology.layout.GraphLayout;

/**
 * A graph with the places of its parts.
 *
 * @param whole as it came
 * @param folded as it is drawn; {@code layout} is of this one
 */
public record Drawing(GraphView whole, FoldedGraph folded, GraphLayout layout) {}
