/**
 * What goes into a runtime, from a distribution: the jars that are needed and no others, the native
 * libraries, and AOT caches trained where and with what they will run.
 *
 * <p>In: {@code lib} and {@code native} of a build. Out: a folder for {@link
 * dev.meshctl.bundle.BundleWriter} and its description. Threads: any, blocking; starts processes
 * for training.
 */
@NullMarked
package dev.meshctl.bundle.build;

import org.jspecify.annotations.NullMarked;
