/**
 * TLS contexts for both directions: BoringSSL, with the JDK's where the native library cannot load.
 *
 * <p>Threads: contexts are shared and immutable; engines belong to one channel.
 */
@NullMarked
package dev.meshctl.net.tls;

import org.jspecify.annotations.NullMarked;
