package dev.meshctl.cli.command;

import picocli.CommandLine.Command;

/** {@code meshctl split}. */
@Command(
    name = "split",
    description = "See and move how the traffic of a host is split over its versions.",
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {SplitGetCommand.class, SplitSetCommand.class})
public final class SplitCommand {}
