package org.sallyport.proxywasm;

import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.sallyport.proxywasm.HttpMessage.Header;

/**
 * An {@link HttpFilter} in front of servlets: the filter sees the request whole before a servlet does, and the response whole
 * before the client does. A body that is larger than the limit is refused: 413 for a request, 502 for a response. What a
 * filter throws goes to the container: nothing passes by a filter that does not work. Thread-safe; for synchronous requests.
 */
public final class ProxyServletFilter implements Filter {
    private static final int TOO_LARGE = 413;

    private final HttpFilter filter;
    private final int mostBytes;

    /** @param mostBytes of a body that the filter sees */
    public ProxyServletFilter(HttpFilter filter, int mostBytes) {
        this.filter = filter;
        this.mostBytes = mostBytes;
    }

    @Override
    public void doFilter(ServletRequest from, ServletResponse to, FilterChain chain) throws IOException, ServletException {
        if (!(from instanceof HttpServletRequest request) || !(to instanceof HttpServletResponse response)) {
            throw new ServletException("a filter of HTTP, and this is " + from.getProtocol());
        }
        byte[] body = request.getInputStream().readNBytes(mostBytes + 1);
        if (body.length > mostBytes) {
            response.sendError(TOO_LARGE);
            return;
        }
        try (HttpFilter.Exchange exchange = filter.begin()) {
            HttpMessage asked = new HttpMessage(headers(request), body);
            Optional<HttpMessage> local = exchange.request(asked);
            if (local.isPresent()) {
                write(local.get(), response);
                return;
            }
            HeldResponse held = new HeldResponse(response, mostBytes);
            chain.doFilter(new ChangedRequest(request, asked), held);
            if (held.isTooLarge()) {
                response.sendError(HttpServletResponse.SC_BAD_GATEWAY);
                return;
            }
            HttpMessage answer = held.message();
            write(exchange.response(answer).orElse(answer), response);
        }
    }

    private static List<Header> headers(HttpServletRequest request) {
        String query = request.getQueryString();
        List<Header> headers = new ArrayList<>(List.of(
                new Header(":method", request.getMethod()),
                new Header(":path", request.getRequestURI() + (query == null ? "" : "?" + query)),
                new Header(":scheme", request.getScheme()),
                new Header(":authority", String.valueOf(request.getHeader("Host")))));
        for (String name : Collections.list(request.getHeaderNames())) {
            for (String value : Collections.list(request.getHeaders(name))) {
                headers.add(new Header(name.toLowerCase(Locale.ROOT), value));
            }
        }
        return headers;
    }

    /** The length is the container's to say. A name or value with a line end would be a header of its own to some. */
    private static void write(HttpMessage message, HttpServletResponse response) throws IOException {
        response.setStatus(Integer.parseInt(String.valueOf(message.header(":status"))));
        for (Header header : message.headers()) {
            if ((header.name() + header.value()).chars().anyMatch(c -> c == '\r' || c == '\n' || c == 0)) {
                throw new ProxyException("the filter sets a header with a line end or a NUL character in it");
            }
            if (!header.name().startsWith(":") && !header.name().equals("content-length")) {
                response.addHeader(header.name(), header.value());
            }
        }
        response.setContentLength(message.length());
        response.getOutputStream().write(message.bytes());
    }
}
