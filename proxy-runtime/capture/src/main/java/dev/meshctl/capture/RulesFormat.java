package dev.meshctl.capture;

import java.util.function.Function;

/** Which program takes the rules, and in what words. */
public enum RulesFormat {
  IPTABLES("iptables-restore", "iptables-restore -w", IptablesRules::restore),
  NFT("nft", "nft -f -", NftRules::table);

  private final String program;
  private final String load;
  private final Function<RedirectPlan, String> render;

  RulesFormat(String program, String load, Function<RedirectPlan, String> render) {
    this.program = program;
    this.load = load;
    this.render = render;
  }

  /** Name of the program, as on {@code PATH}. */
  public String program() {
    return program;
  }

  /** The command that reads the rules from its standard input. */
  public String loadCommand() {
    return load;
  }

  public String render(RedirectPlan plan) {
    return render.apply(plan);
  }
}
