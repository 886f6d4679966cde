package dev.meshctl.capture.pod;

import dev.meshctl.capture.AddressFamily;
import dev.meshctl.capture.CapturePlan;
import dev.meshctl.capture.IptablesRules;
import dev.meshctl.capture.NftRules;
import dev.meshctl.capture.pod.Programs.Ran;
import java.io.IOException;
import java.util.List;
import java.util.Locale;

/** A way to load rules, by the programs that it needs. */
enum Loader {
  NFT {
    @Override
    Ran probe(Programs programs) throws IOException {
      return programs.run(List.of("nft", "list", "tables"), "");
    }

    @Override
    Ran apply(Programs programs, CapturePlan plan, AddressFamily family) throws IOException {
      return programs.run(List.of("nft", "-f", "-"), NftRules.apply(plan, family));
    }

    @Override
    Ran remove(Programs programs, AddressFamily family) throws IOException {
      return programs.run(List.of("nft", "-f", "-"), NftRules.remove(family));
    }

    @Override
    boolean isApplied(Programs programs, AddressFamily family) throws IOException {
      return programs.run(words("nft list table", NftRules.table(family)), "").well();
    }
  },
  /** The words of iptables, the kernel's nftables. */
  IPTABLES_NFT,
  IPTABLES_LEGACY,
  /** Whichever of the two an image calls so. */
  IPTABLES;

  /** Whether program and kernel have it. */
  Ran probe(Programs programs) throws IOException {
    return saved(programs, AddressFamily.IPV4);
  }

  /** Puts the rules of one family in force, all at once. */
  Ran apply(Programs programs, CapturePlan plan, AddressFamily family) throws IOException {
    Ran saved = saved(programs, family);
    return saved.well()
        ? restore(programs, family, IptablesRules.apply(plan, family, saved.out()))
        : saved;
  }

  /** Takes away those of one family, if they are there. */
  Ran remove(Programs programs, AddressFamily family) throws IOException {
    Ran saved = saved(programs, family);
    String rules = saved.well() ? IptablesRules.remove(saved.out()) : "";
    return rules.isEmpty() ? saved : restore(programs, family, rules);
  }

  boolean isApplied(Programs programs, AddressFamily family) throws IOException {
    return IptablesRules.isApplied(saved(programs, family).out());
  }

  private Ran saved(Programs programs, AddressFamily family) throws IOException {
    return programs.run(List.of(program(family, "save"), "-t", "nat"), "");
  }

  private Ran restore(Programs programs, AddressFamily family, String rules) throws IOException {
    return programs.run(List.of(program(family, "restore"), "-w", "-n"), rules);
  }

  /** {@code ip6tables-nft-restore}. */
  private String program(AddressFamily family, String what) {
    return family.iptables() + label().substring("iptables".length()) + "-" + what;
  }

  /** As people write it: {@code iptables-nft}. */
  String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  private static List<String> words(String command, String more) {
    return List.of((command + " " + more).split(" "));
  }
}
