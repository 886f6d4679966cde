/**
 * The interactive shell: the same commands, with history and completion of what lives in the mesh.
 *
 * <p>In: lines. Out: what the commands write. Imported by the root alone. Threads: the main thread.
 */
@NullMarked
package dev.meshctl.cli.shell;

import org.jspecify.annotations.NullMarked;
