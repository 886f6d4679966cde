/**
 * The mesh's DNS: answers for services from the {@link dev.meshctl.model.xds.NameTable}, and hands
 * everything else to the resolvers of the machine.
 *
 * <p>In: queries over UDP and TCP, name tables. Out: answers. May be imported by: {@code
 * dataplane}. May import: {@code observe}, {@code net.loop}, {@code model.xds}. Threads: queries
 * live on one event loop; {@link dev.meshctl.dataplane.dns.MeshDns} may be called from anywhere.
 */
@NullMarked
package dev.meshctl.dataplane.dns;

import org.jspecify.annotations.NullMarked;
