package dev.meshctl.cluster;

import dev.meshctl.cluster.ApiCatalogue.ApiResource;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.GenericKubernetesResourceList;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.WatcherException;
import io.fabric8.kubernetes.client.dsl.FilterWatchListDeletable;
import io.fabric8.kubernetes.client.dsl.MixedOperation;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * Follows the objects of one kind: lists, watches, lists again where the watch has expired. Ends by
 * itself where the kind is gone or may not be read any more; waits for a server that is away.
 *
 * <p>Thread: any; the listener is called on one at a time.
 */
public final class KindWatch implements AutoCloseable {
  private final SharedIndexInformer<GenericKubernetesResource> informer;
  private volatile boolean synced;
  private volatile @Nullable End end;
  private volatile boolean failing;

  /**
   * What is watched.
   *
   * @param namespace empty for all
   * @param field of the objects, {@code metadata.name} or another that the API selects by; empty
   *     for all objects
   */
  public record Selection(
      ApiResource resource, Optional<String> namespace, String field, String fieldValue) {}

  /** Why nobody watches any more. */
  public enum End {
    FORBIDDEN,
    GONE
  }

  /** Takes what is there and what becomes of it. */
  public interface Listener {
    /** Made, or changed. */
    void present(ClusterObject object);

    void absent(ClusterObject object);

    /** All that is there has been told; once, and again after each gap. */
    void complete();
  }

  private KindWatch(SharedIndexInformer<GenericKubernetesResource> informer) {
    this.informer = informer;
  }

  static KindWatch start(KubernetesClient client, Selection selection, Listener listener) {
    ApiResource resource = selection.resource();
    MixedOperation<
            GenericKubernetesResource,
            GenericKubernetesResourceList,
            Resource<GenericKubernetesResource>>
        all =
            client.genericKubernetesResources(
                new ResourceDefinitionContext.Builder()
                    .withGroup(resource.kind().group().isEmpty() ? null : resource.kind().group())
                    .withVersion(resource.kind().version())
                    .withKind(resource.kind().kind())
                    .withPlural(resource.plural())
                    .withNamespaced(resource.namespaced())
                    .build());
    FilterWatchListDeletable<
            GenericKubernetesResource,
            GenericKubernetesResourceList,
            Resource<GenericKubernetesResource>>
        selected =
            selection
                .namespace()
                .<FilterWatchListDeletable<
                        GenericKubernetesResource,
                        GenericKubernetesResourceList,
                        Resource<GenericKubernetesResource>>>
                    map(all::inNamespace)
                .orElseGet(() -> resource.namespaced() ? all.inAnyNamespace() : all);
    if (!selection.field().isEmpty()) {
      selected = selected.withField(selection.field(), selection.fieldValue());
    }
    SharedIndexInformer<GenericKubernetesResource> informer = selected.runnableInformer(0);
    KindWatch watch = new KindWatch(informer);
    informer
        .itemStore(new NamesOnly())
        .addEventHandler(watch.handler(resource.kind(), listener, object -> tree(client, object)))
        .exceptionHandler((started, failure) -> watch.goesOnAfter(failure));
    informer.start();
    return watch;
  }

  /** Everything that was there has been told. */
  public boolean synced() {
    return synced;
  }

  /** Empty while it goes on. */
  public Optional<End> end() {
    return Optional.ofNullable(end);
  }

  /** The last attempt got no answer; what is known is as it was. */
  public boolean failing() {
    return failing;
  }

  private boolean goesOnAfter(Throwable failure) {
    failing = true;
    int code = code(failure);
    if (code == 403) {
      end = End.FORBIDDEN;
    } else if (code == 404) {
      end = End.GONE;
    }
    return end == null;
  }

  private static int code(Throwable failure) {
    for (Throwable at = failure; at != null; at = at.getCause()) {
      if (at instanceof KubernetesClientException said && said.getCode() != 0) {
        return said.getCode();
      }
      if (at instanceof WatcherException watcher && watcher.isHttpGone()) {
        return 410;
      }
    }
    return 0;
  }

  private interface TreeOf {
    ObjectNode of(GenericKubernetesResource object);
  }

  private static ObjectNode tree(KubernetesClient client, GenericKubernetesResource object) {
    ObjectNode tree = client.getKubernetesSerialization().convertValue(object, ObjectNode.class);
    if (tree.path("metadata") instanceof ObjectNode metadata) {
      // Longer than the rest, and of no use to anybody here.
      metadata.remove("managedFields");
    }
    return tree;
  }

  private ResourceEventHandler<GenericKubernetesResource> handler(
      ObjectKind kind, Listener listener, TreeOf trees) {
    Consumer<GenericKubernetesResource> present =
        object -> {
          failing = false;
          listener.present(object(kind, trees.of(object)));
        };
    return new ResourceEventHandler<>() {
      @Override
      public void onAdd(GenericKubernetesResource object) {
        present.accept(object);
      }

      @Override
      public void onUpdate(GenericKubernetesResource before, GenericKubernetesResource after) {
        present.accept(after);
      }

      @Override
      public void onDelete(GenericKubernetesResource object, boolean lastStateUnknown) {
        listener.absent(object(kind, trees.of(object)));
      }

      @Override
      public void onList(String resourceVersion, boolean remainedEmpty) {
        failing = false;
        synced = true;
        listener.complete();
      }
    };
  }

  /** Items of a list do not say what they are. */
  private static ClusterObject object(ObjectKind kind, ObjectNode tree) {
    tree.put("apiVersion", kind.apiVersion()).put("kind", kind.kind());
    return new ClusterObject(tree);
  }

  @Override
  public void close() {
    informer.stop();
  }
}
