/**
 * Services, workloads and the service graph: expected edges (configuration) joined with observed
 * edges (telemetry).
 *
 * <p>In: a validated mesh, the inventory of what runs, samples of a window. Out: {@link
 * dev.meshctl.model.query.GraphView}. May be imported by: the control plane's query side, CLI,
 * console. Threads: pure.
 */
@NullMarked
package dev.meshctl.model.topology;

import org.jspecify.annotations.NullMarked;
