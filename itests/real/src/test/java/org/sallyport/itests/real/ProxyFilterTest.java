package org.sallyport.itests.real;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.WriteListener;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.sallyport.BindException;
import org.sallyport.Engine;
import org.sallyport.host.EntryPolicy;
import org.sallyport.host.Plugin;
import org.sallyport.host.PluginManifest;
import org.sallyport.host.plain.PlainPluginHost;
import org.sallyport.proxywasm.HttpFilter;
import org.sallyport.proxywasm.HttpMessage;
import org.sallyport.proxywasm.HttpMessage.Header;
import org.sallyport.proxywasm.ProxyException;
import org.sallyport.proxywasm.ProxyServletFilter;
import org.sallyport.text.Wat;

/** A filter of HTTP by the Proxy-Wasm ABI, written by hand against its specification. */
@Timeout(120)
class ProxyFilterTest {
    /**
     * Notes a letter for each callback: C V F for the root context, c h b H B d l x for an exchange. Refuses requests with
     * the header {@code x-block}, waits for ever with {@code x-wait}; else changes headers and bodies.
     */
    private static final String FILTER = """
            (module
              (import "env" "proxy_get_header_map_value" (func $get (param i32 i32 i32 i32 i32) (result i32)))
              (import "env" "proxy_add_header_map_value" (func $add (param i32 i32 i32 i32 i32) (result i32)))
              (import "env" "proxy_replace_header_map_value" (func $replace (param i32 i32 i32 i32 i32) (result i32)))
              (import "env" "proxy_remove_header_map_value" (func $remove (param i32 i32 i32) (result i32)))
              (import "env" "proxy_get_buffer_bytes" (func $buffer (param i32 i32 i32 i32 i32) (result i32)))
              (import "env" "proxy_set_buffer_bytes" (func $put (param i32 i32 i32 i32 i32) (result i32)))
              (import "env" "proxy_send_local_response"
                (func $answer (param i32 i32 i32 i32 i32 i32 i32 i32) (result i32)))
              (import "env" "proxy_log" (func $log (param i32 i32 i32) (result i32)))
              (memory (export "memory") 1)
              (data (i32.const 0) "x-block")
              (data (i32.const 16) "x-wait")
              (data (i32.const 32) "x-filter")
              (data (i32.const 48) "server")
              (data (i32.const 64) "x-calls")
              (data (i32.const 80) "sallyport")
              (data (i32.const 96) "secret")
              (data (i32.const 112) "no")
              (data (i32.const 128) "hi!")
              (data (i32.const 144) "> ")
              (global $top (mut i32) (i32.const 4096))
              (global $length (mut i32) (i32.const 0))
              (func $note (param i32)
                (i32.store8 (i32.add (i32.const 1024) (global.get $length)) (local.get 0))
                (global.set $length (i32.add (global.get $length) (i32.const 1))))
              (func (export "proxy_abi_version_0_2_1"))
              (func (export "proxy_on_memory_allocate") (param i32) (result i32)
                (global.get $top)
                (global.set $top (i32.add (global.get $top) (local.get 0))))
              (func (export "proxy_on_context_create") (param i32 i32)
                (call $note (select (i32.const 99) (i32.const 67) (local.get 1))))
              (func (export "proxy_on_vm_start") (param i32 i32) (result i32) (call $note (i32.const 86)) (i32.const 1))
              (func (export "proxy_on_configure") (param i32 i32) (result i32)
                (call $note (i32.const 70))
                (drop (call $buffer (i32.const 7) (i32.const 0) (local.get 1) (i32.const 200) (i32.const 204)))
                (i32.ne (i32.load8_u (i32.load (i32.const 200))) (i32.const 33)))
              (func (export "proxy_on_request_headers") (param i32 i32 i32) (result i32)
                (call $note (i32.const 104))
                (if (i32.eqz (call $get (i32.const 0) (i32.const 0) (i32.const 7) (i32.const 200) (i32.const 204)))
                  (then
                    (drop (call $answer (i32.const 403) (i32.const 0) (i32.const 0) (i32.const 112) (i32.const 2)
                      (i32.const 0) (i32.const 0) (i32.const -1)))
                    (return (i32.const 1))))
                (drop (call $remove (i32.const 0) (i32.const 96) (i32.const 6)))
                (drop (call $add (i32.const 0) (i32.const 32) (i32.const 8)
                  (i32.load (i32.const 208)) (i32.load (i32.const 212))))
                (i32.eqz (call $get (i32.const 0) (i32.const 16) (i32.const 6) (i32.const 200) (i32.const 204))))
              (func (export "proxy_on_request_body") (param i32 i32 i32) (result i32)
                (call $note (i32.const 98))
                (drop (call $put (i32.const 0) (i32.const 0) (i32.const 0x7fffffff) (i32.const 128) (i32.const 3)))
                (i32.const 0))
              (func (export "proxy_on_response_headers") (param i32 i32 i32) (result i32)
                (call $note (i32.const 72))
                (drop (call $replace (i32.const 2) (i32.const 48) (i32.const 6) (i32.const 80) (i32.const 9)))
                (drop (call $add (i32.const 2) (i32.const 64) (i32.const 7) (i32.const 1024) (global.get $length)))
                (i32.const 0))
              (func (export "proxy_on_response_body") (param i32 i32 i32) (result i32)
                (call $note (i32.const 66))
                (drop (call $put (i32.const 1) (i32.const 0) (i32.const 0) (i32.const 144) (i32.const 2)))
                (i32.const 0))
              (func (export "proxy_on_done") (param i32) (result i32) (call $note (i32.const 100)) (i32.const 1))
              (func (export "proxy_on_log") (param i32) (call $note (i32.const 108))
                (drop (call $log (i32.const 0) (i32.const 1024) (global.get $length))))
              (func (export "proxy_on_delete") (param i32) (call $note (i32.const 120))))
            """;

