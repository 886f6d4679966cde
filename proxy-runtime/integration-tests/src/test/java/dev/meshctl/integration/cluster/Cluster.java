package dev.meshctl.integration.cluster;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Where the tests run: our own cluster, or one that somebody else keeps. */
sealed interface Cluster extends AutoCloseable permits HeldCluster, NamedCluster {
  /** Of an administrator. */
  Path kubeconfig();

  /** The {@code kubectl} that goes with it. */
  String kubectl();

  /** Why pods do not run here; empty when they do. */
  Optional<String> withoutNodes();

  /**
   * The command that makes an image archive known to every node, or why there is none.
   *
   * @return a command, to which the archive is the last argument; empty when there is none
   */
  Optional<List<String>> load();

  /**
   * The command before one that is to run where pods and Services can be reached; empty when that
   * cannot be had from here.
   */
  Optional<List<String>> inNetwork();

  /** The command before one that is to run inside a node; empty when nodes are not ours. */
  Optional<List<String>> inNode(String node);

  /** The command, before its target, that kills a part of the cluster; empty when not ours. */
  Optional<List<String>> kill();

  /** The command that brings back what was killed; empty when not ours. */
  Optional<List<String>> restore();

  @Override
  void close();
}
