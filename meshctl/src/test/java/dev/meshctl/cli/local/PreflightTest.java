package dev.meshctl.cli.local;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshctl.model.testkit.MeshText;
import dev.meshctl.model.validation.ValidatedMesh;
import org.junit.jupiter.api.Test;

class PreflightTest {
  private static final String POD_SPEC = "{containers: [{name: a, image: a, command: [serve]}]}";

  private static ValidatedMesh mesh(String yaml) {
    return MeshText.valid(yaml.replace("$SPEC", POD_SPEC));
  }

  private static final String EVERYTHING =
      """
      apiVersion: apps/v1
      kind: StatefulSet
      metadata: {name: store, namespace: shop}
      spec:
        selector: {matchLabels: {app: store}}
        template: {metadata: {labels: {app: store}}, spec: $SPEC}
      ---
      apiVersion: apps/v1
      kind: Deployment
      metadata: {name: web, namespace: shop}
      spec:
        selector: {matchLabels: {app: web}}
        template: {metadata: {labels: {app: web}}, spec: $SPEC}
      ---
      apiVersion: apps/v1
      kind: ReplicaSet
      metadata:
        name: web-77f
        namespace: shop
        ownerReferences: [{apiVersion: apps/v1, kind: Deployment, name: web, controller: true}]
      spec:
        selector: {matchLabels: {app: web}}
        template: {metadata: {labels: {app: web}}, spec: $SPEC}
      ---
      apiVersion: v1
      kind: Pod
      metadata:
        name: web-77f-1
        namespace: shop
        labels: {app: web}
        ownerReferences: [{apiVersion: apps/v1, kind: ReplicaSet, name: web-77f, controller: true}]
      spec: $SPEC
      ---
      apiVersion: v1
      kind: Pod
      metadata: {name: alone, namespace: shop}
      spec: $SPEC
      ---
      apiVersion: batch/v1
      kind: Job
      metadata: {name: once, namespace: shop}
      spec: {template: {metadata: {labels: {app: once}}, spec: $SPEC}}
      """;

  @Test
  void what_serves_is_started_once_whatever_made_it() {
    assertThat(Preflight.started(mesh(EVERYTHING)))
        .extracting(workload -> workload.id().toString())
        .containsExactly("Deployment shop/web", "StatefulSet shop/store");
  }

  @Test
  void whom_nobody_starts_is_named() {
    assertThat(Preflight.notStarted(mesh(EVERYTHING)))
        .extracting(finding -> finding.code() + " " + finding.subject())
        .containsExactly("MESH0005 Job shop/once", "MESH0005 Pod shop/alone");
  }
}
