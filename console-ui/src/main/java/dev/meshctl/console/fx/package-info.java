/**
 * What every view needs: hand-over to the JavaFX thread, themes.
 *
 * <p>In: values from any thread. Out: one update a pulse. May be imported by: all rooms of the
 * console. Threads: any in, JavaFX out.
 */
@NullMarked
package dev.meshctl.console.fx;

import org.jspecify.annotations.NullMarked;
