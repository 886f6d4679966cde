package dev.meshctl.capture.node.mode;

import dev.meshctl.capture.node.IpFamily;
import dev.meshctl.capture.node.rules.Chain;
import dev.meshctl.capture.node.rules.Rule;
import dev.meshctl.capture.node.rules.RuleSet;
import dev.meshctl.capture.node.rules.Test;
import dev.meshctl.capture.node.rules.Verdict;
import dev.meshctl.capture.node.rules.Verdict.Case;
import dev.meshctl.capture.node.rules.Verdict.Dispatch;
import dev.meshctl.model.resource.IpBlock;
import dev.meshctl.model.resource.Transport;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** As {@code iptables-save} writes them. */
final class IptablesWords implements RuleWords {
  private static final String MARK_TEXT = "0x%x/0x%x".formatted(MARK, MARK);
  private static final int COMMENT_MOST = 255;

  private final IpFamily family;
  private final List<String> nodePortAddresses;

  IptablesWords(RuleSet rules) {
    this.family = rules.family();
    this.nodePortAddresses = rules.nodePortAddresses();
  }

  @Override
  public List<String> lines(Chain chain, Rule rule) {
    if (rule.verdict() instanceof Dispatch dispatch) {
      return dispatch.cases().stream().map(each -> line(chain, dispatch, each)).toList();
    }
    List<String> lines = new ArrayList<>();
    for (String tests : tests(rule.tests())) {
      for (String verdict : verdicts(rule.verdict())) {
        lines.add("-A " + chain.name() + tests + comment(rule.why()) + verdict);
      }
    }
    return lines;
  }

  @Override
  public String line(Chain chain, Dispatch dispatch, Case of) {
    return "-A "
        + chain.name()
        + (of.address().isEmpty() ? "" : " -d " + single(of.address()))
        + on(of.transport(), of.port())
        + comment(of.why())
        + verdicts(of.verdict()).getFirst();
  }

  /** Every combination of what can be said once a rule only. */
  private List<String> tests(List<Test> tests) {
    List<String> all = List.of("");
    for (Test test : tests) {
      List<String> longer = new ArrayList<>();
      for (String before : all) {
        words(test).forEach(words -> longer.add(before + words));
      }
      all = longer;
    }
    return all;
  }

  private List<String> words(Test test) {
    return switch (test) {
      case Test.ToNode() -> toNode();
      case Test.ToAny any -> any.addresses().stream().map(each -> " -d " + single(each)).toList();
      case Test.From(List<IpBlock> ranges) ->
          ranges.stream()
              .map(range -> " -s " + range.address() + "/" + range.prefixLength())
              .toList();
      case Test.FromNode() -> List.of(" -m addrtype --src-type LOCAL");
      case Test.On(Transport transport, int port) -> List.of(on(transport, port));
      case Test.Marked() -> List.of(" -m mark --mark " + MARK_TEXT);
      case Test.NotMarked() -> List.of(" -m mark ! --mark " + MARK_TEXT);
      case Test.Established() -> List.of(" -m conntrack --ctstate RELATED,ESTABLISHED");
      case Test.Invalid() -> List.of(" -m conntrack --ctstate INVALID");
      case Test.Remembered(String name, int seconds) ->
          List.of(
              " -m recent --rcheck --seconds " + seconds + " --reap --name " + name + " --rsource");
    };
  }

  private List<String> toNode() {
    return nodePortAddresses.isEmpty()
        ? List.of(" ! -d " + family.loopback() + " -m addrtype --dst-type LOCAL")
        : nodePortAddresses.stream().map(address -> " -d " + single(address)).toList();
  }

  private String single(String address) {
    return address + "/" + family.bits();
  }

  private static String on(Transport transport, int port) {
    String name = name(transport);
    return " -p " + name + " -m " + name + " --dport " + port;
  }

  private static String name(Transport transport) {
    return transport.name().toLowerCase(Locale.ROOT);
  }

  private static String comment(String why) {
    String short_ = why.length() > COMMENT_MOST ? why.substring(0, COMMENT_MOST) : why;
    return " -m comment --comment \"" + short_ + "\"";
  }

  private List<String> verdicts(Verdict verdict) {
    return switch (verdict) {
      case Verdict.Jump(String chain) -> List.of(" -j " + chain);
      case Verdict.Goto(String chain) -> List.of(" -g " + chain);
      case Verdict.Return() -> List.of(" -j RETURN");
      case Verdict.Accept() -> List.of(" -j ACCEPT");
      case Verdict.Drop() -> List.of(" -j DROP");
      case Verdict.Reject() -> List.of(" -j REJECT");
      case Verdict.Mark() -> List.of(" -j MARK --set-xmark " + MARK_TEXT);
      case Verdict.ClearMark() -> List.of(" -j MARK --set-xmark 0x0/0x%x".formatted(MARK));
      case Verdict.Masquerade() -> List.of(" -j MASQUERADE --random-fully");
      case Verdict.Deliver(Transport transport, String address, int port) ->
          List.of(
              " -p "
                  + name(transport)
                  + " -j DNAT --to-destination "
                  + family.socket(address, port));
      case Verdict.Redirect(Transport transport, int port) ->
          List.of(" -p " + name(transport) + " -j REDIRECT --to-ports " + port);
      case Verdict.Remember(String name, int seconds) ->
          List.of(" -m recent --set --name " + name + " --rsource");
      case Verdict.Spread(List<String> chains) -> spread(chains);
      case Dispatch dispatch -> throw new IllegalArgumentException("a case a line");
    };
  }

  /** Each rule takes its share of what the ones before it left, so that all shares are equal. */
  private static List<String> spread(List<String> chains) {
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < chains.size(); i++) {
      int left = chains.size() - i;
      String chance =
          left == 1
              ? ""
              : String.format(
                  Locale.ROOT, " -m statistic --mode random --probability %.11f", 1.0 / left);
      lines.add(chance + " -g " + chains.get(i));
    }
    return lines;
  }
}
