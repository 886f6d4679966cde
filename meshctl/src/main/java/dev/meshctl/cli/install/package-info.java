/**
 * Installing the mesh into a cluster, changing, and removing it.
 *
 * <p>In: values, a kubeconfig. Out: what will be done, what was. Imported by: {@code cli}. Threads:
 * the caller's.
 */
@NullMarked
package dev.meshctl.cli.install;

import org.jspecify.annotations.NullMarked;
