/**
 * The resources a user writes, as sealed records: Kubernetes, Istio, Gateway API and ours.
 *
 * <p>In: nothing. Out: read by every other room. May import: the JDK only. Threads: immutable.
 */
@NullMarked
package dev.meshctl.model.resource;

import org.jspecify.annotations.NullMarked;
