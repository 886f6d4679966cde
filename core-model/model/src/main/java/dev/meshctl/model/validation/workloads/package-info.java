/**
 * Checks of who answers: Services, their ports, workloads and endpoints, and the sidecars beside
 * them.
 *
 * <p>In: {@code facts}. Out: findings. Imported by: {@code validation}, which knows {@link
 * dev.meshctl.model.validation.workloads.Workloads} alone. Threads: one validation, one thread; no
 * state.
 */
@NullMarked
package dev.meshctl.model.validation.workloads;

import org.jspecify.annotations.NullMarked;
