package dev.meshctl.cli.security;

import dev.meshctl.cli.CommandFailure;
import dev.meshctl.identity.IdentityException;
import dev.meshctl.identity.TrustFolder.State;
import java.io.Closeable;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;

/**
 * A mesh whose root is replaced: where its roots are kept, what is seen of it, and what starts its
 * control plane anew.
 *
 * <p>Thread: one; blocking.
 */
interface RotatedMesh extends Closeable {
  /**
   * Nobody else is at its roots until that is closed.
   *
   * @throws CommandFailure where somebody is
   */
  Closeable alone() throws IOException;

  /** The roots as they are kept, which a control plane reads when it starts. */
  State state() throws IOException, IdentityException;

  /** Makes a new root, to be trusted beside the old one. */
  void begin() throws IOException, IdentityException;

  /** The new one is to sign. */
  void swap() throws IOException, IdentityException;

  /** The one that does not sign is to be trusted no more. */
  void finish() throws IOException, IdentityException;

  /** The old one is to be the only one again. */
  void undo() throws IOException, IdentityException;

  /**
   * Nothing stands in the way.
   *
   * @throws CommandFailure naming what does
   */
  void requireAble() throws IOException;

  /** Empty while the control plane does not answer. */
  Optional<Rotation.Seen> seen() throws IOException, IdentityException;

  /** Has the control plane read its roots, and waits until it has. */
  void restart() throws IOException, InterruptedException;

  /** Between two looks. */
  Duration look();

  /** What was opened to reach it. */
  @Override
  void close() throws IOException;
}
