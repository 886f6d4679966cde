/**
 * Half load with random faults for as long as asked: what leaks, and which request fails.
 *
 * <p>In: our proxy in a process of its own. Out: {@code SoakReport}. Threads: virtual ones.
 */
@NullMarked
package dev.meshctl.integration.soak;

import org.jspecify.annotations.NullMarked;
