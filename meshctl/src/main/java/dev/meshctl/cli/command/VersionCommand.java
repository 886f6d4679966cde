package dev.meshctl.cli.command;

import dev.meshctl.cli.Action;
import dev.meshctl.cli.ExitCode;
import dev.meshctl.cli.OwnVersion;
import dev.meshctl.cli.Session;
import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code meshctl version}. */
@Command(name = "version", description = "Show the versions of meshctl and of its Java.")
public final class VersionCommand implements Action {
  @Mixin private FormatOption format = new FormatOption();

  @Override
  public ExitCode run(Session session) {
    Map<String, String> versions = new LinkedHashMap<>();
    versions.put("meshctl", OwnVersion.built().orElse("from classes"));
    versions.put("java", Runtime.version().toString());
    versions.put("vm", System.getProperty("java.vm.name", ""));
    switch (format.format()) {
      case text -> versions.forEach((what, v) -> session.output().line(what + " " + v));
      case json, yaml -> session.output().value(versions, format.format());
    }
    return ExitCode.OK;
  }
}
