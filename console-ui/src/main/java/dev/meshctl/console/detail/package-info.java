/**
 * Golden signals of what is selected.
 *
 * <p>In: a graph view and a selection. Out: figures. May be imported by: window. Threads: JavaFX.
 */
@NullMarked
package dev.meshctl.console.detail;

import org.jspecify.annotations.NullMarked;
