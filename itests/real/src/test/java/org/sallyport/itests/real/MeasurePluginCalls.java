package org.sallyport.itests.real;

import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.function.IntUnaryOperator;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.sallyport.Engine;
import org.sallyport.Module;
import org.sallyport.Store;
import org.sallyport.host.EntryPolicy;
import org.sallyport.host.PluginManifest;
import org.sallyport.host.osgi.BundlePluginHost;
import org.sallyport.host.impl.PluginHostComponent;
import org.sallyport.spi.Loader;
import org.sallyport.text.Wat;

/**
 * What a plugin's entry policy, pool and timeout cost on top of a bare call. Prints nanoseconds of processor time and
 * allocated bytes per call; run it by hand.
 */
public final class MeasurePluginCalls {
    private static final int CALLS = 500_000;
    private static final int ROUNDS = 6;
    private static volatile int sink;

    /** The plugin's exports over numbers. */
    public interface Numbers {
        int inc(int x);
    }

    /** The plugin's exports over text. */
    public interface Text {
        String echo(String text);
    }

    private MeasurePluginCalls() {}

    public static void main(String[] args) {
        byte[] wasm = Wat.compile("""
                (module (memory (export "memory") 1)
                  (func (export "inc") (param i32) (result i32) (i32.add (local.get 0) (i32.const 1)))
                  (func (export "sallyport_alloc") (param i32) (result i32) (i32.const 1024))
                  (func (export "echo") (param i32 i32) (result i64)
                    (i64.or (i64.shl (i64.extend_i32_u (local.get 0)) (i64.const 32))
                      (i64.extend_i32_u (local.get 1)))))
                """);
        try (Engine engine = Engine.create();
                Module module = engine.compile(wasm);
                Store store = engine.newStore()) {
            Numbers direct = engine.newLinker().link(module).instantiate(store).bind(Numbers.class);
            BundlePluginHost host = host(engine);
            Numbers pooled = plugin(host, PluginManifest.of("pooled"), wasm).inc();
            Numbers serialized =
                    plugin(host, PluginManifest.of("serialized").withPolicy(EntryPolicy.SERIALIZED), wasm).inc();
            Numbers fresh = plugin(host, PluginManifest.of("fresh").withPolicy(EntryPolicy.FRESH), wasm).inc();
            Plugins timed = plugin(host, PluginManifest.of("timed").withTimeout(Duration.ofSeconds(1)), wasm);
            Text text = plugin(host, PluginManifest.of("text"), wasm).echo();
            for (int round = 0; round < ROUNDS; round++) {
                System.out.println();
                measure("Instance.bind, int", direct::inc);
                measure("plugin, pooled, int", pooled::inc);
                measure("plugin, serialized, int", serialized::inc);
                measure("plugin, fresh, int", fresh::inc);
                measure("plugin with timeout, int", timed.inc()::inc);
                measure("plugin, string of 5", x -> x + text.echo("hello").length());
                measure("plugin with timeout, string", x -> x + timed.echo().echo("hello").length());
            }
        }
    }

    /** One plugin under both interfaces. */
    private record Plugins(Numbers inc, Text echo) {}

    private static Plugins plugin(BundlePluginHost host, PluginManifest manifest, byte[] wasm) {
        var plugin = host.install(manifest, wasm, noFramework());
        return new Plugins(plugin.as(Numbers.class), plugin.as(Text.class));
    }

    private static BundlePluginHost host(Engine engine) {
        Loader loader = ServiceLoader.load(Loader.class).findFirst().orElseThrow();
        return new PluginHostComponent(engine, loader, noFramework());
    }

    /** Enough for plugins that import nothing and offer no services. */
    private static BundleContext noFramework() {
        Bundle bundle = proxy(Bundle.class, Map.of("getLocation", "measure:", "getSignerCertificates", Map.of()));
        return proxy(BundleContext.class, Map.of("getBundle", bundle));
    }

    private static <T> T proxy(Class<T> type, Map<String, Object> answers) {
        return type.cast(Proxy.newProxyInstance(
                MeasurePluginCalls.class.getClassLoader(),
                new Class<?>[] {type},
                (_, method, _) -> answers.get(method.getName())));
    }

    private static void measure(String what, IntUnaryOperator call) {
        var threads = (com.sun.management.ThreadMXBean) java.lang.management.ManagementFactory.getThreadMXBean();
        long bytes = threads.getCurrentThreadAllocatedBytes();
        long time = threads.getCurrentThreadCpuTime();
        int x = 0;
        for (int i = 0; i < CALLS; i++) {
            x = call.applyAsInt(x);
        }
        time = threads.getCurrentThreadCpuTime() - time;
        bytes = threads.getCurrentThreadAllocatedBytes() - bytes;
        sink = x;
        System.out.printf("%-28s %6.1f ns %6.1f B%n", what, time / (double) CALLS, bytes / (double) CALLS);
    }
}
