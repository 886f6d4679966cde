package dev.meshctl.cli.command;

import picocli.CommandLine.Command;

/** {@code meshctl config}. */
@Command(
    name = "config",
    description = "Look at the configuration of a running mesh as a whole.",
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {ConfigStatusCommand.class})
public final class ConfigCommand {}
