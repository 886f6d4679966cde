/**
 * What every node is told, as bytes that are made once for all who share them.
 *
 * <p>In: translated snapshots. Out: snapshots of encoded resources in layers, and what changed
 * between two of them. Imports neither the protocol nor gRPC. Imported by {@code protocol} and
 * {@code serve}. Threads: any; what is published is immutable.
 */
@NullMarked
package dev.meshctl.controlplane.serve.encoded;

import org.jspecify.annotations.NullMarked;
