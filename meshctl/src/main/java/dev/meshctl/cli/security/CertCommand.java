package dev.meshctl.cli.security;

import picocli.CommandLine.Command;

/** {@code meshctl cert}. */
@Command(
    name = "cert",
    description = "See the certificates of a mesh.",
    synopsisSubcommandLabel = "COMMAND",
    subcommands = CertListCommand.class)
public final class CertCommand {}
