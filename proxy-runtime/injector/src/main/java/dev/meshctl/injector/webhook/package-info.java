/**
 * Admission webhooks over HTTPS: pods get their sidecar, configuration is looked at before a
 * cluster takes it.
 *
 * <p>In: {@code admission.k8s.io/v1.AdmissionReview} of an API server. Out: a patch, a refusal with
 * its reason, warnings. May be imported by: {@code app}. May import: {@code injector.mutation},
 * {@code identity}, {@code model.source}, {@code model.validation}. Threads: a virtual thread a
 * request.
 */
@NullMarked
package dev.meshctl.injector.webhook;

import org.jspecify.annotations.NullMarked;
