package org.sallyport.itests.felix;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.acme.itests.Gate;
import com.acme.itests.Worker;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.osgi.framework.Bundle;
import org.sallyport.CallContext;
import org.sallyport.host.EntryPolicy;
import org.sallyport.host.Plugin;
import org.sallyport.host.PluginManifest;
import org.sallyport.host.PluginState;
import org.sallyport.host.PluginUnavailableException;
import org.sallyport.text.Wat;

/** Guest code that runs before any call: start functions and {@code _initialize}. No thread of the framework waits for it. */
class StartingTest extends PluginTest {
    private static final Duration PATIENCE = Duration.ofSeconds(8); // less than the start timeout

    private static byte[] loopingStart() {
        return Wat.compile("(module (func $s (loop $on (br $on))) (start $s)"
                + " (func (export \"next\") (result i32) (i32.const 1)))");
    }

    private static byte[] loopingInitialize() {
        return Wat.compile("(module (func (export \"_initialize\") (loop $on (br $on))))");
    }

    private void endsAtOnce(byte[] wasm) throws Exception {
        long begin = System.nanoTime();
        Bundle bundle = start("looper", "", wasm);
        assertThat(Duration.ofNanos(System.nanoTime() - begin)).as("start of the bundle").isLessThan(PATIENCE);
        assertThat(plugin("looper").state()).isEqualTo(PluginState.STARTING);
        stays(() -> plugin("looper").state() == PluginState.STARTING);
        Plugin plugin = plugin("looper");
        begin = System.nanoTime();
        bundle.uninstall();

        assertThat(Duration.ofNanos(System.nanoTime() - begin)).as("uninstalling").isLessThan(PATIENCE);
        assertThat(plugin.state()).isEqualTo(PluginState.UNINSTALLED);
        assertThat(plugin.counters().instances()).isZero();
        assertThat(host.plugins()).isEmpty();
        eventually(() -> Thread.getAllStackTraces().keySet().stream()
                .noneMatch(thread -> thread.getName().startsWith("sallyport-start-")));
    }

    @Test
    void loopingStartFunctionEndsWithItsBundle() throws Exception {
        endsAtOnce(loopingStart());
    }

    @Test
    void loopingInitializeEndsWithItsBundle() throws Exception {
        endsAtOnce(loopingInitialize());
    }

    @Test
    void otherPluginsStartMeanwhile() throws Exception {
        offer("gate", Gate.class, ticket -> ticket);
        start("looper", "", loopingStart());
        grant("worker", "(sallyport.module=gate)");
        start("worker", services(Worker.class));

        assertThat(service(Worker.class, "worker").next()).isEqualTo(1);
        assertThat(plugin("looper").state()).isEqualTo(PluginState.STARTING);
    }

    @Test
    void callsOfOneThatStartsWaitNoLongerThanTheyMay() throws Exception {
        start("looper", "", loopingStart());
        Next next = plugin("looper").as(Next.class);

        assertThatThrownBy(() -> CallContext.withTimeout(Duration.ofMillis(50), next::next))
                .isInstanceOf(PluginUnavailableException.class)
                .hasMessage("plugin looper is STARTING");
    }

    /** Installed by an application, which calls at once. */
    @Test
    void callsOfOneThatStartsWaitForIt() throws Exception {
        Plugin plugin = host.install(PluginManifest.of("quick").withPolicy(EntryPolicy.SERIALIZED), Wat.compile("""
                (module (global $n (mut i32) (i32.const 0))
                  (func (export "_initialize") (global.set $n (i32.const 41)))
                  (func (export "next") (result i32)
                    (global.set $n (i32.add (global.get $n) (i32.const 1))) (global.get $n)))
                """), context);
        afterwards(() -> {
            host.uninstall(plugin);
            return null;
        });

        assertThat(plugin.as(Next.class).next()).isEqualTo(42);
        assertThat(plugin.counters().calls()).as("preparing calls is no call of the plugin").isEqualTo(1);
    }

    @Test
    void startThatTrapsIsSeen() throws Exception {
        start("broken", "", Wat.compile("(module (func $s unreachable) (start $s))"));
        becomes("broken", PluginState.QUARANTINED);

        assertThat(plugin("broken").quarantinedBecause()).isEqualTo("it could not be started: unreachable");
    }

    /** An interface of nobody's. */
    public interface Next {
        int next();
    }
}
