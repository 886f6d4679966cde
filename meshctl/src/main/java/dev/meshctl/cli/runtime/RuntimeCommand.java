package dev.meshctl.cli.runtime;

import picocli.CommandLine.Command;

/** {@code meshctl runtime}. */
@Command(
    name = "runtime",
    description = "Build runtimes of proxies as signed bundles, and replace those that run.",
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      RuntimeKeygenCommand.class,
      RuntimeBuildCommand.class,
      RuntimeVerifyCommand.class,
      RuntimeImageCommand.class,
      RuntimePushCommand.class,
      RuntimeListCommand.class,
      RuntimePatchCommand.class,
      RuntimeStatusCommand.class,
      RuntimeRollbackCommand.class
    })
public final class RuntimeCommand {}
