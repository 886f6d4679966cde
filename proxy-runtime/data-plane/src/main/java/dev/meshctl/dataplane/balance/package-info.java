/**
 * Which host of a cluster a request goes to.
 *
 * <p>In: load assignments from {@code model.xds}, outcomes of tries, dice. Out: hosts. May be
 * imported by: {@code upstream}, {@code stack}, {@code admin}. May import: {@code resilience},
 * {@code model.xds}, the hash of {@code model.match}. Threads: everything here belongs to one event
 * loop.
 */
@NullMarked
package dev.meshctl.dataplane.balance;

import org.jspecify.annotations.NullMarked;
