package dev.meshctl.app.node;

import dev.meshctl.capture.node.rules.RuleSet;
import java.io.IOException;

/**
 * The rules of one family in the network namespace of this process.
 *
 * <p>Thread: one at a time; blocking.
 */
public sealed interface KernelRules permits IptablesKernel, NftKernel {
  /**
   * Puts these in force, in place of what was. Where that fails, what was stays, and the next try
   * writes everything.
   *
   * @throws IOException where the kernel or its program refuses; the message has its words
   */
  void apply(RuleSet wanted) throws IOException;

  /** Takes away everything of ours, whoever put it there. */
  void remove() throws IOException;
}
