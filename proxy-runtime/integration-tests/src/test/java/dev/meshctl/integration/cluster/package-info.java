/**
 * What only a real Kubernetes can show: API server, controllers, kubelets and containers.
 *
 * <p>In: the one cluster of the test run, from {@link
 * dev.meshctl.integration.cluster.ClusterFixture}: our own, by the scripts in {@code
 * proxy-runtime/integration-tests/kube}, or the one that {@code MESHCTL_TEST_KUBECONFIG} names.
 * Each test has namespaces of its own; what it makes outside of them it removes. Threads: one test
 * at a time.
 */
@NullMarked
package dev.meshctl.integration.cluster;

import org.jspecify.annotations.NullMarked;