    private final Engine engine = Engine.create();
    private final PlainPluginHost host = PlainPluginHost.builder(engine).build();

    @AfterEach
    void close() {
        host.close();
        engine.close();
    }

    private Plugin plugin(EntryPolicy policy, String configuration) {
        host.grant(Map.of(
                "plugin", "guard", "allow", "(sallyport.module=env)", "attribute.proxywasm.configuration", configuration));
        return host.install(PluginManifest.of("guard").withPolicy(policy), Wat.compile(FILTER), "test:guard");
    }

    private HttpFilter filter() {
        return plugin(EntryPolicy.SERIALIZED, "on").as(HttpFilter.class);
    }

    private static HttpMessage message(String body, String... headers) {
        List<Header> all = new ArrayList<>();
        for (int i = 0; i < headers.length; i += 2) {
            all.add(new Header(headers[i], headers[i + 1]));
        }
        return new HttpMessage(all, body.getBytes(StandardCharsets.UTF_8));
    }

    private static String body(HttpMessage message) {
        return new String(message.body(), StandardCharsets.UTF_8);
    }

    @Test
    void callbacksComeInTheSpecificationsOrder() {
        HttpFilter filter = filter();
        HttpMessage answer = message("world", ":status", "200", "server", "jetty", "server", "other");
        try (HttpFilter.Exchange exchange = filter.begin()) {
            HttpMessage request = message("body", ":method", "POST", "secret", "x", "accept", "*/*");

            assertThat(exchange.request(request)).isEmpty();
            assertThat(request.headers()).extracting(Header::name).containsExactly(":method", "accept", "x-filter");
            assertThat(body(request)).isEqualTo("hi!");
            assertThat(exchange.response(answer)).isEmpty();
        }
        assertThat(answer.headers()).containsExactly(
                new Header(":status", "200"), new Header("server", "sallyport"), new Header("x-calls", "CVFchbH"));
        assertThat(body(answer)).isEqualTo("> world");

        HttpMessage second = message("", ":status", "204");
        try (HttpFilter.Exchange exchange = filter.begin()) {
            exchange.request(message("", ":method", "GET"));
            exchange.response(second);
        }
        assertThat(second.header("x-calls")).as("no body, no callback for it").isEqualTo("CVFchbHBdlxchH");
    }

    @Test
    void aFilterAnswersItself() {
        try (HttpFilter.Exchange exchange = filter().begin()) {
            Optional<HttpMessage> local = exchange.request(message("body", ":method", "POST", "x-block", "1"));

            assertThat(local).isPresent();
            assertThat(local.orElseThrow().header(":status")).isEqualTo("403");
            assertThat(body(local.orElseThrow())).isEqualTo("no");
        }
    }

    @Test
    void aFilterThatWaitsForWhatNeverComesIsNoWayThrough() {
        try (HttpFilter.Exchange exchange = filter().begin()) {
            assertThatThrownBy(() -> exchange.request(message("", ":method", "GET", "x-wait", "1")))
                    .isInstanceOf(ProxyException.class);
        }
    }

