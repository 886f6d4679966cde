/**
 * The console's start: arguments, wiring, the JavaFX application.
 *
 * <p>In: a file that names a running mesh. Out: a window. Imported by nobody. Threads: main, then
 * JavaFX.
 */
@NullMarked
package dev.meshctl.console.app;

import org.jspecify.annotations.NullMarked;
