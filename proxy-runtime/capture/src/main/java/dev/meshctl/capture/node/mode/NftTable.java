package dev.meshctl.capture.node.mode;

import dev.meshctl.capture.node.rules.Chain;
import dev.meshctl.capture.node.rules.Chain.Hook;
import dev.meshctl.capture.node.rules.Chain.Table;
import dev.meshctl.capture.node.rules.Rule;
import dev.meshctl.capture.node.rules.RuleSet;
import dev.meshctl.capture.node.rules.Test;
import dev.meshctl.capture.node.rules.Verdict;
import dev.meshctl.capture.node.rules.Verdict.Dispatch;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The parts of one nftables table, each under its name.
 *
 * @param collections declarations of sets and maps, without elements
 * @param elements of each collection, by key
 * @param bases the kernel's hooks, which jump to chains
 */
record NftTable(
    Map<String, String> collections,
    Map<String, Map<String, String>> elements,
    Map<String, List<String>> bases,
    Map<String, List<String>> chains) {

  static NftTable of(RuleSet rules) {
    NftTable table =
        new NftTable(
            new LinkedHashMap<>(),
            new LinkedHashMap<>(),
            new LinkedHashMap<>(),
            new LinkedHashMap<>());
    NftWords words = new NftWords(rules);
    table.chains.put(NftWords.REJECT, List.of("reject"));
    for (Chain chain : rules.chains()) {
      for (Hook hook : chain.hooks()) {
        table
            .bases
            .computeIfAbsent(base(chain.table(), hook), name -> declared(chain.table(), hook))
            .add((chain.onlyNew() ? "ct state new " : "") + "jump " + chain.name());
      }
      List<String> lines = new ArrayList<>();
      for (Rule rule : chain.rules()) {
        table.collect(rule, words);
        lines.addAll(words.lines(chain, rule));
      }
      table.chains.put(chain.name(), List.copyOf(lines));
    }
    return table;
  }

  private void collect(Rule rule, NftWords words) {
    for (Test test : rule.tests()) {
      if (test instanceof Test.ToAny any) {
        collections.put(NftWords.CLUSTER_ADDRESSES, "set type " + words.addressType() + ";");
        Map<String, String> addresses = new LinkedHashMap<>();
        any.addresses().forEach(address -> addresses.put(address, address));
        elements.put(NftWords.CLUSTER_ADDRESSES, addresses);
      }
    }
    switch (rule.verdict()) {
      case Dispatch dispatch -> {
        collections.put(dispatch.name(), "map type " + words.keyType(dispatch) + " : verdict;");
        Map<String, String> cases = new LinkedHashMap<>();
        dispatch.cases().forEach(each -> cases.put(NftWords.key(each), words.element(each)));
        elements.put(dispatch.name(), cases);
      }
      // What the kernel noted is its own: such a set has no elements of ours.
      case Verdict.Remember(String name, int seconds) ->
          collections.put(
              NftWords.remembered(name, seconds),
              "set type %s; flags dynamic,timeout; timeout %ds;"
                  .formatted(words.addressType(), seconds));
      default -> {}
    }
  }

  private static String base(Table table, Hook hook) {
    return (table + "-" + hook).toLowerCase(Locale.ROOT);
  }

  private static List<String> declared(Table table, Hook hook) {
    // Numbers, since older nft takes the names in some hooks only.
    int priority =
        switch (table) {
          case FILTER -> 0;
          case NAT -> hook == Hook.POSTROUTING ? 100 : -100;
        };
    List<String> lines = new ArrayList<>();
    lines.add(
        "type %s hook %s priority %d; policy accept;"
            .formatted(
                table.name().toLowerCase(Locale.ROOT),
                hook.name().toLowerCase(Locale.ROOT),
                priority));
    return lines;
  }
}
