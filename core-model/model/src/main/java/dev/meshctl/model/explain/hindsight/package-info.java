/**
 * What a line of an access log says of a request that has been, beside what {@code explain} says of
 * the same request now.
 *
 * <p>In: lines of logs, {@code explain.Scene}. Out: a {@code Hindsight} for each request. Threads:
 * any; nothing is kept.
 */
@NullMarked
package dev.meshctl.model.explain.hindsight;

import org.jspecify.annotations.NullMarked;
