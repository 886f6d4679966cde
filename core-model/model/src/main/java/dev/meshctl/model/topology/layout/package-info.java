/**
 * Where the nodes and edges of a service graph go: left to right, in layers, by ELK.
 *
 * <p>In: a graph view and the sizes of what is drawn. Out: coordinates with y downwards. May be
 * imported by: {@code render}, console. Threads: pure, but slow for large graphs, so off any UI
 * thread.
 */
@NullMarked
package dev.meshctl.model.topology.layout;

import org.jspecify.annotations.NullMarked;
