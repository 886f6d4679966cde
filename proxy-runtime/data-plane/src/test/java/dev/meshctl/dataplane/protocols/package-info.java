/** Each protocol through the proxy, over real sockets. */
@NullMarked
package dev.meshctl.dataplane.protocols;

import org.jspecify.annotations.NullMarked;
