package dev.meshctl.cli;

import dev.meshctl.cli.render.Output;
import dev.meshctl.cli.render.Style;
import dev.meshctl.cluster.ClusterException;
import dev.meshctl.model.query.MeshQueryException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.util.Objects;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/** The one place where a failure becomes text and exit code. */
final class Failures implements IExecutionExceptionHandler, IParameterExceptionHandler {
  private final Session session;

  Failures(Session session) {
    this.session = session;
  }

  @Override
  public int handleExecutionException(
      Exception failure, CommandLine command, ParseResult arguments) {
    return show(failure).number();
  }

  @Override
  public int handleParseException(ParameterException wrong, String[] arguments) {
    Output output = session.output();
    say(problem(wrong));
    var suggestions =
        wrong instanceof UnmatchedArgumentException unmatched
            ? unmatched.getSuggestions()
            : java.util.List.<String>of();
    String usage = "`" + wrong.getCommandLine().getCommandSpec().qualifiedName() + " --help`";
    output.note(
        "  fix: "
            + (suggestions.isEmpty() ? "see " : "did you mean " + suggestions.getFirst() + "? See ")
            + usage);
    return ExitCode.REFUSED.number();
  }

  private static String problem(ParameterException wrong) {
    if (wrong instanceof UnmatchedArgumentException unmatched
        && !unmatched.getUnmatched().isEmpty()) {
      String what = unmatched.isUnknownOption() ? "unknown option " : "unknown word ";
      return what + unmatched.getUnmatched().getFirst();
    }
    return String.valueOf(wrong.getMessage());
  }

  ExitCode show(Throwable failure) {
    return switch (failure) {
      case CommandFailure known -> {
        say(known.problem());
        known.details().forEach(line -> session.output().note("  " + line));
        if (!known.fix().isEmpty()) {
          session.output().note("  fix: " + known.fix());
        }
        yield known.exitCode();
      }
      case MeshQueryException query -> {
        String message = String.valueOf(query.getMessage());
        String problem = message.substring(0, message.length() - query.fix().length() - 2);
        say(problem);
        session.output().note("  fix: " + query.fix());
        yield ExitCode.FAILED;
      }
      case ClusterException cluster -> {
        say(String.valueOf(cluster.getMessage()));
        yield ExitCode.FAILED;
      }
      case AccessDeniedException denied -> {
        say(denied.getMessage() + ": no permission");
        session.output().note("  fix: make it readable and writable for you, or choose another");
        yield ExitCode.FAILED;
      }
      case NoSuchFileException missing -> {
        say(missing.getMessage() + ": no such file or folder");
        yield ExitCode.FAILED;
      }
      case UncheckedIOException io -> show(Objects.requireNonNull(io.getCause()));
      case IOException io -> {
        say(String.valueOf(io.getMessage()));
        yield ExitCode.FAILED;
      }
      case InterruptedException stopped -> ExitCode.INTERRUPTED;
      default -> {
        say("internal error: " + failure);
        session
            .output()
            .note("  fix: this is a fault of meshctl; please report it with the lines below");
        failure.printStackTrace(session.output().err());
        yield ExitCode.FAILED;
      }
    };
  }

  private void say(String problem) {
    session.output().note(session.output().paintNote(Style.BAD, "meshctl: ") + problem);
  }
}
