package dev.meshctl.model.xds.route;

public record QueryMatch(String name, ValueMatch value) {}
