/**
 * Diagnostics with stable codes, and the only way to a {@link
 * dev.meshctl.model.validation.ValidatedMesh}.
 *
 * <p>In: resources with positions. Out: a validated mesh plus diagnostics. The checks stand in
 * rooms of their own, {@code routing}, {@code workloads} and {@code security}, and look at {@code
 * facts}. May import: {@code resource}, {@code source}, {@code traffic} (look-ups). Threads:
 * immutable values, pure functions.
 */
@NullMarked
package dev.meshctl.model.validation;

import org.jspecify.annotations.NullMarked;
