package dev.meshctl.bundle.build;

import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The classes of some jars, and which of them can be reached from some of them: by any constant of
 * a class file that is a name, a descriptor or a signature of a class, or a string that is its name
 * (as for {@code Class.forName}), and as providers of services. So more is reached than is used,
 * and only what is named by a text put together at run time is not.
 */
final class ClassPath {
  private static final Pattern NAME =
      Pattern.compile("[A-Za-z_$][A-Za-z0-9_$]*(?:[./][A-Za-z0-9_$]+)+");
  private static final int UTF8 = 1;

  /** Jar of each class, by its name with slashes: the first that has it, as for the JVM. */
  private final Map<String, Path> jars = new HashMap<>();

  /** Entries of each class: one for each release of Java that it is there for. */
  private final Map<String, List<String>> entries = new HashMap<>();

  private final Map<Path, Set<String>> providers = new HashMap<>();

  static ClassPath of(List<Path> jars) throws IOException {
    ClassPath path = new ClassPath();
    for (Path jar : jars) {
      path.list(jar);
    }
    return path;
  }

  private void list(Path file) throws IOException {
    Set<String> provided = new HashSet<>();
    try (JarFile jar = new JarFile(file.toFile())) {
      for (JarEntry entry : Collections.list(jar.entries())) {
        String name = entry.getName();
        if (name.endsWith(".class")) {
          String type = type(name);
          if (jars.putIfAbsent(type, file) == null || file.equals(jars.get(type))) {
            entries.computeIfAbsent(type, t -> new ArrayList<>()).add(name);
          }
        } else if (name.startsWith("META-INF/services/") && !entry.isDirectory()) {
          new String(bytes(jar, entry), StandardCharsets.UTF_8)
              .lines()
              .map(line -> line.replaceFirst("#.*", "").strip())
              .filter(line -> !line.isEmpty())
              .map(line -> line.replace('.', '/'))
              .forEach(provided::add);
        }
      }
    }
    providers.put(file, provided);
  }

  static String type(String entry) {
    return entry.replaceFirst("^META-INF/versions/[0-9]+/", "").replaceFirst("\\.class$", "");
  }

  private static byte[] bytes(JarFile jar, JarEntry entry) throws IOException {
    try (InputStream in = jar.getInputStream(entry)) {
      return in.readAllBytes();
    }
  }

  /** All that is reached from the classes of {@code roots}, with slashes. */
  Set<String> reachedFrom(Collection<Path> roots) throws IOException {
    Set<String> reached = new LinkedHashSet<>();
    Map<Path, JarFile> open = new HashMap<>();
    Deque<String> next = new ArrayDeque<>();
    jars.forEach((type, jar) -> {
      if (roots.contains(jar)) {
        next.add(type);
      }
    });
    try {
      while (!next.isEmpty()) {
        String type = next.pop();
        Path file = jars.get(type);
        if (file == null || !reached.add(type)) {
          continue;
        }
        JarFile jar = open.get(file);
        if (jar == null) {
          jar = new JarFile(file.toFile());
          open.put(file, jar);
          next.addAll(providers.getOrDefault(file, Set.of()));
        }
        for (String entry : entries.getOrDefault(type, List.of())) {
          next.addAll(named(bytes(jar, jar.getJarEntry(entry))));
        }
      }
    } finally {
      for (JarFile each : open.values()) {
        each.close();
      }
    }
    return reached;
  }

  /** The jars that have any class of {@code reached}. */
  Set<Path> jarsOf(Set<String> reached) {
    Set<Path> of = new HashSet<>();
    for (String type : reached) {
      Path jar = jars.get(type);
      if (jar != null) {
        of.add(jar);
      }
    }
    return of;
  }

  /** Every text of the constants that may name a class (JVMS 4.4). */
  private static Set<String> named(byte[] classFile) throws IOException {
    Set<String> names = new HashSet<>();
    try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(classFile))) {
      in.skipNBytes(8);
      int constants = in.readUnsignedShort();
      for (int i = 1; i < constants; i++) {
        int tag = in.readUnsignedByte();
        switch (tag) {
          case UTF8 -> addNames(in.readUTF(), names);
          case 3, 4, 9, 10, 11, 12, 17, 18 -> in.skipNBytes(4);
          case 5, 6 -> {
            in.skipNBytes(8);
            i++;
          }
          case 7, 8, 16, 19, 20 -> in.skipNBytes(2);
          case 15 -> in.skipNBytes(3);
          default -> throw new IOException("constant of unknown kind " + tag);
        }
      }
    }
    return names;
  }

  private static void addNames(String text, Set<String> names) {
    if (text.indexOf('/') < 0 && text.indexOf('.') < 0) {
      return;
    }
    // A long text of a constant is data: descriptors of protobuf files, tables.
    if (text.length() > 4096) {
      return;
    }
    Matcher name = NAME.matcher(text);
    while (name.find()) {
      String found = name.group().replace('.', '/');
      names.add(found);
      // A descriptor's L stands before the name.
      if (found.startsWith("L")) {
        names.add(found.substring(1));
      }
      // After the parentheses and brackets of a descriptor, more letters may stand before the L.
      int at = found.indexOf('L');
      while (at > 0 && at < 8) {
        names.add(found.substring(at + 1));
        at = found.indexOf('L', at + 1);
      }
    }
  }
}
