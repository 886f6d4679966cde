package dev.meshctl.model.xds.route;

import java.util.List;

/**
 * Applied as remove, then set (overwrite), then add (append), then the conditional ones. Names in
 * lower case.
 *
 * @param addIfAbsent left out where the header is there
 * @param setIfPresent left out where it is not
 */
public record HeaderChanges(
    List<Header> set,
    List<Header> add,
    List<Header> addIfAbsent,
    List<Header> setIfPresent,
    List<String> remove) {
  public static final HeaderChanges NONE = new HeaderChanges(List.of(), List.of(), List.of());

  public HeaderChanges {
    set = List.copyOf(set);
    add = List.copyOf(add);
    addIfAbsent = List.copyOf(addIfAbsent);
    setIfPresent = List.copyOf(setIfPresent);
    remove = List.copyOf(remove);
  }

  public HeaderChanges(List<Header> set, List<Header> add, List<String> remove) {
    this(set, add, List.of(), List.of(), remove);
  }
}
