/**
 * What an unkind client or upstream tries, over real sockets: smuggling, giant heads, slow readers.
 *
 * <p>Threads: each test has its own proxy.
 */
@NullMarked
package dev.meshctl.dataplane.hardening;

import org.jspecify.annotations.NullMarked;
