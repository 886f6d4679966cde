/**
 * The process that is PID 1 beside the runtimes it starts, driven through its own protocol by
 * programs that die, hang and refuse as they are told.
 *
 * <p>In: {@code proxy-runtime/supervisor}, compiled by the test with {@code cc}; skipped loudly
 * where there is none. Threads: each test its own processes, in a folder of its own.
 */
@NullMarked
package dev.meshctl.integration.supervisor;

import org.jspecify.annotations.NullMarked;
