/**
 * The OCI image of a runtime, made without a container engine: a linked JDK, the C libraries of the
 * machine that builds it, an unpacked bundle, and the programs that a pod's set-up needs.
 *
 * <p>In: a verified bundle, a JDK, programs of this machine. Out: a tar or an image in a registry.
 * Threads: any, blocking; starts {@code jlink} and {@code ldd}.
 */
@NullMarked
package dev.meshctl.image;

import org.jspecify.annotations.NullMarked;
