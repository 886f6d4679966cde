package dev.meshctl.cli;

import dev.meshctl.cli.command.AnalyzeCommand;
import dev.meshctl.cli.command.CheckCommand;
import dev.meshctl.cli.command.CompletionCommand;
import dev.meshctl.cli.command.ConfigCommand;
import dev.meshctl.cli.command.ConsoleCommand;
import dev.meshctl.cli.command.DiffCommand;
import dev.meshctl.cli.command.GatewayCommand;
import dev.meshctl.cli.command.GraphCommand;
import dev.meshctl.cli.command.InjectCommand;
import dev.meshctl.cli.command.ProxyCommand;
import dev.meshctl.cli.command.ServiceCommand;
import dev.meshctl.cli.command.SplitCommand;
import dev.meshctl.cli.command.VersionCommand;
import dev.meshctl.cli.demo.DemoCommand;
import dev.meshctl.cli.explain.ExplainCommand;
import dev.meshctl.cli.install.InstallCommand;
import dev.meshctl.cli.install.UninstallCommand;
import dev.meshctl.cli.install.UpgradeCommand;
import dev.meshctl.cli.local.LocalCommand;
import dev.meshctl.cli.runtime.RuntimeCommand;
import dev.meshctl.cli.security.AuthzCommand;
import dev.meshctl.cli.security.CertCommand;
import dev.meshctl.cli.security.MtlsCommand;
import dev.meshctl.cli.security.TrustCommand;
import dev.meshctl.cli.shell.ShellCommand;
import java.util.List;
import java.util.function.Supplier;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

/**
 * All commands, in the order of {@code --help}. Only the one that is called is made, because
 * reading the declarations of all of them takes longer than most of them run.
 *
 * @param line what the command is for, in a line
 */
record Commands(String name, String line, Supplier<Object> command) {
  private static final List<Commands> ALL =
      List.of(
          new Commands(
              "demo", "Run a real mesh, move a split under load, show it.", DemoCommand::new),
          new Commands("local", "Run a whole mesh on this machine.", LocalCommand::new),
          new Commands("install", "Install the mesh into a cluster.", InstallCommand::new),
          new Commands(
              "upgrade", "Move a cluster's workloads to another revision.", UpgradeCommand::new),
          new Commands("uninstall", "Take the mesh out of a cluster.", UninstallCommand::new),
          new Commands("graph", "Show who calls whom, and how well.", GraphCommand::new),
          new Commands(
              "split", "See and move how the traffic of a host is split.", SplitCommand::new),
          new Commands("config", "See how a configuration is followed.", ConfigCommand::new),
          new Commands(
              "gateway", "See what becomes of Gateways and their routes.", GatewayCommand::new),
          new Commands("service", "See how a node reaches a Service.", ServiceCommand::new),
          new Commands("proxy", "See the proxies of a mesh, or run one alone.", ProxyCommand::new),
          new Commands(
              "runtime", "Build runtimes of proxies, replace those that run.", RuntimeCommand::new),
          new Commands(
              "analyze", "Report what is wrong with a folder of YAML.", AnalyzeCommand::new),
          new Commands("inject", "Add the sidecar to pods in YAML.", InjectCommand::new),
          new Commands("diff", "Show what a folder of YAML would change.", DiffCommand::new),
          new Commands("explain", "Say what becomes of a request, and why.", ExplainCommand::new),
          new Commands("authz", "See who may ask whom.", AuthzCommand::new),
          new Commands("cert", "See the certificates of a mesh.", CertCommand::new),
          new Commands("trust", "See the roots of a mesh, and replace one.", TrustCommand::new),
          new Commands("mtls", "See where mutual TLS is spoken.", MtlsCommand::new),
          new Commands(
              "check", "Look whether machine and running meshes are well.", CheckCommand::new),
          new Commands(
              "console", "Open a window with the live graph and splits.", ConsoleCommand::new),
          new Commands("shell", "Type commands, with history and completion.", ShellCommand::new),
          new Commands(
              "completion", "Print a completion script for bash and zsh.", CompletionCommand::new),
          new Commands(
              "version", "Show the versions of meshctl and of its Java.", VersionCommand::new));

  /** Adds every command in full. */
  static void addAll(CommandLine root) {
    ALL.forEach(each -> root.addSubcommand(each.name, each.command.get()));
  }

  /** Adds those that {@code words} mention in full, and names and lines of the others. */
  static void addMentioned(CommandLine root, List<String> words) {
    for (Commands each : ALL) {
      if (words.contains(each.name)) {
        root.addSubcommand(each.name, each.command.get());
      } else {
        CommandSpec named = CommandSpec.create();
        named.usageMessage().description(each.line);
        root.addSubcommand(each.name, named);
      }
    }
  }
}
