/**
 * What the proxy does in each of its roles: one list of layers a role, in the order of a request.
 *
 * <p>In: the role of a listener. Out: the layers of its exchanges, and connections with their
 * handlers in place. Threads: lists are immutable; connections are confined to their loop.
 */
@NullMarked
package dev.meshctl.dataplane.stack;

import org.jspecify.annotations.NullMarked;
