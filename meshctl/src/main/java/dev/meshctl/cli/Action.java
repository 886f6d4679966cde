package dev.meshctl.cli;

/**
 * What a command does: parse (picocli has), call, render. Failures are exceptions, which {@link
 * Failures} shows.
 */
@FunctionalInterface
public interface Action {
  ExitCode run(Session session) throws Exception;
}
