/**
 * Installing the mesh into a cluster: from values to the objects that make it, and from the objects
 * that are there to what has to be done. One source, in the resources beside this package, gives
 * the plain manifests, what we apply ourselves and the Helm chart.
 *
 * <p>In: values, a {@link dev.meshctl.cluster.ClusterConnection}. Out: manifests, a chart, steps
 * done, findings. Imported by {@code cli}. Threads: plans are pure; what acts blocks its caller.
 */
@NullMarked
package dev.meshctl.cluster.install;

import org.jspecify.annotations.NullMarked;
