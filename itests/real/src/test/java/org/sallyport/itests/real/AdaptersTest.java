package org.sallyport.itests.real;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.sallyport.BindException;
import org.sallyport.Engine;
import org.sallyport.LimitExceededException;
import org.sallyport.dprint.FormatException;
import org.sallyport.dprint.Formatter;
import org.sallyport.extism.ExtismException;
import org.sallyport.extism.ExtismPlugin;
import org.sallyport.host.AccessDeniedException;
import org.sallyport.host.EntryPolicy;
import org.sallyport.host.Plugin;
import org.sallyport.host.PluginManifest;
import org.sallyport.host.PluginState;
import org.sallyport.host.plain.PlainPluginHost;
import org.sallyport.itests.inputs.RealInputs;
import org.sallyport.opa.Policy;
import org.sallyport.opa.PolicyException;
import org.sallyport.text.Wat;

/** Plugins with ABIs of their own as Java services, by published modules where there are such. */
@Timeout(240)
class AdaptersTest {
    /** Written against the kernel's ABI by hand. */
    private static final String EXTISM = """
            (module
              (import "extism:host/env" "alloc" (func $alloc (param i64) (result i64)))
              (import "extism:host/env" "store_u8" (func $store (param i64 i32)))
              (import "extism:host/env" "load_u8" (func $load (param i64) (result i32)))
              (import "extism:host/env" "input_length" (func $length (result i64)))
              (import "extism:host/env" "input_load_u8" (func $input (param i64) (result i32)))
              (import "extism:host/env" "input_offset" (func $offset (result i64)))
              (import "extism:host/env" "output_set" (func $output (param i64 i64)))
              (import "extism:host/env" "error_set" (func $error (param i64)))
              (import "extism:host/env" "length" (func $size (param i64) (result i64)))
              (import "extism:host/env" "config_get" (func $config (param i64) (result i64)))
              (import "extism:host/env" "var_get" (func $get (param i64) (result i64)))
              (import "extism:host/env" "var_set" (func $set (param i64 i64)))
              (import "extism:host/env" "http_request" (func $http (param i64 i64) (result i64)))
              (import "extism:host/env" "log_info" (func $log (param i64)))
              (func (export "shout") (result i32) (local $at i64) (local $i i64) (local $c i32)
                (local.set $at (call $alloc (call $length)))
                (block $done (loop $next
                  (br_if $done (i64.eq (local.get $i) (call $length)))
                  (local.set $c (call $input (local.get $i)))
                  (if (i32.and (i32.ge_u (local.get $c) (i32.const 97)) (i32.le_u (local.get $c) (i32.const 122)))
                    (then (local.set $c (i32.sub (local.get $c) (i32.const 32)))))
                  (call $store (i64.add (local.get $at) (local.get $i)) (local.get $c))
                  (local.set $i (i64.add (local.get $i) (i64.const 1)))
                  (br $next)))
                (call $output (local.get $at) (call $length))
                (call $log (local.get $at))
                (i32.const 0))
              (func (export "fail") (result i32) (call $error (call $offset)) (i32.const 3))
              (func (export "setting") (result i32) (local $at i64)
                (local.set $at (call $config (call $offset)))
                (call $output (local.get $at) (call $size (local.get $at)))
                (i32.const 0))
              (func (export "remember") (result i32) (local $old i64)
                (local.set $old (call $get (call $offset)))
                (call $set (call $offset) (call $offset))
                (call $output (local.get $old) (call $size (local.get $old)))
                (i32.const 0))
              (func (export "request") (result i32) (drop (call $http (call $offset) (i64.const 0))) (i32.const 0))
              (func (export "hoard") (result i32) (drop (call $alloc (i64.const 0x7fffffffff))) (i32.const 0))
              (func (export "stray") (result i32) (call $load (i64.const 0x100000000))))
            """;

    private static final String EXTISM_IN_C = """
            #define IMPORT(n) __attribute__((import_module("extism:host/env"), import_name(n)))
            typedef unsigned long long u64;
            IMPORT("input_length") extern u64 input_length(void);
            IMPORT("input_load_u8") extern int input_load_u8(u64);
            IMPORT("alloc") extern u64 alloc(u64);
            IMPORT("store_u8") extern void store_u8(u64, int);
            IMPORT("output_set") extern void output_set(u64, u64);
            __attribute__((export_name("count_vowels"))) int count_vowels(void) {
                u64 n = input_length(), at = alloc(1);
                int count = 0;
                for (u64 i = 0; i < n; i++) {
                    int c = input_load_u8(i) | 32;
                    count += c == 'a' || c == 'e' || c == 'i' || c == 'o' || c == 'u';
                }
                store_u8(at, '0' + count);
                output_set(at, 1);
                return 0;
            }
            """;

