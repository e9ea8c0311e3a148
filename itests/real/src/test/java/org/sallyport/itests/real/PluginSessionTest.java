package org.sallyport.itests.real;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.sallyport.Engine;
import org.sallyport.Instance;
import org.sallyport.TrapException;
import org.sallyport.host.AdaptedBy;
import org.sallyport.host.Plugin;
import org.sallyport.host.PluginAdapter;
import org.sallyport.host.PluginManifest;
import org.sallyport.host.PluginSession;
import org.sallyport.host.PluginUnavailableException;
import org.sallyport.host.UpdateRefusedException;
import org.sallyport.host.plain.PlainPluginHost;
import org.sallyport.text.Wat;

/** A session has an instance of its own: what it leaves there nobody else finds. */
class PluginSessionTest {
    private static final String COUNTER = """
            (module
              (global $n (mut i32) (i32.const %d))
              (func (export "next") (result i32)
                (global.set $n (i32.add (global.get $n) (i32.const 1)))
                (global.get $n))
              (func (export "trap") unreachable))
            """;

    interface Counter {
        int next();

        void trap();
    }

    @AdaptedBy(Twice.Adapter.class)
    interface Twice {
        int next();

        final class Adapter implements PluginAdapter<Twice> {
            @Override
            public Twice adapt(Plugin plugin) {
                return () -> plugin.use(instance -> next(instance) + next(instance));
            }

            private static int next(Instance instance) {
                return (int) instance.func("next").call()[0];
            }
        }
    }

    private Engine engine;
    private PlainPluginHost host;
    private Plugin plugin;

    @BeforeEach
    void start() {
        engine = Engine.create();
        host = PlainPluginHost.builder(engine).settings(Map.of("instances", "4")).build();
        plugin = host.install(PluginManifest.of("counter"), Wat.compile(COUNTER.formatted(0)), "test:0");
    }

    @AfterEach
    void stop() {
        host.close();
        engine.close();
    }

    @Test
    void keepsWhatItsCallsLeave() {
        Counter shared = plugin.as(Counter.class);
        assertThat(shared.next()).isEqualTo(1);
        try (PluginSession one = plugin.openSession();
                PluginSession other = plugin.openSession()) {
            assertThat(one.as(Counter.class).next()).isEqualTo(1);
            assertThat(one.as(Counter.class).next()).isEqualTo(2);
            assertThat(other.as(Counter.class).next()).isEqualTo(1);
            assertThat(one.as(Twice.class).next()).as("through an adapter").isEqualTo(3 + 4);
            assertThat(shared.next()).isEqualTo(2);
            assertThat(one.counters().instances()).isEqualTo(3);
            assertThat(one.counters().calls()).isEqualTo(6);
        }
        assertThat(plugin.counters().instances()).as("those of sessions are gone").isEqualTo(1);
        assertThat(plugin.counters().calls()).isEqualTo(6);
    }

    @Test
    void hasAFreshInstanceAfterATrapARestartAndAnUpdate() {
        try (PluginSession session = plugin.openSession()) {
            Counter counter = session.as(Counter.class);
            counter.next();
            assertThatThrownBy(counter::trap).isInstanceOf(TrapException.class);
            assertThat(counter.next()).isEqualTo(1);
            plugin.restart();
            assertThat(counter.next()).isEqualTo(1);
            host.update(plugin, plugin.manifest(), Wat.compile(COUNTER.formatted(10)), "test:10");
            assertThat(counter.next()).isEqualTo(11);
            assertThat(counter.next()).isEqualTo(12);
            assertThatThrownBy(() -> host.update(plugin, plugin.manifest(), Wat.compile("(module)"), "test:misfit"))
                    .as("the session is called by an interface").isInstanceOf(UpdateRefusedException.class);
        }
    }

    @Test
    void endsWhenItIsClosedAndWithItsPlugin() {
        PluginSession closed = plugin.openSession();
        Counter counter = closed.as(Counter.class);
        counter.next();
        closed.close();
        closed.close();
        assertThatThrownBy(counter::next).isInstanceOf(PluginUnavailableException.class).hasMessageContaining("is closed");
        try (PluginSession left = plugin.openSession()) {
            left.as(Counter.class).next();
            host.uninstall(plugin);
            assertThatThrownBy(left.as(Counter.class)::next).isInstanceOf(PluginUnavailableException.class);
            assertThat(plugin.counters().instances()).isZero();
        }
    }

    /** Whoever opens them may be anybody: they do not take all places. */
    @Test
    void areAtMostHalfOfAllInstances() {
        PluginSession[] sessions = new PluginSession[5];
        for (int i = 0; i < sessions.length; i++) {
            sessions[i] = plugin.openSession();
        }
        for (int i = 0; i < 2; i++) {
            assertThat(sessions[i].as(Counter.class).next()).isEqualTo(1);
        }
        assertThatThrownBy(() -> sessions[4].as(Counter.class).next()).isInstanceOf(PluginUnavailableException.class)
                .hasMessageContaining("2 sessions");
        assertThat(plugin.as(Counter.class).next()).as("of everybody else").isEqualTo(1);
        sessions[0].close();
        assertThat(sessions[4].as(Counter.class).next()).isEqualTo(1);
        for (PluginSession session : sessions) {
            session.close();
        }
    }
}
