package dev.meshctl.cli.explain;

import picocli.CommandLine.Command;

/** {@code meshctl explain}. */
@Command(
    name = "explain",
    description =
        "Say what becomes of a request and which line of YAML decides it, or what a code means.",
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {ExplainRequestCommand.class, ExplainCodeCommand.class})
public final class ExplainCommand {}
