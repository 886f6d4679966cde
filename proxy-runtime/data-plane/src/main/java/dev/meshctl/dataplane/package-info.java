/**
 * The proxy: configuration records in, proxied connections and telemetry out.
 *
 * <p>{@link dev.meshctl.dataplane.DataPlane} is the only way in. May import: {@code xdsclient},
 * {@code net}, {@code model}. Threads: requests live and die on one event loop; see {@code stack}.
 */
@NullMarked
package dev.meshctl.dataplane;

import org.jspecify.annotations.NullMarked;
