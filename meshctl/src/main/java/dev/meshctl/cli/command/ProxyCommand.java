package dev.meshctl.cli.command;

import picocli.CommandLine.Command;

/** {@code meshctl proxy}. */
@Command(
    name = "proxy",
    description = "Look into the proxies of a running mesh; run one alone.",
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      ProxyStatusCommand.class,
      ProxyConfigCommand.class,
      ProxyRunCommand.class,
      ProxyBootstrapCommand.class
    })
public final class ProxyCommand {}
