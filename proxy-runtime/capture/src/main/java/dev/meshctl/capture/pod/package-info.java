/**
 * The redirection of the pod in whose network namespace this runs: put in force and taken away.
 *
 * <p>In: a {@link dev.meshctl.capture.CapturePlan}. Out: rules in the kernel, by the programs that
 * an image brings. May be imported by: {@code app}. May import: {@code capture}. Threads: any;
 * blocking.
 */
@NullMarked
package dev.meshctl.capture.pod;

import org.jspecify.annotations.NullMarked;
