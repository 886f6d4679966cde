/**
 * Diagnostics with stable codes, and the only way to a {@link
 * dev.meshctl.model.validation.ValidatedMesh}.
 *
 * <p>In: resources with positions. Out: a validated mesh plus diagnostics. May import: {@code
 * resource}, {@code source}, {@code traffic} (look-ups). Threads: immutable values, pure functions.
 */
@NullMarked
package dev.meshctl.model.validation;

import org.jspecify.annotations.NullMarked;
