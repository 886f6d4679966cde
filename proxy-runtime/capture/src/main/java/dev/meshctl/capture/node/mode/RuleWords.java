package dev.meshctl.capture.node.mode;

import dev.meshctl.capture.node.rules.Chain;
import dev.meshctl.capture.node.rules.Rule;
import dev.meshctl.capture.node.rules.Verdict.Case;
import dev.meshctl.capture.node.rules.Verdict.Dispatch;
import java.util.List;

/** Rules in the words of a tool. */
public interface RuleWords {
  /** The mark that asks for masquerading: the bit that networks leave to whoever does Services. */
  int MARK = 0x4000;

  /** A rule, one line or several where the tool cannot say it in one. */
  List<String> lines(Chain chain, Rule rule);

  /** One case of a dispatch alone. */
  String line(Chain chain, Dispatch dispatch, Case of);
}
