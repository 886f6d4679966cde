package dev.meshctl.console.feed;

import dev.meshctl.model.query.MeshStatus;

/** How the mesh is, as far as the console knows. */
public sealed interface MeshState {
  /** No answer yet. */
  record Connecting() implements MeshState {}

  record Connected(MeshStatus status) implements MeshState {}

  /**
   * No answer any more; tried again.
   *
   * @param reason with what to do
   */
  record Lost(String reason) implements MeshState {}
}
