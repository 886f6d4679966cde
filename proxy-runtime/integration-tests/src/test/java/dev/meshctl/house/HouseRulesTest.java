package dev.meshctl.house;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.core.importer.Location;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.net.InetAddress;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;

/** Who may import whom, executed. */
@AnalyzeClasses(
    packages = "dev.meshctl",
    importOptions = {ImportOption.DoNotIncludeTests.class, HouseRulesTest.NoTestJars.class})
class HouseRulesTest {

  /** The shared testkit comes as a jar once the build has packaged it. */
  static final class NoTestJars implements ImportOption {
    @Override
    public boolean includes(Location location) {
      return !location.contains("-tests.jar");
    }
  }

  @ArchTest
  static final ArchRule every_package_belongs_to_a_room =
      classes()
          .should(
              new ArchCondition<>("belong to a room") {
                @Override
                public void check(JavaClass type, ConditionEvents events) {
                  if (Room.of(type.getPackageName()).isEmpty()) {
                    events.add(
                        SimpleConditionEvent.violated(
                            type, type.getPackageName() + " belongs to no room: name it in Room"));
                  }
                }
              })
          .because("a package that no rule names is one that no rule guards");

  @ArchTest
  static final ArchRule rooms_import_only_the_rooms_they_may =
      classes()
          .should(
              new ArchCondition<>("import only the rooms they may") {
                @Override
                public void check(JavaClass type, ConditionEvents events) {
                  Optional<Room> from = Room.of(type.getPackageName());
                  type.getDirectDependenciesFromSelf().stream()
                      .filter(d -> d.getTargetClass().getPackageName().startsWith("dev.meshctl"))
                      .forEach(d -> {
                        Optional<Room> to = Room.of(d.getTargetClass().getPackageName());
                        if (from.isPresent() && to.isPresent() && !from.get().mayImport(to.get())) {
                          events.add(
                              SimpleConditionEvent.violated(
                                  type,
                                  from.get()
                                      + " may not import "
                                      + to.get()
                                      + " because "
                                      + from.get().because()
                                      + ": "
                                      + d.getDescription()));
                        }
                      });
                }
              })
          .because("the seams between rooms are what lets each of them change alone");

  @ArchTest
  static final ArchRule protobuf_messages_stay_in_wire_and_at_grpc_services =
      noClasses()
          .that()
          .resideInAnyPackage(
              "dev.meshctl.model.resource..",
              "dev.meshctl.model.source..",
              "dev.meshctl.model.validation..",
              "dev.meshctl.model.traffic..",
              "dev.meshctl.model.xds..",
              "dev.meshctl.model.match..",
              "dev.meshctl.model.explain..",
              "dev.meshctl.model.compare..",
              "dev.meshctl.model.patch..",
              "dev.meshctl.model.telemetry..",
              "dev.meshctl.model.topology..",
              "dev.meshctl.model.query..",
              "dev.meshctl.dataplane..",
              "dev.meshctl.net..",
              "dev.meshctl.capture..",
              "dev.meshctl.cli..",
              "dev.meshctl.console..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("com.google.protobuf..", "io.envoyproxy..", "io.grpc..")
          .because("a change of the wire must not reach past the room that reads it");

  @ArchTest
  static final ArchRule the_model_is_free_of_the_network =
      noClasses()
          .that()
          .resideInAPackage("dev.meshctl.model..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("io.netty..", "javafx..", "picocli..", "io.fabric8..")
          .because("the core is shared by the proxy, the CLI and the console");

  @ArchTest
  static final ArchRule only_the_cluster_room_knows_the_kubernetes_client =
      noClasses()
          .that()
          .resideOutsideOfPackage("dev.meshctl.cluster..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("io.fabric8..", "io.kubernetes..")
          .because("a client library is a detail, and loading it costs a CLI's start");

  @ArchTest
  static final ArchRule only_the_cli_knows_picocli_and_jline =
      noClasses()
          .that()
          .resideOutsideOfPackage("dev.meshctl.cli..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("picocli..", "org.jline..")
          .because("terminals are one face of several");

  @ArchTest
  static final ArchRule only_the_console_knows_javafx_and_graphstream =
      noClasses()
          .that()
          .resideOutsideOfPackage("dev.meshctl.console..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("javafx..", "org.graphstream..", "atlantafx..")
          .because("windows are one face of several");

  @ArchTest
  static final ArchRule clocks_and_dice_are_injected =
      noClasses()
          .that()
          .resideInAnyPackage(
              "dev.meshctl.model..", "dev.meshctl.dataplane..", "dev.meshctl.controlplane..")
          .and()
          .resideOutsideOfPackage("dev.meshctl.model.query..")
          .should()
          .callMethod(System.class, "currentTimeMillis")
          .orShould()
          .callMethod(java.time.Instant.class, "now")
          .orShould()
          .callMethod(java.util.concurrent.ThreadLocalRandom.class, "current")
          .orShould()
          .callMethod(Math.class, "random")
          .orShould()
          .callConstructor(java.util.Random.class)
          .because("a test that owns time and chance cannot be flaky");

  /** It calls what keeps a virtual thread's carrier, of which there are as many as cores. */
  private static final DescribedPredicate<JavaClass> READS_PIPES_OR_ASKS_THE_RESOLVER =
      new DescribedPredicate<>("reads pipes or asks the system's resolver") {
        private static final Set<String> OF_A_PROCESS =
            Set.of("getInputStream", "getErrorStream", "inputReader", "errorReader");

        @Override
        public boolean test(JavaClass type) {
          return type.getMethodCallsFromSelf().stream()
              .anyMatch(call ->
                  call.getTargetOwner().isAssignableTo(Process.class)
                          && OF_A_PROCESS.contains(call.getName())
                      || call.getTargetOwner().isEquivalentTo(InetAddress.class)
                          && call.getName().equals("getAllByName"));
        }
      };

  @ArchTest
  static final ArchRule what_keeps_a_carrier_is_not_for_virtual_threads =
      noClasses()
          .that(READS_PIPES_OR_ASKS_THE_RESOLVER)
          .should()
          .callMethod(Thread.class, "ofVirtual")
          .orShould()
          .callMethod(Thread.class, "startVirtualThread", Runnable.class)
          .orShould()
          .callMethod(Executors.class, "newVirtualThreadPerTaskExecutor")
          .because("each that waits so takes a core from all virtual threads of its process");

  @ArchTest
  static final ArchRule nothing_prints_but_the_faces =
      noClasses()
          .that()
          .resideOutsideOfPackages(
              "dev.meshctl.cli..", "dev.meshctl.app..", "dev.meshctl.samples..")
          .should()
          .accessField(System.class, "out")
          .orShould()
          .accessField(System.class, "err")
          .because("a library that prints cannot be piped");

  @Test
  void the_rules_name_only_rooms_that_exist() {
    assertThat(Room.unknownNames()).isEmpty();
  }

  @ArchTest
  static void every_package_has_a_sign(JavaClasses all) {
    var missing =
        all.stream()
            .map(JavaClass::getPackage)
            .distinct()
            .filter(p -> !p.getName().startsWith("dev.meshctl.model.wire."))
            .filter(p ->
                p.getClasses().stream().anyMatch(c -> !c.getSimpleName().equals("package-info")))
            .filter(p -> p.tryGetPackageInfo().isEmpty())
            .map(p -> p.getName())
            .sorted()
            .toList();
    assertThat(missing).as("packages without package-info").isEmpty();
  }
}
