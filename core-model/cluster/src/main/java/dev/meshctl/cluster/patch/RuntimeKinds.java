package dev.meshctl.cluster.patch;

import dev.meshctl.cluster.ObjectKind;

/** Our own kinds, as the API has them. */
public final class RuntimeKinds {
  public static final String GROUP = "runtime.meshctl.dev";

  /** What is ordered; written by people, its status by the control plane's leader. */
  public static final ObjectKind PATCH = new ObjectKind(GROUP + "/v1alpha1", "RuntimePatch");

  public static final String PATCHES = "runtimepatches";

  /** What one replica of the control plane has and has heard; written by that replica. */
  public static final ObjectKind REPLICA = new ObjectKind(GROUP + "/v1alpha1", "RuntimeReplica");

  /** In roles only: who may create these may push bundles. */
  public static final String BUNDLES = "runtimebundles";

  private RuntimeKinds() {}
}
