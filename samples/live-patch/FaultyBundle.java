import dev.meshctl.bundle.BundleFile;
import dev.meshctl.bundle.BundleWriter;
import dev.meshctl.bundle.Manifest;
import dev.meshctl.bundle.SigningKey;
import dev.meshctl.bundle.VerifiedBundle;
import java.io.IOException;
import java.io.InputStream;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.CodeElement;
import java.lang.classfile.CodeTransform;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * Makes of a good bundle one that should never have been shipped, to see what becomes of it:
 *
 * <pre>
 * java -cp 'meshctl/target/meshctl/lib/*' FaultyBundle.java GOOD.meshbundle KEY.pem FAULT VERSION OUT
 * </pre>
 *
 * Faults of the program: {@code crash} (at start), {@code hang} (at start), {@code leak} (4 MiB a
 * second), {@code refuse} (each answer is a 500, the self-test's too), {@code fail} (the answers of
 * upstreams become a 500; the self-test has none). They are real ones: a method of the proxy is
 * another. Faults of the file: {@code forged} (a bit of the signature), {@code cut} (the last third
 * is missing); {@code runtime push} refuses those too. {@code none}: another version, no fault.
 */
public final class FaultyBundle {
  private static final String APP = "dev/meshctl/app/ProxyMain";
  private static final String HEAD = "dev/meshctl/dataplane/http/ResponseHead";
  private static final String ANSWER = "dev/meshctl/dataplane/route/UpstreamTry";
  private static final String JAR = "lib/faulty.jar";

  private FaultyBundle() {}

  public static void main(String[] words) throws Exception {
    if (words.length != 5) {
      System.err.println("usage: FaultyBundle GOOD.meshbundle KEY.pem FAULT VERSION OUT");
      System.exit(2);
    }
    make(
        Path.of(words[0]),
        SigningKey.read(Path.of(words[1])),
        words[2],
        words[3],
        Path.of(words[4]));
  }

  private static void make(Path good, SigningKey key, String fault, String version, Path out)
      throws Exception {
    VerifiedBundle bundle = BundleFile.verify(good, List.of(key.trusted()));
    Path scratch = Files.createTempDirectory(out.toAbsolutePath().getParent(), ".faulty");
    try {
      Path contents = scratch.resolve("contents");
      bundle.unpack(contents);
      // What unpacking wrote, and the caches: those are of other classes.
      Files.delete(contents.resolve("manifest.json"));
      for (Manifest.Program program : bundle.manifest().programs()) {
        Files.delete(contents.resolve(program.name() + ".args"));
        if (!program.cache().isEmpty() && !fault.equals("none")) {
          Files.deleteIfExists(contents.resolve(program.cache()));
        }
      }
      List<Manifest.Program> programs = new ArrayList<>();
      boolean inJar = breakClasses(contents, fault);
      for (Manifest.Program program : bundle.manifest().programs()) {
        List<String> classPath = new ArrayList<>(program.classPath());
        if (inJar) {
          classPath.addFirst(JAR);
        }
        programs.add(
            new Manifest.Program(
                program.name(),
                program.mainClass(),
                fault.equals("none") ? program.cache() : "",
                program.flags(),
                classPath));
      }
      String digest =
          BundleWriter.write(
              contents,
              new BundleWriter.Description(
                  version,
                  "",
                  bundle.manifest().requires(),
                  bundle.manifest().memoryBytes(),
                  programs),
              key,
              out,
              path -> {});
      if (fault.equals("forged")) {
        byte[] bytes = Files.readAllBytes(out);
        // Of the manifest, which is what is signed: the version says another thing then.
        bytes[40] ^= 1;
        Files.write(out, bytes);
      } else if (fault.equals("cut")) {
        byte[] bytes = Files.readAllBytes(out);
        Files.write(out, Arrays.copyOf(bytes, bytes.length / 3 * 2));
      }
      System.err.println(version + ": digest " + digest);
    } finally {
      delete(scratch);
    }
  }

