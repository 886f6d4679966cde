package dev.meshctl.cli;

import dev.meshctl.cli.context.RunningMeshes;
import dev.meshctl.cli.render.Output;
import dev.meshctl.cli.render.Screen;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.ScopeType;

/** A service mesh you can see and steer while it runs. The root of all commands. */
@Command(
    name = "meshctl",
    description = "A service mesh you can see and steer while it runs.",
    synopsisSubcommandLabel = "COMMAND",
    footer = {"", "`meshctl COMMAND --help` tells more. Start with `meshctl demo`."})
public final class Meshctl {
  private static final int HELP_COLUMNS = 80;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      scope = ScopeType.INHERIT,
      description = "Show this help.")
  private boolean help;

  private Meshctl() {}

  public static void main(String[] args) {
    if (args.length == 1 && args[0].equals("--train")) {
      Training.run();
      return;
    }
    Map<String, String> environment = System.getenv();
    String home = System.getProperty("meshctl.home", "");
    Session session =
        new Session(
            Output.ofProcess(Screen.of(environment)),
            environment,
            RunningMeshes.of(environment),
            home.isEmpty() ? Optional.empty() : Optional.of(Path.of(home)));
    int exitCode = run(session, args);
    // A plain return is quicker than exit, which sets up logging to log itself; but the JVM then
    // stays for every thread that a library left.
    if (exitCode != ExitCode.OK.number() || holdsUp(Thread.currentThread().getThreadGroup())) {
      System.exit(exitCode);
    }
  }

  /** Whether a thread of this group but the one that asks keeps the JVM alive. */
  static boolean holdsUp(ThreadGroup group) {
    Thread[] all = new Thread[2 * group.activeCount() + 8];
    int count = group.enumerate(all);
    return Arrays.stream(all, 0, count)
        .anyMatch(thread -> thread != Thread.currentThread() && !thread.isDaemon());
  }

  /** Runs one command. Returns an exit code of {@link ExitCode}; never throws. */
  public static int run(Session session, String... args) {
    CommandLine root = new CommandLine(new Meshctl());
    Commands.addMentioned(root, List.of(args));
    return configured(root, session).execute(args);
  }

  /** All commands, ready to parse one line after the other. */
  public static CommandLine commandLine(Session session) {
    CommandLine root = new CommandLine(new Meshctl());
    Commands.addAll(root);
    return configured(root, session);
  }

  private static CommandLine configured(CommandLine root, Session session) {
    Failures failures = new Failures(session);
    return root.setOut(new PrintWriter(session.output().out(), true, StandardCharsets.UTF_8))
        .setErr(new PrintWriter(session.output().err(), true, StandardCharsets.UTF_8))
        .setColorScheme(
            CommandLine.Help.defaultColorScheme(
                session.output().screen().colour() ? Ansi.ON : Ansi.OFF))
        .setUsageHelpWidth(HELP_COLUMNS)
        .setCaseInsensitiveEnumValuesAllowed(true)
        .registerConverter(java.time.Duration.class, new Durations())
        .setParameterExceptionHandler(failures)
        .setExecutionExceptionHandler(failures)
        .setExecutionStrategy(arguments -> execute(session, arguments));
  }

  private static int execute(Session session, ParseResult arguments) {
    Integer help = CommandLine.executeHelpRequest(arguments);
    if (help != null) {
      return ExitCode.OK.number();
    }
    ParseResult last = arguments;
    while (last.hasSubcommand()) {
      last = last.subcommand();
    }
    CommandLine command = last.commandSpec().commandLine();
    if (!(last.commandSpec().userObject() instanceof Action action)) {
      command.usage(command.getErr(), command.getColorScheme());
      return ExitCode.REFUSED.number();
    }
    try {
      return action.run(session).number();
    } catch (Exception failure) {
      throw new CommandLine.ExecutionException(command, "failed", failure);
    }
  }
}
