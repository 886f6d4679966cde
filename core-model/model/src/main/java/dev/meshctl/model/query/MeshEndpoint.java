package dev.meshctl.model.query;

/**
 * Where a control plane's query API is and how to be let in; a file of this shape is what {@code
 * local up} leaves for other terminals (readable by its owner only).
 *
 * @param url {@code https://127.77.0.1:15014}
 * @param trustBundleFile PEM that verifies the server
 * @param tokenFile bearer token, read again at each call because it is renewed
 */
public record MeshEndpoint(String url, String trustBundleFile, String tokenFile) {}
