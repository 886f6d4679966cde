/**
 * Compiled route tables over a {@link dev.meshctl.model.match.RequestView}: the one evaluator that
 * proxy, explain, diff and console use.
 *
 * <p>In: {@code xds} records. Out: decisions. Threads: compiled tables are immutable; views are
 * confined to one event loop.
 */
@NullMarked
package dev.meshctl.model.match;

import org.jspecify.annotations.NullMarked;
