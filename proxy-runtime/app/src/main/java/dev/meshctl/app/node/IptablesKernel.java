package dev.meshctl.app.node;

import dev.meshctl.capture.node.IpFamily;
import dev.meshctl.capture.node.mode.IptablesText;
import dev.meshctl.capture.node.mode.IptablesText.Present;
import dev.meshctl.capture.node.rules.RuleSet;
import java.io.IOException;
import java.util.Optional;

/** By {@code iptables-save} and {@code iptables-restore}. */
public final class IptablesKernel implements KernelRules {
  private final String save;
  private final String restore;
  private Optional<RuleSet> written = Optional.empty();

  public IptablesKernel(IpFamily family) {
    String program = family == IpFamily.V4 ? "iptables" : "ip6tables";
    this.save = program + "-save";
    this.restore = program + "-restore";
  }

  @Override
  public void apply(RuleSet wanted) throws IOException {
    String change = IptablesText.change(written, wanted, present());
    written = Optional.empty();
    if (!change.isEmpty()) {
      Program.run(change, restore, "--noflush", "--wait");
    }
    written = Optional.of(wanted);
  }

  @Override
  public void remove() throws IOException {
    written = Optional.empty();
    String removal = IptablesText.removal(present());
    if (!removal.isEmpty()) {
      Program.run(removal, restore, "--noflush", "--wait");
    }
  }

  /** Somebody may have flushed a table since: what is there counts, not what we remember. */
  private Present present() throws IOException {
    return Present.of(Program.run("", save));
  }
}
