/**
 * What keeps one failure from becoming many: retry conditions and budgets, backoff, circuit
 * breakers, outlier ejection.
 *
 * <p>In: settings from {@code model.xds}, outcomes, a clock's nanoseconds, dice. Out: decisions.
 * May be imported by: {@code balance}, {@code stack}, {@code upstream}. May import: {@code
 * model.xds}. Threads: rules are immutable; everything that counts belongs to one event loop.
 */
@NullMarked
package dev.meshctl.dataplane.resilience;

import org.jspecify.annotations.NullMarked;
