package dev.meshctl.cli.local;

import picocli.CommandLine.Command;

/** {@code meshctl local}. */
@Command(
    name = "local",
    description = "Run a whole mesh on this machine.",
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      LocalUpCommand.class,
      LocalStatusCommand.class,
      LocalDownCommand.class,
      LocalSuperviseCommand.class
    })
public final class LocalCommand {}
