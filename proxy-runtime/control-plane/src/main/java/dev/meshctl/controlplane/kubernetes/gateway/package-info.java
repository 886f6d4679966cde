/**
 * The pods of Gateways of the Gateway API: what is made for each, and how it comes along.
 *
 * <p>In: Gateways of our class. Out: a Deployment, a Service and a ServiceAccount of each, by
 * server-side apply, and what is to be said of them. Imported by: {@code kubernetes}. Threads: the
 * leader's.
 */
@NullMarked
package dev.meshctl.controlplane.kubernetes.gateway;

import org.jspecify.annotations.NullMarked;
