package dev.meshctl.app.node;

import dev.meshctl.capture.node.IpFamily;
import dev.meshctl.capture.node.mode.NftText;
import dev.meshctl.capture.node.rules.RuleSet;
import java.io.IOException;
import java.util.Optional;

/** By {@code nft}. */
public final class NftKernel implements KernelRules {
  private static final System.Logger LOG = System.getLogger(NftKernel.class.getName());

  private final IpFamily family;
  private Optional<RuleSet> written = Optional.empty();

  public NftKernel(IpFamily family) {
    this.family = family;
  }

  @Override
  public void apply(RuleSet wanted) throws IOException {
    Optional<RuleSet> before = written;
    written = Optional.empty();
    if (before.isPresent()) {
      try {
        load(NftText.change(before.get(), wanted));
        written = Optional.of(wanted);
        return;
      } catch (IOException changed) {
        // The table is not as we left it.
        LOG.log(System.Logger.Level.WARNING, "writing the table anew: " + changed.getMessage());
      }
    }
    load(NftText.all(wanted));
    written = Optional.of(wanted);
  }

  @Override
  public void remove() throws IOException {
    written = Optional.empty();
    load(NftText.removal(family));
  }

  private static void load(String rules) throws IOException {
    if (!rules.isEmpty()) {
      Program.run(rules, "nft", "-f", "-");
    }
  }
}
