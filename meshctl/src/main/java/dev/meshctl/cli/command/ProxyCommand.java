package dev.meshctl.cli.command;

import picocli.CommandLine.Command;

/** {@code meshctl proxy}. */
@Command(
    name = "proxy",
    description = "Look into the proxies of a running mesh.",
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {ProxyStatusCommand.class, ProxyConfigCommand.class, ProxyBootstrapCommand.class})
public final class ProxyCommand {}
