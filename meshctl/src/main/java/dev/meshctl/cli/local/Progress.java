package dev.meshctl.cli.local;

/** Told what a mesh that starts has got to. Called from several threads. */
public interface Progress {
  Progress SILENT = line -> {};

  void line(String text);
}
