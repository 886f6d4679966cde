/**
 * Identities of the mesh: the authority that turns a CSR into a short-lived SPIFFE certificate, the
 * client that asks for one and renews it, and the tokens that admit the first question.
 *
 * <p>In: CSRs, tokens, the authenticated caller. Out: {@code net.tls.IdentityMaterial}. Private
 * keys never leave the process that made them; only the authority's root key is ever written,
 * readable by its owner alone. May import: {@code net}, {@code model.wire}, {@code model.xds};
 * imported by the control plane, {@code app} and the CLI's launcher. Threads: blocking, any;
 * nothing runs on event loops but TLS callbacks, which read one volatile field.
 */
@NullMarked
package dev.meshctl.identity;

import org.jspecify.annotations.NullMarked;
