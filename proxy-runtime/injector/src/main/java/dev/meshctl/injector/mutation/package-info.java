/**
 * Injection of the sidecar: what becomes of a pod, or of what makes pods.
 *
 * <p>In: an object as a tree, the labels of its namespace, settings. Out: the object with its
 * sidecar, or why it gets none. One pure function for the webhook and for {@code meshctl inject}.
 * May be imported by: the webhook, the CLI. May import: {@code model.source}, {@code
 * model.validation}, {@code model.resource}. Threads: pure functions; trees given are only read.
 */
@NullMarked
package dev.meshctl.injector.mutation;

import org.jspecify.annotations.NullMarked;
