package dev.meshctl.model.explain;

/**
 * Whose proxy a connection leaves.
 *
 * @param identity as certificates have it
 * @param hasProxy false where the client goes by itself, in the clear
 * @param address as policies see it
 */
public record Caller(String identity, boolean hasProxy, String address) {}
