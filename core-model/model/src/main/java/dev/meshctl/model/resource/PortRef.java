package dev.meshctl.model.resource;

/** A port by number or by the name that a container gives it ({@code IntOrString}). */
public sealed interface PortRef {
  record Number(int port) implements PortRef {}

  record Name(String name) implements PortRef {}
}
