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

/** As {@code nft} reads them, inside a chain. */
final class NftWords implements RuleWords {
  /** The set of all cluster addresses. */
  static final String CLUSTER_ADDRESSES = "MESH-CLUSTER-IPS";

  /** A chain that refuses. */
  static final String REJECT = "MESH-REJECT";

  private static final int COMMENT_MOST = 127;

  private final IpFamily family;
  private final List<String> nodePortAddresses;
  private final String ip;

  NftWords(RuleSet rules) {
    this.family = rules.family();
    this.nodePortAddresses = rules.nodePortAddresses();
    this.ip = family == IpFamily.V4 ? "ip" : "ip6";
  }

  @Override
  public List<String> lines(Chain chain, Rule rule) {
    List<String> lines = List.of("");
    for (Test test : rule.tests()) {
      lines =
          lines.stream()
              .flatMap(before -> words(test).stream().map(words -> before + words + " "))
              .toList();
    }
    return lines.stream()
        .map(tests -> tests + verdict(rule.verdict()) + comment(rule.why()))
        .toList();
  }

  @Override
  public String line(Chain chain, Dispatch dispatch, Case of) {
    return "@" + dispatch.name() + " { " + element(of) + " }";
  }

  /** {@code 10.96.0.10 . tcp . 80 comment "…" : goto MESH-INT-…}. */
  String element(Case of) {
    // A map takes no "reject".
    String verdict =
        of.verdict() instanceof Verdict.Reject ? "goto " + REJECT : verdict(of.verdict());
    return key(of) + comment(of.why()) + " : " + verdict;
  }

  static String key(Case of) {
    return (of.address().isEmpty() ? "" : of.address() + " . ")
        + name(of.transport())
        + " . "
        + of.port();
  }

  /** The type of a dispatch's keys. */
  String keyType(Dispatch dispatch) {
    return (dispatch.byAddress() ? addressType() + " . " : "") + "inet_proto . inet_service";
  }

  String addressType() {
    return family == IpFamily.V4 ? "ipv4_addr" : "ipv6_addr";
  }

  /** One or several, of which any will do: ranges may overlap, which a set of them may not. */
  private List<String> words(Test test) {
    return switch (test) {
      case Test.ToNode() ->
          List.of(
              nodePortAddresses.isEmpty()
                  ? ip + " daddr != " + family.loopback() + " fib daddr type local"
                  : ip + " daddr { " + String.join(", ", nodePortAddresses) + " }");
      case Test.ToAny any -> List.of(ip + " daddr @" + CLUSTER_ADDRESSES);
      case Test.From(List<IpBlock> ranges) ->
          ranges.stream().map(range -> ip + " saddr " + IpFamily.text(range)).toList();
      case Test.FromNode() -> List.of("fib saddr type local");
      case Test.On(Transport transport, int port) -> List.of(name(transport) + " dport " + port);
      case Test.Marked() -> List.of("meta mark & 0x%x == 0x%x".formatted(MARK, MARK));
      case Test.NotMarked() -> List.of("meta mark & 0x%x != 0x%x".formatted(MARK, MARK));
      case Test.Established() -> List.of("ct state established,related");
      case Test.Invalid() -> List.of("ct state invalid");
      case Test.Remembered(String name, int seconds) ->
          List.of(ip + " saddr @" + remembered(name, seconds));
    };
  }

  private static String name(Transport transport) {
    return transport.name().toLowerCase(Locale.ROOT);
  }

  /** A set whose elements go after a time, which can be said only once: so it is in the name. */
  static String remembered(String name, int seconds) {
    return name + "-" + seconds + "s";
  }

  private static String comment(String why) {
    String fitting = why.length() > COMMENT_MOST ? why.substring(0, COMMENT_MOST) : why;
    return " comment \"" + fitting + "\"";
  }

  private String verdict(Verdict verdict) {
    return switch (verdict) {
      case Verdict.Jump(String chain) -> "jump " + chain;
      case Verdict.Goto(String chain) -> "goto " + chain;
      case Verdict.Return() -> "return";
      case Verdict.Accept() -> "accept";
      case Verdict.Drop() -> "drop";
      case Verdict.Reject() -> "reject";
      case Verdict.Mark() -> "meta mark set meta mark | 0x%x".formatted(MARK);
      case Verdict.ClearMark() -> "meta mark set meta mark & 0x%x".formatted(~MARK);
      case Verdict.Masquerade() -> "masquerade fully-random";
      case Verdict.Deliver(Transport transport, String address, int port) ->
          "meta l4proto " + name(transport) + " dnat to " + family.socket(address, port);
      case Verdict.Redirect(Transport transport, int port) ->
          "meta l4proto " + name(transport) + " redirect to :" + port;
      case Verdict.Remember(String name, int seconds) ->
          "update @" + remembered(name, seconds) + " { " + ip + " saddr }";
      case Verdict.Spread(List<String> chains) -> spread(chains);
      case Dispatch dispatch ->
          (dispatch.byAddress() ? ip + " daddr . " : "")
              + "meta l4proto . th dport vmap @"
              + dispatch.name();
    };
  }

  private static String spread(List<String> chains) {
    List<String> entries = new ArrayList<>();
    for (int i = 0; i < chains.size(); i++) {
      entries.add(i + " : goto " + chains.get(i));
    }
    return "numgen random mod " + chains.size() + " vmap { " + String.join(", ", entries) + " }";
  }
}
