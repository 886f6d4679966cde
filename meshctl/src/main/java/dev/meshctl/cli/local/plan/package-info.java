/**
 * What a mesh on one machine should look like: addresses, environment of workloads, replicas to
 * start and to stop.
 *
 * <p>In: resources of the model. Out: values. May be imported by {@code cli.local} and {@code
 * cli.demo}. Threads: pure.
 */
@NullMarked
package dev.meshctl.cli.local.plan;

import org.jspecify.annotations.NullMarked;
