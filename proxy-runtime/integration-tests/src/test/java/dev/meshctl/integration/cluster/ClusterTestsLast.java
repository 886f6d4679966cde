package dev.meshctl.integration.cluster;

import java.util.Comparator;
import java.util.stream.Stream;
import org.junit.jupiter.api.ClassOrderer;
import org.junit.jupiter.api.ClassOrdererContext;

/**
 * Classes that need the cluster come after all others: on a fresh machine Kubernetes is still being
 * built while those run.
 */
public final class ClusterTestsLast implements ClassOrderer {
  @Override
  public void orderClasses(ClassOrdererContext context) {
    context
        .getClassDescriptors()
        .sort(
            Comparator.comparing(type ->
                Stream.of(type.getTestClass().getDeclaredFields())
                    .anyMatch(field -> field.getType() == ClusterFixture.class)));
  }
}
