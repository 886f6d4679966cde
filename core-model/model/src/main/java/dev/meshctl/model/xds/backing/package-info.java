/**
 * Who answers for a service, from all that tells of it: replicas that a launcher runs,
 * EndpointSlices, Endpoints, Pods, WorkloadEntries and the endpoints of ServiceEntries.
 *
 * <p>In: the mesh and its inventory. Out: {@code Backend}s of a service, in or out with the reason.
 * For translation, explanations and the graph. Threads: any; immutable.
 */
@NullMarked
package dev.meshctl.model.xds.backing;

import org.jspecify.annotations.NullMarked;
