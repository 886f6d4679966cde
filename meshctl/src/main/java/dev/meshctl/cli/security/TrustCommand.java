package dev.meshctl.cli.security;

import picocli.CommandLine.Command;

/** {@code meshctl trust}. */
@Command(
    name = "trust",
    description = "See the roots of a mesh, and put a new one in place of the old.",
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {TrustStatusCommand.class, TrustRotateCommand.class, TrustUndoCommand.class})
public final class TrustCommand {}
