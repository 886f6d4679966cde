package dev.meshctl.cli.render;

/** {@code -o} of commands that answer with a value. */
public enum Format {
  text,
  json,
  yaml
}
