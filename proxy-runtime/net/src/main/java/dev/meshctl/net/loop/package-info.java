/**
 * Event loops and the transport under them: epoll where the kernel has it, NIO elsewhere.
 *
 * <p>In: a number of loops. Out: loops, channel factories, the buffer allocator. May import: {@code
 * model}. Threads: everything made here is shared and safe; what runs on a loop belongs to it.
 */
@NullMarked
package dev.meshctl.net.loop;

import org.jspecify.annotations.NullMarked;
