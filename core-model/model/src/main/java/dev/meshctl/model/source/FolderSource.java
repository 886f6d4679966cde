package dev.meshctl.model.source;

import dev.meshctl.model.resource.MeshResource;
import dev.meshctl.model.validation.Diagnostic;
import dev.meshctl.model.validation.DiagnosticCode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemLoopException;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Function;

/**
 * Reads the {@code *.yaml} and {@code *.yml} files of a folder and of its subfolders, ordered by
 * name; skips names that begin with a dot.
 *
 * <p>Threads: blocking, any.
 */
public final class FolderSource {
  private FolderSource() {}

  /**
   * @param path a folder, or one file
   * @throws IOException where the folder or one of its files cannot be read
   */
  public static FolderContents read(Path path) throws IOException {
    return read(path, file -> YamlReader.read(file.name(), file.text()));
  }

  /**
   * @param parser what a file holds
   */
  static FolderContents read(Path path, Function<SourceFile, ParsedDocuments> parser)
      throws IOException {
    if (Files.isRegularFile(path)) {
      Path parent = path.toAbsolutePath().getParent();
      return parse(parent == null ? path : parent, List.of(path), parser);
    }
    List<Path> files = new ArrayList<>();
    Files.walkFileTree(
        path,
        EnumSet.of(FileVisitOption.FOLLOW_LINKS),
        Integer.MAX_VALUE,
        new Listing(path, files));
    files.sort(Comparator.comparing(file -> nameOf(path, file)));
    return parse(path, files, parser);
  }

  /** SHA-256 of a text's UTF-8 bytes, as {@link SourceFile#sha256} has it. */
  public static String sha256(String text) {
    return sha256(text.getBytes(StandardCharsets.UTF_8));
  }

  private static FolderContents parse(
      Path folder, List<Path> paths, Function<SourceFile, ParsedDocuments> parser)
      throws IOException {
    List<SourceFile> files = new ArrayList<>();
    List<Located<? extends MeshResource>> resources = new ArrayList<>();
    List<Diagnostic> diagnostics = new ArrayList<>();
    for (Path path : paths) {
      String name = nameOf(folder, path.toAbsolutePath());
      byte[] bytes;
      try {
        bytes = Files.readAllBytes(path);
      } catch (NoSuchFileException removedMeanwhile) {
        continue;
      }
      String text;
      try {
        text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
      } catch (CharacterCodingException notText) {
        diagnostics.add(
            DiagnosticCode.UNREADABLE_FILE.at(
                name, new Position(name, 1, 1), "", "is not UTF-8 (expected: UTF-8 text)"));
        continue;
      }
      SourceFile file = new SourceFile(name, path, text, sha256(bytes));
      files.add(file);
      ParsedDocuments parsed = parser.apply(file);
      resources.addAll(parsed.resources());
      diagnostics.addAll(parsed.diagnostics());
    }
    return new FolderContents(folder, files, new ParsedDocuments(resources, diagnostics));
  }

  private static String nameOf(Path folder, Path file) {
    Path base = folder.toAbsolutePath();
    return base.relativize(file.toAbsolutePath()).toString().replace('\\', '/');
  }

  private static String sha256(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException everyJdkHasIt) {
      throw new UncheckedIOException(new IOException(everyJdkHasIt));
    }
  }

  private static final class Listing extends SimpleFileVisitor<Path> {
    private final Path top;
    private final List<Path> files;

    Listing(Path top, List<Path> files) {
      this.top = top;
      this.files = files;
    }

    @Override
    public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
      return !folder.equals(top) && isHidden(folder)
          ? FileVisitResult.SKIP_SUBTREE
          : FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
      String name = file.getFileName().toString();
      if (attributes.isRegularFile()
          && !isHidden(file)
          && (name.endsWith(".yaml") || name.endsWith(".yml"))) {
        files.add(file);
      }
      return FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult visitFileFailed(Path file, IOException failure) throws IOException {
      if (failure instanceof FileSystemLoopException
          || (failure instanceof NoSuchFileException && !file.equals(top))
          || (isHidden(file) && !file.equals(top))) {
        return FileVisitResult.CONTINUE;
      }
      throw failure;
    }

    private static boolean isHidden(Path path) {
      Path name = path.getFileName();
      return name != null && name.toString().startsWith(".");
    }
  }
}
