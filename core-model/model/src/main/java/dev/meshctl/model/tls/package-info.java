/**
 * What TLS is made of, as people write it: certificates and private keys in PEM, names of cipher
 * suites.
 *
 * <p>In: text. Out: certificates and keys of the JDK. Imports nothing of the house; imported by
 * whoever meets PEM. Threads: pure.
 */
@NullMarked
package dev.meshctl.model.tls;

import org.jspecify.annotations.NullMarked;
