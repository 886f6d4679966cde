/**
 * Resolved routes, traffic splits and their edits.
 *
 * <p>In: a validated mesh. Out: what governs a host, and text edits that keep comments and order.
 * May import: {@code resource}, {@code source}, {@code validation}. Threads: pure.
 */
@NullMarked
package dev.meshctl.model.traffic;

import org.jspecify.annotations.NullMarked;
