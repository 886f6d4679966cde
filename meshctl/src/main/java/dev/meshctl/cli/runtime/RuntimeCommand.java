package dev.meshctl.cli.runtime;

import picocli.CommandLine.Command;

/** {@code meshctl runtime}. */
@Command(
    name = "runtime",
    description = "Build runtimes of proxies as signed bundles, and see what is in one.",
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      RuntimeKeygenCommand.class,
      RuntimeBuildCommand.class,
      RuntimeVerifyCommand.class,
      RuntimeImageCommand.class
    })
public final class RuntimeCommand {}
