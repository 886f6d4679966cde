/**
 * Processes of our own making: started so that none outlives its launcher, watched, started again
 * when they die, and asked whether they serve.
 *
 * <p>In: specifications of processes. Out: running processes and their state. May be imported by
 * {@code cli.local}. Threads: one platform thread starts every process (the kernel ties a child's
 * death signal to the thread that made it); each process is watched by a virtual thread of its own.
 */
@NullMarked
package dev.meshctl.cli.local.process;

import org.jspecify.annotations.NullMarked;