  /** Writes other classes before those of the bundle; false where the fault is none of a class. */
  private static boolean breakClasses(Path contents, String fault) throws Exception {
    MethodTypeDesc main = MethodTypeDesc.ofDescriptor("([Ljava/lang/String;)V");
    switch (fault) {
      case "crash" ->
          at(
              contents,
              APP,
              "main",
              code -> {
                ClassDesc what = ClassDesc.of("java.lang.IllegalStateException");
                code.new_(what)
                    .dup()
                    .ldc("a fault of this version")
                    .invokespecial(
                        what,
                        ConstantDescs.INIT_NAME,
                        MethodTypeDesc.of(ConstantDescs.CD_void, ConstantDescs.CD_String))
                    .athrow();
              });
      case "hang" ->
          at(
              contents,
              APP,
              "main",
              code ->
                  code.ldc(Long.MAX_VALUE)
                      .invokestatic(
                          ClassDesc.of("java.lang.Thread"),
                          "sleep",
                          MethodTypeDesc.of(ConstantDescs.CD_void, ConstantDescs.CD_long)));
      case "leak" -> {
        add(contents, "FaultyBundle$Leak.class", classBytes("FaultyBundle$Leak.class"));
        at(
            contents,
            APP,
            "main",
            code ->
                code.invokestatic(
                    ClassDesc.of("FaultyBundle$Leak"),
                    "begin",
                    MethodTypeDesc.of(ConstantDescs.CD_void)));
      }
      case "refuse" ->
          at(
              contents,
              HEAD,
              "status",
              code -> {
                if (code.receiverSlot() == 0) {
                  code.sipush(500).istore(1);
                }
              });
      case "fail" ->
          at(
              contents,
              ANSWER,
              "response",
              code ->
                  code.aload(1)
                      .sipush(500)
                      .invokevirtual(
                          ClassDesc.ofInternalName(HEAD),
                          "status",
                          MethodTypeDesc.of(ConstantDescs.CD_void, ConstantDescs.CD_int)));
      case "none", "forged", "cut" -> {
        return false;
      }
      default -> throw new IllegalArgumentException("no fault " + fault);
    }
    return true;
  }

  /** As a class of the bundle that is {@code owner} or nested in it: {@code method} begins so. */
  private static void at(Path contents, String owner, String method, Consumer<CodeBuilder> begins)
      throws IOException {
    AtomicBoolean done = new AtomicBoolean();
    try (Stream<Path> jars = Files.list(contents.resolve("lib"))) {
      for (Path jar : jars.filter(each -> each.toString().endsWith(".jar")).toList()) {
        if (jar.endsWith("faulty.jar")) {
          continue;
        }
        try (FileSystem entries = FileSystems.newFileSystem(jar)) {
          Path folder = entries.getPath(owner.substring(0, owner.lastIndexOf('/')));
          if (!Files.isDirectory(folder)) {
            continue;
          }
          String name = owner.substring(owner.lastIndexOf('/') + 1);
          try (Stream<Path> classes = Files.list(folder)) {
            for (Path each : classes.toList()) {
              String file = each.getFileName().toString();
              if (file.equals(name + ".class") || file.startsWith(name + "$")) {
                broken(contents, each, method, begins, done);
              }
            }
          }
        }
      }
    }
    if (!done.get()) {
      throw new IOException("no " + owner + "." + method + " is there to be broken");
    }
  }

  private static void broken(
      Path contents, Path type, String method, Consumer<CodeBuilder> begins, AtomicBoolean done)
      throws IOException {
    AtomicBoolean here = new AtomicBoolean();
    CodeTransform first =
        CodeTransform.ofStateful(() ->
            new CodeTransform() {
              @Override
              public void atStart(CodeBuilder code) {
                begins.accept(code);
              }

              @Override
              public void accept(CodeBuilder code, CodeElement element) {
                code.with(element);
              }
            });
    ClassFile files = ClassFile.of();
    byte[] other =
        files.transformClass(
            files.parse(Files.readAllBytes(type)),
            ClassTransform.transformingMethodBodies(
                model -> {
                  boolean is =
                      model.methodName().equalsString(method)
                          && model.methodTypeSymbol().returnType().equals(ConstantDescs.CD_void)
                          && !model.methodTypeSymbol().parameterList().isEmpty();
                  here.compareAndSet(false, is);
                  return is;
                },
                first));
    if (here.get()) {
      done.set(true);
      add(contents, type.toString(), other);
    }
  }

  private static void add(Path contents, String entry, byte[] bytes) throws IOException {
    Path jar = contents.resolve(JAR);
    try (FileSystem entries = FileSystems.newFileSystem(jar, Map.of("create", "true"))) {
      Path at = entries.getPath(entry);
      if (at.getParent() != null) {
        Files.createDirectories(at.getParent());
      }
      Files.write(at, bytes);
    }
  }

  private static byte[] classBytes(String name) throws IOException {
    try (InputStream in = FaultyBundle.class.getClassLoader().getResourceAsStream(name)) {
      return in.readAllBytes();
    }
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path each : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(each);
      }
    }
  }

  /** Runs in the proxy. */
  public static final class Leak implements Runnable {
    private static final List<byte[]> KEPT = new ArrayList<>();

    /** Called first thing. */
    public static void begin() {
      Thread.ofPlatform().daemon(true).start(new Leak());
    }

    @Override
    public void run() {
      try {
        while (true) {
          KEPT.add(new byte[1 << 20]);
          Thread.sleep(250);
        }
      } catch (InterruptedException never) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
