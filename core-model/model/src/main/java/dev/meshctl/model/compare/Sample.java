package dev.meshctl.model.compare;

import dev.meshctl.model.match.RequestView;
import dev.meshctl.model.match.TextRequest;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * One request of a piece of the space.
 *
 * @param path with query
 */
record Sample(
    String method, String scheme, String authority, String path, Map<String, String> headers) {
  Sample {
    headers = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(headers));
  }

  RequestView view() {
    TextRequest request = TextRequest.of(method, scheme, authority, path);
    for (Map.Entry<String, String> header : headers.entrySet()) {
      request = request.with(header.getKey(), header.getValue());
    }
    return request;
  }
}
