package dev.meshctl.cli.command;

import dev.meshctl.cli.Action;
import dev.meshctl.cli.ExitCode;
import dev.meshctl.cli.Meshctl;
import dev.meshctl.cli.Session;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** {@code meshctl completion}. */
@Command(
    name = "completion",
    description = "Print a completion script for bash and zsh.",
    footer = {"", "  source <(meshctl completion)"})
public final class CompletionCommand implements Action {
  @Override
  public ExitCode run(Session session) {
    CommandLine root = Meshctl.commandLine(session);
    session.output().out().print(AutoComplete.bash(root.getCommandName(), root));
    return ExitCode.OK;
  }
}
