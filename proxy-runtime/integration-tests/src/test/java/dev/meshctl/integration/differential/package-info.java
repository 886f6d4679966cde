/**
 * The same snapshot in a real Envoy and in our proxy, the same requests to both, made from the
 * routes: the same answers.
 *
 * <p>In: snapshots, of folders and generated. Out: every difference. Threads: a test drives all of
 * it from its own; upstreams have a loop of theirs.
 */
@NullMarked
package dev.meshctl.integration.differential;

import org.jspecify.annotations.NullMarked;
