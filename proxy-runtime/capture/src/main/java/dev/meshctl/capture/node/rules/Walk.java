package dev.meshctl.capture.node.rules;

import dev.meshctl.capture.node.IpFamily;
import dev.meshctl.capture.node.NodeView;
import dev.meshctl.capture.node.rules.Chain.Hook;
import dev.meshctl.capture.node.rules.Chain.Table;
import dev.meshctl.capture.node.rules.Packet.From;
import dev.meshctl.capture.node.rules.Verdict.Case;
import dev.meshctl.capture.node.rules.Verdict.Dispatch;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Follows the first packet of a connection through the chains, as the kernel does; where dice
 * decide, along every branch.
 *
 * @param steps the rules whose tests held, in order
 * @param ends where it may come out, with the chances of each
 */
public record Walk(List<Step> steps, List<End> ends) {
  public Walk {
    steps = List.copyOf(steps);
    ends = List.copyOf(ends);
  }

  /**
   * A rule that concerned the packet.
   *
   * @param hook where in the kernel
   * @param depth how many decisions by dice it stands behind
   * @param of the case that fitted, where the rule is a {@link Dispatch}
   */
  public record Step(Hook hook, Chain chain, Rule rule, Optional<Case> of, int depth) {}

  /**
   * What becomes of it.
   *
   * @param share from 0 to 1; all ends together have 1
   * @param masqueraded it leaves under the node's address
   */
  public record End(Fate fate, String address, int port, double share, boolean masqueraded) {}

  public enum Fate {
    /** To this address and port. */
    DELIVERED,
    /** To this port of the node. */
    REDIRECTED,
    REJECTED,
    DROPPED,
    /** Nothing here concerns it: it goes where it was sent. */
    UNTOUCHED
  }

  /** Where a packet goes. */
  public static Walk of(RuleSet rules, NodeView node, Packet packet) {
    Walker walker = new Walker(rules, node, packet);
    walker.go();
    return new Walk(walker.steps, walker.ends);
  }

  private static final class Walker {
    private final RuleSet rules;
    private final NodeView node;
    private final Packet packet;
    private final Map<String, Chain> nat;
    private final Map<String, Chain> filter;
    private final List<Step> steps = new ArrayList<>();
    private final List<End> ends = new ArrayList<>();

    Walker(RuleSet rules, NodeView node, Packet packet) {
      this.rules = rules;
      this.node = node;
      this.packet = packet;
      this.nat = rules.of(Table.NAT);
      this.filter = rules.of(Table.FILTER);
    }

    /** The state of a branch. */
    private record Way(boolean marked, double share, int depth) {}

    void go() {
      Hook first = packet.from() == From.NODE ? Hook.OUTPUT : Hook.PREROUTING;
      for (Chain chain : nat.values()) {
        if (chain.hooks().contains(first)) {
          Optional<Way> left = chain(nat, chain, first, new Way(false, 1, 0));
          if (left.isEmpty()) {
            return;
          }
        }
      }
      unserved();
    }

    /** It kept its destination. */
    private void unserved() {
      boolean toNode = node.owns(packet.destination());
      Hook hook = packet.from() == From.NODE ? Hook.OUTPUT : toNode ? Hook.INPUT : Hook.FORWARD;
      for (Chain chain : filter.values()) {
        if (chain.hooks().contains(hook)
            && chain(filter, chain, hook, new Way(false, 1, 0)).isEmpty()) {
          return;
        }
      }
      ends.add(new End(Fate.UNTOUCHED, packet.destination(), packet.port(), 1, false));
    }

    /**
     * @return what is left of the packet at the chain's end; empty where its fate is decided
     */
    private Optional<Way> chain(Map<String, Chain> table, Chain chain, Hook hook, Way begin) {
      Way way = begin;
      for (Rule rule : chain.rules()) {
        if (!rule.tests().stream().allMatch(this::holds)) {
          continue;
        }
        Optional<Case> fitting =
            rule.verdict() instanceof Dispatch dispatch ? fitting(dispatch) : Optional.empty();
        if (rule.verdict() instanceof Dispatch && fitting.isEmpty()) {
          continue;
        }
        steps.add(new Step(hook, chain, rule, fitting, way.depth));
        Verdict verdict = fitting.map(Case::verdict).orElse(rule.verdict());
        switch (verdict) {
          case Verdict.Mark() -> way = new Way(true, way.share, way.depth);
          case Verdict.Remember remember -> {}
          case Verdict.Jump(String name) -> {
            Optional<Way> back = chain(table, chain(table, name), hook, way);
            if (back.isEmpty()) {
              return back;
            }
            way = back.get();
          }
          case Verdict.Goto(String name) -> {
            return chain(table, chain(table, name), hook, way);
          }
          case Verdict.Return() -> {
            return Optional.of(way);
          }
          case Verdict.Spread(List<String> names) -> {
            Way each = new Way(way.marked, way.share / names.size(), way.depth + 1);
            names.forEach(name -> chain(table, chain(table, name), hook, each));
            return Optional.empty();
          }
          case Verdict.Deliver deliver -> {
            return end(Fate.DELIVERED, deliver.address(), deliver.port(), way);
          }
          case Verdict.Redirect redirect -> {
            return end(Fate.REDIRECTED, "", redirect.port(), way);
          }
          case Verdict.Reject() -> {
            return end(Fate.REJECTED, "", 0, way);
          }
          case Verdict.Drop() -> {
            return end(Fate.DROPPED, "", 0, way);
          }
          case Verdict.Accept() -> {
            return Optional.of(way);
          }
          case Verdict.ClearMark() -> throw unexpected(rule);
          case Verdict.Masquerade() -> throw unexpected(rule);
          case Dispatch dispatch -> throw unexpected(rule);
        }
      }
      return Optional.of(way);
    }

    private static IllegalStateException unexpected(Rule rule) {
      return new IllegalStateException("before a packet leaves: " + rule);
    }

    private static Chain chain(Map<String, Chain> table, String name) {
      Chain chain = table.get(name);
      if (chain == null) {
        throw new IllegalStateException("no chain " + name);
      }
      return chain;
    }

    private Optional<Way> end(Fate fate, String address, int port, Way way) {
      ends.add(new End(fate, address, port, way.share, way.marked));
      return Optional.empty();
    }

    private Optional<Case> fitting(Dispatch dispatch) {
      return dispatch.cases().stream()
          .filter(each ->
              each.transport() == packet.transport()
                  && each.port() == packet.port()
                  && (!dispatch.byAddress() || each.address().equals(packet.destination())))
          .findFirst();
    }

    private boolean holds(Test test) {
      return switch (test) {
        case Test.ToNode() ->
            node.owns(packet.destination())
                && (rules.nodePortAddresses().isEmpty()
                    || rules.nodePortAddresses().contains(packet.destination()));
        case Test.ToAny any -> any.addresses().contains(packet.destination());
        case Test.From(var ranges) ->
            ranges.stream().anyMatch(range -> IpFamily.contains(range, packet.source()));
        case Test.FromNode() -> packet.from() == From.NODE;
        case Test.On(var transport, int port) ->
            transport == packet.transport() && port == packet.port();
        case Test.NotMarked() -> true;
        // Of a first packet, none of these can be said.
        case Test.Marked() -> false;
        case Test.Established() -> false;
        case Test.Invalid() -> false;
        case Test.Remembered remembered -> false;
      };
    }
  }
}
