/**
 * Checks of what says where requests go: routes, their hosts, rules and weights, destinations and
 * gateways.
 *
 * <p>In: {@code facts}. Out: findings. Imported by: {@code validation}, which knows {@link
 * dev.meshctl.model.validation.routing.Routing} alone. Threads: one validation, one thread; no
 * state.
 */
@NullMarked
package dev.meshctl.model.validation.routing;

import org.jspecify.annotations.NullMarked;
