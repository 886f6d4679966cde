package dev.meshctl.capture;

import java.util.function.Function;

/** Which program takes the rules of a namespace just made, and in what words. */
public enum RulesFormat {
  IPTABLES(
      "iptables-restore",
      "iptables-restore -w -n",
      plan -> IptablesRules.apply(plan, AddressFamily.IPV4, "")),
  NFT("nft", "nft -f -", plan -> NftRules.apply(plan, AddressFamily.IPV4));

  private final String program;
  private final String load;
  private final Function<CapturePlan, String> render;

  RulesFormat(String program, String load, Function<CapturePlan, String> render) {
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

  public String render(CapturePlan plan) {
    return render.apply(plan);
  }
}
