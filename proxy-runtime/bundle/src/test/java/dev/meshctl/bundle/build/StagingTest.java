package dev.meshctl.bundle.build;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.OutputStream;
import java.lang.classfile.ClassFile;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Jars of classes that name each other in each of the ways in which a class can. */
class StagingTest {
  @TempDir Path folder;
  private Path lib;
  private Path natives;

  @BeforeEach
  void folders() throws IOException {
    lib = Files.createDirectory(folder.resolve("lib"));
    natives = Files.createDirectory(folder.resolve("native"));
  }

  @Test
  void a_process_of_a_proxy_needs_no_more_than_half_of_what_limits_are_warned_of() {
    // InjectionAnnotations.TWO_RUNTIMES_BYTES, which cannot be seen from here: MESH0191.
    assertThat(RuntimeProgram.PROXY.memoryBytes()).isEqualTo((320L << 20) / 2);
  }

  private Staging stage() throws IOException {
    Path to = folder.resolve("out" + System.nanoTime());
    return Staging.of(
        new Staging.Distribution(lib, natives, List.of("-XX:+UseSerialGC")),
        to,
        "amd64",
        line -> {});
  }

  @Test
  void a_jar_is_needed_where_a_class_of_it_is_called_declared_looked_up_or_provided()
      throws IOException {
    jar("meshctl-runtime-app-1.jar", type("app/Main", code -> code.accept("call")));
    jar("called.jar", type("called/A", code -> {}));
    jar("declared.jar", type("declared/B", code -> {}));
    jar("named.jar", type("named/C", code -> {}));
    jar(
        "spi.jar",
        type("spi/D", code -> {}),
        new Entry("META-INF/services/spi.D", "provided.E # here\n".getBytes()));
    jar("provided.jar", type("provided/E", code -> {}));
    jar("unused.jar", type("unused/F", code -> {}));

    Staging staging = stage();

    assertThat(names(staging.folder().resolve("lib")))
        .containsExactly(
            "called.jar",
            "declared.jar",
            "meshctl-runtime-app-1.jar",
            "named.jar",
            "provided.jar",
            "spi.jar");
  }

  @Test
  void of_generated_messages_only_those_that_are_reached_are_taken() throws IOException {
    jar("meshctl-runtime-app-1.jar", type("app/Main", code -> code.accept("call")));
    jar(
        "api-1.jar",
        type("called/A", code -> {}),
        type("called/Unused", code -> {}),
        new Entry("envoy/a.proto", new byte[] {1}),
        new Entry("META-INF/LICENSE", new byte[] {1}));

    Path once = stage().folder().resolve("lib/api-1.jar");

    try (JarFile jar = new JarFile(once.toFile())) {
      assertThat(jar.stream().map(ZipEntry::getName))
          .containsExactly("META-INF/LICENSE", "called/A.class");
    }
    assertThat(stage().folder().resolve("lib/api-1.jar")).hasSameBinaryContentAs(once);
  }

  @Test
  void libraries_of_another_processor_stay_behind() throws IOException {
    jar("meshctl-runtime-app-1.jar", type("app/Main", code -> {}));
    for (String each : List.of("libx_linux_x86_64.so", "libx_linux_aarch_64.so", "liby.so")) {
      Files.writeString(natives.resolve(each), "x");
    }

    assertThat(names(stage().folder().resolve("native")))
        .containsExactly("libx_linux_x86_64.so", "liby.so");
  }

  @Test
  void a_folder_without_a_runtime_is_named() {
    assertThatThrownBy(this::stage).hasMessageContaining("no meshctl-runtime-app-*.jar in " + lib);
  }

  private record Entry(String name, byte[] bytes) {}

  /** A class; told "call" it names the others, each in another way. */
  private static Entry type(String name, Consumer<Consumer<String>> references) {
    List<String> asked = new ArrayList<>();
    references.accept(asked::add);
    byte[] bytes =
        ClassFile.of()
            .build(
                ClassDesc.ofInternalName(name),
                type -> {
                  if (!asked.isEmpty()) {
                    ClassDesc called = ClassDesc.ofInternalName("called/A");
                    ClassDesc declared = ClassDesc.ofInternalName("declared/B");
                    type.withField("field", declared.arrayType(), ClassFile.ACC_STATIC);
                    type.withMethodBody(
                        "run",
                        MethodTypeDesc.of(ConstantDescs.CD_void),
                        ClassFile.ACC_STATIC,
                        code ->
                            code.new_(called)
                                .pop()
                                .ldc("named.C")
                                .invokestatic(
                                    ConstantDescs.CD_Class,
                                    "forName",
                                    MethodTypeDesc.of(
                                        ConstantDescs.CD_Class, ConstantDescs.CD_String))
                                .pop()
                                .ldc(ClassDesc.ofInternalName("spi/D"))
                                .pop()
                                .return_());
                  }
                });
    return new Entry(name + ".class", bytes);
  }

  private void jar(String name, Entry... entries) throws IOException {
    try (OutputStream file = Files.newOutputStream(lib.resolve(name));
        ZipOutputStream out = new ZipOutputStream(file)) {
      for (Entry entry : entries) {
        out.putNextEntry(new ZipEntry(entry.name));
        out.write(entry.bytes);
        out.closeEntry();
      }
    }
  }

  private static List<String> names(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }
}
