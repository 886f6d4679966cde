/**
 * The control plane, wired: {@code intake} reads what the mesh should be, {@code serve} tells the
 * proxies, {@code collect} takes what they measured, {@code query} answers people.
 *
 * <p>In: a folder of YAML, an inventory, the proxies' streams. Out: xDS, certificates, views. Meets
 * the data plane in {@code model.xds} and on the wire only. Imported by {@code app}. Threads:
 * virtual threads and plain blocking code; gRPC's event loops only move bytes.
 */
@NullMarked
package dev.meshctl.controlplane;

import org.jspecify.annotations.NullMarked;
