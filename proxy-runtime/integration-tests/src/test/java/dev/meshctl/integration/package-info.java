/**
 * Whole meshes of real processes, driven as a user drives them: through the CLI and over sockets.
 *
 * <p>In: the packaged distribution. Threads: each test its own mesh, in a state folder of its own.
 */
@NullMarked
package dev.meshctl.integration;

import org.jspecify.annotations.NullMarked;
