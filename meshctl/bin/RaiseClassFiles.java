import java.io.IOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassHierarchyResolver;
import java.lang.classfile.ClassModel;
import java.lang.classfile.ClassTransform;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Collections;
import java.util.jar.JarFile;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * Rewrites jars whose class files are older than Java 6, which no AOT cache takes, as class files of
 * Java 8: the same code, with the stack maps that newer verifiers read. picocli is such a jar, and is
 * most of what a short command loads.
 *
 * <p>{@code java RaiseClassFiles.java JAR...}; a jar that is new enough stays as it is.
 */
final class RaiseClassFiles {
  private static final int OLDEST_THAT_IS_CACHED = 50;
  private static final int JAVA_8 = 52;

  public static void main(String[] jars) throws IOException {
    for (String jar : jars) {
      raise(Path.of(jar));
    }
  }

  private static void raise(Path jar) throws IOException {
    Path fresh = jar.resolveSibling(jar.getFileName() + ".raised");
    boolean any = false;
    try (URLClassLoader hierarchy = new URLClassLoader(new URL[] {jar.toUri().toURL()});
        JarFile in = new JarFile(jar.toFile());
        ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(fresh))) {
      ClassFile classes =
          ClassFile.of(
              ClassFile.StackMapsOption.GENERATE_STACK_MAPS,
              ClassFile.ClassHierarchyResolverOption.of(
                  ClassHierarchyResolver.ofResourceParsing(hierarchy)
                      .orElse(ClassHierarchyResolver.defaultResolver())));
      for (var entry : Collections.list(in.entries())) {
        byte[] bytes = in.getInputStream(entry).readAllBytes();
        if (entry.getName().endsWith(".class")) {
          ClassModel model = classes.parse(bytes);
          if (model.majorVersion() < OLDEST_THAT_IS_CACHED) {
            bytes = raised(classes, model);
            any = true;
          }
        }
        ZipEntry copy = new ZipEntry(entry.getName());
        copy.setTime(entry.getTime());
        out.putNextEntry(copy);
        out.write(bytes);
        out.closeEntry();
      }
    }
    if (any) {
      Files.move(fresh, jar, StandardCopyOption.ATOMIC_MOVE);
    } else {
      Files.delete(fresh);
    }
  }

  private static byte[] raised(ClassFile classes, ClassModel model) {
    ClassTransform version = ClassTransform.endHandler(builder -> builder.withVersion(JAVA_8, 0));
    ClassTransform code = ClassTransform.transformingMethodBodies((builder, e) -> builder.with(e));
    return classes.transformClass(model, version.andThen(code));
  }
}
