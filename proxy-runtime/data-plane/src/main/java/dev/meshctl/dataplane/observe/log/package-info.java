/**
 * The access log: a line for every request, encoded on the event loop, written off it.
 *
 * <p>In: ended exchanges. Out: lines to a file or standard output, and a count of those dropped.
 * May be imported by: {@code route}, {@code stack}, {@code listener}, {@code dataplane}. May
 * import: {@code observe}, {@code model.match}. Threads: a {@link
 * dev.meshctl.dataplane.observe.log.LogBuffer} belongs to one event loop; {@link
 * dev.meshctl.dataplane.observe.log.AccessLog} has one writer thread.
 */
@NullMarked
package dev.meshctl.dataplane.observe.log;

import org.jspecify.annotations.NullMarked;
