package dev.meshctl.model.resource;

/** {@code metadata.ownerReferences[]} with {@code controller: true}: who made an object. */
public record Owner(String kind, String name) {}
