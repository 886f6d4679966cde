package dev.meshctl.cli.command;

import picocli.CommandLine.Command;

/** {@code meshctl gateway}. */
@Command(
    name = "gateway",
    description = "See what becomes of Gateways, their routes and policies.",
    synopsisSubcommandLabel = "COMMAND",
    subcommands = GatewayStatusCommand.class)
public final class GatewayCommand {}
