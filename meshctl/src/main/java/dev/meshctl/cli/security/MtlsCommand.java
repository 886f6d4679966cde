package dev.meshctl.cli.security;

import picocli.CommandLine.Command;

/** {@code meshctl mtls}. */
@Command(
    name = "mtls",
    description = "See where mutual TLS is spoken.",
    synopsisSubcommandLabel = "COMMAND",
    subcommands = MtlsStatusCommand.class)
public final class MtlsCommand {}
