/**
 * What {@code meshctl check} looks at: this machine and the meshes that run on it.
 *
 * <p>In: a session. Out: findings, each with what to do. Imported by: {@code command}. Threads:
 * blocking, any.
 */
@NullMarked
package dev.meshctl.cli.check;

import org.jspecify.annotations.NullMarked;
