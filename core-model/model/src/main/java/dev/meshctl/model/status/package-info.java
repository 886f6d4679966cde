/**
 * What the Gateway API wants said about its objects: conditions with reasons, routes counted.
 *
 * <p>In: {@link dev.meshctl.model.validation.ValidatedMesh}. Out: a status an object, and the
 * document that goes into the object. May import {@code resource}, {@code source}, {@code
 * validation}, {@code traffic}; imported by whoever shows or writes them. Threads: pure.
 */
@NullMarked
package dev.meshctl.model.status;

import org.jspecify.annotations.NullMarked;