    @Test
    void itNeedsOneInstanceThatAcceptsItsConfiguration() {
        Plugin pooled = plugin(EntryPolicy.POOLED, "!");

        assertThatThrownBy(() -> pooled.as(HttpFilter.class)).isInstanceOf(BindException.class)
                .hasMessageContaining("policy=serialized");
        host.uninstall(pooled);
        HttpFilter refused = host.install(
                        PluginManifest.of("guard").withPolicy(EntryPolicy.SERIALIZED), Wat.compile(FILTER), "test:guard")
                .as(HttpFilter.class);
        assertThatThrownBy(refused::begin).isInstanceOf(ProxyException.class).hasMessageContaining("configuration");
    }

    // ---- servlets

    private final Map<String, String> sent = new TreeMap<>();
    private final ByteArrayOutputStream sentBody = new ByteArrayOutputStream();

    private static <T> T fake(Class<T> type, InvocationHandler handler) {
        return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, handler));
    }

    private static HttpServletRequest request(Map<String, String> headers, String body) {
        ByteArrayInputStream bytes = new ByteArrayInputStream(body.getBytes(StandardCharsets.UTF_8));
        return fake(HttpServletRequest.class, (_, method, args) -> switch (method.getName()) {
            case "getMethod" -> "POST";
            case "getRequestURI" -> "/shop";
            case "getScheme" -> "http";
            case "getHeader" -> headers.get((String) args[0]);
            case "getHeaderNames" -> Collections.enumeration(headers.keySet());
            case "getHeaders" -> Collections.enumeration(List.of(headers.get((String) args[0])));
            case "getInputStream" -> new ServletInputStream() {
                @Override
                public boolean isFinished() {
                    return bytes.available() == 0;
                }

                @Override
                public boolean isReady() {
                    return true;
                }

                @Override
                public void setReadListener(ReadListener listener) {}

                @Override
                public int read() {
                    return bytes.read();
                }
            };
            default -> null;
        });
    }

    private HttpServletResponse response() {
        return fake(HttpServletResponse.class, (_, method, args) -> switch (method.getName()) {
            case "setStatus", "sendError" -> sent.put(":status", String.valueOf(args[0]));
            case "addHeader" -> sent.put((String) args[0], (String) args[1]);
            case "getOutputStream" -> new ServletOutputStream() {
                @Override
                public boolean isReady() {
                    return true;
                }

                @Override
                public void setWriteListener(WriteListener listener) {}

                @Override
                public void write(int b) {
                    sentBody.write(b);
                }
            };
            default -> null;
        });
    }

    private static final FilterChain ECHO = (request, response) -> {
        HttpServletRequest asked = (HttpServletRequest) request;
        HttpServletResponse answer = (HttpServletResponse) response;
        answer.setStatus(201);
        answer.setHeader("Server", "jetty");
        answer.getWriter().print(asked.getHeader("secret") + asked.getReader().readLine());
    };

    @Test
    void standsInFrontOfServlets() throws Exception {
        ProxyServletFilter filter = new ProxyServletFilter(filter(), 1_000);

        filter.doFilter(request(Map.of("Secret", "x"), "body"), response(), ECHO);

        assertThat(sent).containsEntry(":status", "201").containsEntry("server", "sallyport")
                .containsEntry("x-calls", "CVFchbH");
        assertThat(sentBody.toString(StandardCharsets.UTF_8)).isEqualTo("> nullhi!");
    }

    @Test
    void whatTheFilterRefusesNoServletSees() throws Exception {
        ProxyServletFilter filter = new ProxyServletFilter(filter(), 1_000);

        filter.doFilter(request(Map.of("X-Block", "1"), "body"), response(), (_, _) -> {
            throw new AssertionError("the servlet was called");
        });
        assertThat(sent).containsEntry(":status", "403");
        assertThat(sentBody.toString(StandardCharsets.UTF_8)).isEqualTo("no");
    }

    @Test
    void bodiesHaveALimit() throws Exception {
        ProxyServletFilter filter = new ProxyServletFilter(filter(), 3);

        filter.doFilter(request(Map.of(), "body"), response(), ECHO);
        assertThat(sent).containsEntry(":status", "413");
        filter.doFilter(request(Map.of(), "b"), response(), ECHO);
        assertThat(sent).containsEntry(":status", "502");
    }
}
