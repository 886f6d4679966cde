package dev.meshctl.model.source;

import java.nio.file.Path;

/**
 * One file as it was when it was read.
 *
 * @param name relative to the folder, with {@code /}; the {@link Position#source} of its positions
 * @param sha256 of its bytes, 64 lower-case hex digits
 */
public record SourceFile(String name, Path path, String text, String sha256) {}
