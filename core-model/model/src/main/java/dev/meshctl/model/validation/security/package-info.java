/**
 * Checks of who may call whom, and of what proves who somebody is: policies, modes, certificates.
 *
 * <p>In: {@code facts}. Out: findings. Imported by: {@code validation}, which knows {@link
 * dev.meshctl.model.validation.security.Security} alone. Threads: one validation, one thread; no
 * state.
 */
@NullMarked
package dev.meshctl.model.validation.security;

import org.jspecify.annotations.NullMarked;
