/**
 * The service graph as text for a terminal, JSON, Graphviz DOT, Mermaid and SVG.
 *
 * <p>In: a graph view. Out: a string. May be imported by: CLI, console. Threads: pure.
 */
@NullMarked
package dev.meshctl.model.topology.render;

import org.jspecify.annotations.NullMarked;
