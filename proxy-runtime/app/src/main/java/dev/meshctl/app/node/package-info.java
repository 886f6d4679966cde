/**
 * The rules of a node put in force: the programs that give them to the kernel, and the proxy that
 * stands in the middle.
 *
 * <p>In: validated meshes, one after the other. Out: rules in the network namespace of this
 * process. May be imported by: {@code app}'s mains, tests. Threads: one mesh at a time; blocking.
 */
@NullMarked
package dev.meshctl.app.node;

import org.jspecify.annotations.NullMarked;
