/**
 * How long to wait between tries, and the waiting itself, as things that a test replaces.
 *
 * <p>In: attempt numbers and dice. Out: durations. May be imported by every room of the runtime.
 * Threads: {@code Backoff} is a value; a {@code Pause} blocks its caller, so never on an event
 * loop.
 */
@NullMarked
package dev.meshctl.net.retry;

import org.jspecify.annotations.NullMarked;
