package dev.meshctl.controlplane.intake;

import dev.meshctl.model.validation.ValidatedMesh;
import dev.meshctl.model.xds.MeshInventory;

/**
 * What is in force.
 *
 * @param generation counts from 1
 */
public record MeshConfiguration(long generation, ValidatedMesh mesh, MeshInventory inventory) {}
