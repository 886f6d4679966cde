package dev.meshctl.cli.command;

import picocli.CommandLine.Command;

/** {@code meshctl service}. */
@Command(
    name = "service",
    description = "See how a node reaches a Service.",
    synopsisSubcommandLabel = "COMMAND",
    subcommands = ServiceExplainCommand.class)
public final class ServiceCommand {}
