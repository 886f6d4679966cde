/**
 * Services, workloads and the service graph: expected edges (configuration) joined with observed
 * edges (telemetry).
 *
 * <p>May import: rooms above it and {@code telemetry}. Threads: pure.
 */
@NullMarked
package dev.meshctl.model.topology;

import org.jspecify.annotations.NullMarked;
