package dev.meshctl.cli.security;

import picocli.CommandLine.Command;

/** {@code meshctl authz}. */
@Command(
    name = "authz",
    description = "See who may ask whom.",
    synopsisSubcommandLabel = "COMMAND",
    subcommands = AuthzCheckCommand.class)
public final class AuthzCommand {}
