/**
 * What the control plane answers to CLI and console, and the client that asks.
 *
 * <p>JSON over HTTPS with a bearer token. Threads: blocking, any.
 */
@NullMarked
package dev.meshctl.model.query;

import org.jspecify.annotations.NullMarked;
