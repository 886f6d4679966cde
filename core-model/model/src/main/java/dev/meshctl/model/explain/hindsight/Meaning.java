package dev.meshctl.model.explain.hindsight;

/**
 * A code of the log, spelled out.
 *
 * @param code as it is logged
 * @param words what it says
 * @param look where to look next; empty where nothing is to be done
 */
public record Meaning(String code, String words, String look) {}
