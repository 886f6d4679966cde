/**
 * {@code meshctl runtime}: runtimes as signed bundles. One file a command; what a bundle is stands
 * in {@code dev.meshctl.bundle}.
 */
@NullMarked
package dev.meshctl.cli.runtime;

import org.jspecify.annotations.NullMarked;
