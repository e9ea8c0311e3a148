package org.sallyport.proxywasm;

import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.Enumeration;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.sallyport.proxywasm.HttpMessage.Header;

/** A request with headers and body as a filter left them. Its method and its path stay the container's. */
final class ChangedRequest extends HttpServletRequestWrapper {
    private final HttpMessage message;
    private final ByteArrayInputStream body;

    ChangedRequest(HttpServletRequest request, HttpMessage message) {
        super(request);
        this.message = message;
        body = new ByteArrayInputStream(message.body());
    }

    private List<String> values(String name) {
        String wanted = name.toLowerCase(Locale.ROOT);
        return message.headers().stream().filter(header -> header.name().equals(wanted)).map(Header::value).toList();
    }

    @Override
    public @Nullable String getHeader(String name) {
        List<String> values = values(name);
        return values.isEmpty() ? null : values.getFirst();
    }

    @Override
    public Enumeration<String> getHeaders(String name) {
        return Collections.enumeration(values(name));
    }

    @Override
    public Enumeration<String> getHeaderNames() {
        return Collections.enumeration(message.headers().stream()
                .map(Header::name)
                .filter(name -> !name.startsWith(":"))
                .distinct()
                .toList());
    }

    @Override
    public int getIntHeader(String name) {
        String value = getHeader(name);
        return value == null ? -1 : Integer.parseInt(value);
    }

    @Override
    public int getContentLength() {
        return message.length();
    }

    @Override
    public long getContentLengthLong() {
        return message.length();
    }

    @Override
    public @Nullable String getContentType() {
        return getHeader("content-type");
    }

    @Override
    public BufferedReader getReader() {
        String encoding = getCharacterEncoding();
        return new BufferedReader(
                new InputStreamReader(body, encoding == null ? StandardCharsets.ISO_8859_1 : Charset.forName(encoding)));
    }

    @Override
    public ServletInputStream getInputStream() {
        return new ServletInputStream() {
            @Override
            public boolean isFinished() {
                return body.available() == 0;
            }

            @Override
            public boolean isReady() {
                return true;
            }

            @Override
            public void setReadListener(ReadListener listener) {
                throw new IllegalStateException("the request is synchronous");
            }

            @Override
            public int read() throws IOException {
                return body.read();
            }
        };
    }
}
