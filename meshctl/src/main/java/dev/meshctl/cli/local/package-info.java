/**
 * A whole mesh on one machine: real processes, real addresses, gone with its supervisor.
 *
 * <p>In: a folder of YAML. Out: running control plane, sidecars, gateway and workloads; a run
 * folder that tells other terminals about them. May be imported by {@code cli.demo}; the root
 * command registers {@link dev.meshctl.cli.local.LocalCommand}. Threads: blocking code on virtual
 * threads; see {@code local.process} for the one that makes processes.
 */
@NullMarked
package dev.meshctl.cli.local;

import org.jspecify.annotations.NullMarked;
