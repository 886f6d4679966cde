/**
 * Snapshots served over ADS in this process, and who takes them: a real Envoy, or our proxy.
 *
 * <p>In: snapshots of the model. Out: what became of them, and answers to requests. Threads: a test
 * drives all of it from its own.
 */
@NullMarked
package dev.meshctl.integration.served;

import org.jspecify.annotations.NullMarked;
