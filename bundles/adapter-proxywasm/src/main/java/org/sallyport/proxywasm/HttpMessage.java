package org.sallyport.proxywasm;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A request or a response as filters see it. Names of headers are in lower case; the first are {@code :method}, {@code :path},
 * {@code :scheme} and {@code :authority}, or {@code :status}. Not thread-safe.
 */
public final class HttpMessage {
    /** @param name in lower case */
    public record Header(String name, String value) {}

    private final List<Header> headers;
    private byte[] body;

    public HttpMessage(List<Header> headers, byte[] body) {
        this.headers = new ArrayList<>(headers);
        this.body = body.clone();
    }

    public List<Header> headers() {
        return List.copyOf(headers);
    }

    public byte[] body() {
        return body.clone();
    }

    /** The values with commas between them, or null. */
    public @Nullable String header(String name) {
        List<String> values =
                headers.stream().filter(header -> header.name().equals(name)).map(Header::value).toList();
        return values.isEmpty() ? null : String.join(",", values);
    }

    void setHeaders(List<Header> changed) {
        headers.clear();
        headers.addAll(changed);
    }

    void add(String name, String value) {
        headers.add(new Header(name, value));
    }

    void remove(String name) {
        headers.removeIf(header -> header.name().equals(name));
    }

    /** In the place of the first of that name, or at the end. */
    void replace(String name, String value) {
        int at = 0;
        while (at < headers.size() && !headers.get(at).name().equals(name)) {
            at++;
        }
        remove(name);
        headers.add(Math.min(at, headers.size()), new Header(name, value));
    }

    int length() {
        return body.length;
    }

    byte[] bytes() {
        return body;
    }

    void setBody(byte[] changed) {
        body = changed;
    }
}
