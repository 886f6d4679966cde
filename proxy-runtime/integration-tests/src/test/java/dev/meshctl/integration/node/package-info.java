/**
 * The ways of a node with real traffic: a node, its pods and clients from outside, each a network
 * namespace that the test makes and that is gone with it; beside the real kube-proxy.
 *
 * <p>Needs root on Linux; says loudly what it has to skip. Threads: one test at a time.
 */
@NullMarked
package dev.meshctl.integration.node;

import org.jspecify.annotations.NullMarked;