    private final Engine engine = Engine.create();
    private final PlainPluginHost host = PlainPluginHost.builder(engine).build();

    @TempDir
    private Path files;

    @AfterEach
    void close() {
        host.close();
        engine.close();
    }

    private ExtismPlugin extism(byte[] wasm, Map<String, String> more) {
        Map<String, String> terms = new HashMap<>(more);
        terms.put("plugin", "x");
        terms.put("allow", "(sallyport.module=extism:host/env)");
        host.grant(terms);
        return host.install(PluginManifest.of("x").withPolicy(EntryPolicy.SERIALIZED), wasm, "test:x").as(ExtismPlugin.class);
    }

    private ExtismPlugin extism() {
        return extism(Wat.compile(EXTISM), Map.of("attribute.extism.config.colour", "green"));
    }

    @Test
    void anExtismPlugInTurnsBytesIntoBytes() {
        ExtismPlugin plugin = extism();

        assertThat(plugin.call("shout", "grüße")).isEqualTo("GRüßE");
        assertThat(plugin.call("shout", "")).isEmpty();
        assertThat(plugin.call("setting", "colour")).isEqualTo("green");
        assertThat(plugin.call("setting", "size")).isEmpty();
        assertThat(plugin.has("shout")).isTrue();
        assertThat(plugin.has("whisper")).isFalse();
        assertThatThrownBy(() -> plugin.call("whisper", "")).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void variablesOfAnExtismPlugInLastFromCallToCall() {
        ExtismPlugin plugin = extism();

        assertThat(plugin.call("remember", "a")).isEmpty();
        assertThat(plugin.call("remember", "a")).isEqualTo("a");
        assertThat(plugin.call("remember", "b")).isEmpty();
    }

    @Test
    void anExtismPlugInFailsWithItsMessage() {
        ExtismPlugin plugin = extism();

        assertThatThrownBy(() -> plugin.call("fail", "no such colour"))
                .isInstanceOfSatisfying(ExtismException.class, e -> assertThat(e.code()).isEqualTo(3))
                .hasMessageContaining("no such colour");
        assertThat(plugin.call("shout", "on")).isEqualTo("ON");
    }

    @Test
    void anExtismPlugInHasNoMoreThanItIsGranted() {
        ExtismPlugin plugin = extism();

        assertThatThrownBy(() -> plugin.call("request", "{\"url\":\"http://127.0.0.1/\"}"))
                .isInstanceOf(AccessDeniedException.class);
        assertThatThrownBy(() -> plugin.call("hoard", "")).isInstanceOf(LimitExceededException.class)
                .hasMessageContaining("extism.memory");
        assertThatThrownBy(() -> plugin.call("stray", "")).hasCauseInstanceOf(IndexOutOfBoundsException.class);
        assertThat(plugin.call("shout", "still here")).isEqualTo("STILL HERE");
    }

    @Test
    void anExtismPlugInInC() throws Exception {
        ExtismPlugin plugin = extism(compiled(EXTISM_IN_C), Map.of());

        assertThat(plugin.call("count_vowels", "Hello, World!")).isEqualTo("3");
    }

    private byte[] compiled(String source) throws IOException, InterruptedException {
        Path c = Files.writeString(files.resolve("plugin.c"), source);
        Path wasm = files.resolve("plugin.wasm");
        for (String clang : List.of("clang", "clang-19", "clang-18", "clang-17")) {
            try {
                Process run = new ProcessBuilder(
                        clang, "--target=wasm32", "-O2", "-nostdlib", "-Wl,--no-entry", "-o", wasm.toString(), c.toString())
                        .redirectErrorStream(true)
                        .start();
                String said = new String(run.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
                if (run.waitFor(60, TimeUnit.SECONDS) && run.exitValue() == 0) {
                    return Files.readAllBytes(wasm);
                }
                System.err.println("NOTE: " + clang + " compiles no plug-in: " + said);
            } catch (IOException e) {
                // the next one
            }
        }
        System.err.println("SKIPPED: no clang that compiles for wasm32, so there is no Extism plug-in in C");
        assumeThat(wasm).exists();
        throw new AssertionError("BUG: assumed");
    }

    @Test
    void aFormatterOfDprint() {
        host.grant(Map.of("plugin", "json"));
        Formatter json = host.install(PluginManifest.of("json"), RealInputs.dprintJson(), "npm:@dprint/json")
                .as(Formatter.class);

        assertThat(json.info()).contains("\"dprint-plugin-json\"");
        assertThat(json.format("a.json", "{\"a\":[1,2],\n}")).isEqualTo("{ \"a\": [1, 2] }\n");
        assertThat(json.format("a.json", "{\n\"a\":1}", "{\"indentWidth\":6}")).isEqualTo("{\n      \"a\": 1\n}\n");
        assertThat(json.format("a.json", "{\n\"a\":1}")).as("settings are a call's own").isEqualTo("{\n  \"a\": 1\n}\n");
        assertThat(json.diagnostics("{\"indent\":6}")).contains("indent");
        assertThatThrownBy(() -> json.format("a.json", "{\"a\":")).isInstanceOf(FormatException.class);
        assertThat(json.format("a.json", "[]")).isEqualTo("[]\n");
    }

    @Test
    void aPolicyOfTheOpenPolicyAgent() {
        host.grant(Map.of("plugin", "rules", "allow", "(sallyport.module=env)", "memory", "16777216"));
        Policy rules = host.install(PluginManifest.of("rules"), RealInputs.opaDemoPolicy(), "maven:opa-java-wasm")
                .as(Policy.class);

        assertThat(rules.entrypoints()).isEqualTo("{\"opa/wasm/test/allowed\":0}");
        String roles = "{\"role\":{\"alice\":\"admin\",\"bob\":\"user\"}}";
        for (int round = 0; round < 3; round++) {
            assertThat(rules.evaluate(0, "{\"user\":\"alice\"}", roles)).isEqualTo("[{\"result\":true}]");
            assertThat(rules.evaluate(0, "{\"user\":\"bob\"}", roles)).isEqualTo("[{\"result\":false}]");
        }
        assertThat(rules.evaluate("{\"user\":\"alice\"}")).as("without data").isEqualTo("[{\"result\":false}]");
        assertThatThrownBy(() -> rules.evaluate("{\"user\":")).isInstanceOf(PolicyException.class)
                .hasMessageContaining("input");
    }

    /** A policy's memory counts like any other. */
    @Test
    void theMemoryMadeForAPluginIsWithinItsLimit() {
        host.grant(Map.of("plugin", "rules", "allow", "(sallyport.module=env)", "memory", "65536"));
        Plugin plugin = host.install(PluginManifest.of("rules"), RealInputs.opaDemoPolicy(), "maven:opa-java-wasm");

        assertThatThrownBy(() -> plugin.as(Policy.class).evaluate("{}")).hasMessageContaining("memory");
        assertThat(plugin.state()).isNotEqualTo(PluginState.ACTIVE);
    }

    @Test
    void aModuleWithoutTheAbiDoesNotFit() {
        Plugin plugin = host.install(PluginManifest.of("p"), Wat.compile("(module)"), "test:p");
        for (Class<?> contract : List.of(Formatter.class, Policy.class, ExtismPlugin.class)) {
            assertThatThrownBy(() -> plugin.as(contract)).isInstanceOf(BindException.class);
        }
    }

    /** Offering it is granted as with any other interface. */
    @Test
    void anAdaptedInterfaceIsAServiceByAGrant() throws InterruptedException {
        PlainPluginHost.GrantRegistration grant = host.grant(Map.of("plugin", "json"));
        Plugin plugin = host.install(
                PluginManifest.of("json", Formatter.class.getName()), RealInputs.dprintJson(), "npm:@dprint/json");
        assertThat(plugin.unsatisfiedOffers()).hasSize(1);
        assertThat(host.service(Formatter.class)).isEmpty();

        grant.update(Map.of("plugin", "json", "offer", Formatter.class.getName()));
        while (host.service(Formatter.class).isEmpty()) {
            Thread.sleep(1);
        }
        assertThat(host.service(Formatter.class).orElseThrow().format("a.json", "[]")).isEqualTo("[]\n");
    }
}
