/**
 * The bookshop: five small real services that know nothing of any mesh, one program with one
 * service a process.
 *
 * <pre>
 * storefront --HTTP--> catalog --TCP--> stock
 *            --HTTP--> reviews (v1, v2, v3) --gRPC--> ratings (v2 and v3 only)
 * </pre>
 *
 * <p>In: environment as Kubernetes sets it. Out: HTTP, gRPC and a line protocol. Nothing of ours is
 * imported, and nobody imports this: other rooms start it as a process. Threads: one virtual thread
 * a request.
 */
@NullMarked
package dev.meshctl.samples;

import org.jspecify.annotations.NullMarked;
