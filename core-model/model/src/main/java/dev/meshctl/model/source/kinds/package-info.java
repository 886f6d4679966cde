/**
 * One parser a kind of resource: Kubernetes, Istio, Gateway API.
 *
 * <p>In: a typed cursor over an object. Out: a resource record. May import: {@code source.yaml},
 * {@code resource}, {@code validation.DiagnosticCode}; imported by {@code source} only. Threads:
 * confined to one caller.
 */
@NullMarked
package dev.meshctl.model.source.kinds;

import org.jspecify.annotations.NullMarked;
