package org.sallyport.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.sallyport.CallContext;
import org.sallyport.Config;
import org.sallyport.GuestInterruptedException;
import org.sallyport.Instance;
import org.sallyport.Module;
import org.sallyport.Store;
import org.sallyport.codegen.NativeCodeGenerator;
import org.sallyport.engine.service.Engines;
import org.sallyport.loader.BinaryLoader;
import org.sallyport.store.PoolingAllocator;
import org.sallyport.text.Wat;
import org.sallyport.validator.ModuleValidator;

/**
 * Nothing that a tenant, a host function or an attached object does keeps the deadlines of others from being kept ({@link
 * Attackers}). Counts grow with the property {@code sallyport.stress}.
 */
class AttackersTest {
    private static final int SCALE = Integer.getInteger("sallyport.stress", 1);
    private static final int VICTIMS = 2;
    private static final int LONGEST = 40_000_000;
    private static final String SPIN = "(module (func (export \"spin\") (loop (br 0))))";

    enum Attack {
        THROWING_INTERRUPT(Attackers::throwingInterrupt),
        BLOCKING_INTERRUPT(Attackers::blockingInterrupt),
        TRANSFER(Attackers::transfer),
        ATTACHMENTS(Attackers::attachments),
        HELD_SEGMENT(Attackers::heldSegment),
        BLOCKED_HOSTS(a -> a.manyBlockedHosts(200)),
        HAMMER(Attackers::hammer),
        MONITORS(Attackers::monitors);

        final Consumer<Attackers> begin;

        Attack(Consumer<Attackers> begin) {
            this.begin = begin;
        }
    }

    @ParameterizedTest
    @EnumSource(Attack.class)
    void deadlinesOfOthersAreKept(Attack attack) throws Exception {
        keep(attack, new Fixture());
    }

    @ParameterizedTest
    @EnumSource(Attack.class)
    void theWatchdogKeepsThemAlone(Attack attack) throws Exception {
        keep(attack, new Fixture().withoutSentry());
    }

    private static void keep(Attack attack, Fixture fixture) throws Exception {
        try (Fixture f = fixture;
                Attackers attackers = new Attackers(f.engine, f::compile)) {
            attack.begin.accept(attackers);
            Victims victims = new Victims(f, 20 * SCALE, VICTIMS, LONGEST);
            victims.start();
            assertThat(victims.await(60 + SCALE)).isNull();
            System.out.println(attack + ": " + victims.summary());
            assertThat(victims.failure()).isNull();
        }
    }

    /** What embedders can reach they can lock, for as long as they like. */
    @Test
    void monitorsOfOthersKeepNobody() throws Exception {
        try (Fixture f = new Fixture()) {
            Module module = f.compile(SPIN);
            Store store = f.engine.newStore();
            Instance instance = f.linker.link(module).instantiate(store);
            Thread user = new Thread(() -> {
                f.compile("(module (func (export \"f\")))").close();
                f.linker.link(module).instantiate(f.store);
                assertThatThrownBy(() -> CallContext.withTimeout(
                                Duration.ofMillis(20), () -> instance.func("spin").call()))
                        .isInstanceOf(GuestInterruptedException.class);
                store.close();
                module.close();
            });
            user.setDaemon(true);
            synchronized (f.engine) {
                synchronized (module) {
                    synchronized (store) {
                        synchronized (instance) {
                            user.start();
                            assertThat(user.join(Duration.ofSeconds(60))).isTrue();
                        }
                    }
                }
            }
        }
    }

    /** A thread's class may be foreign: compilations ask it from nowhere else. */
    @Test
    void compilingAsksNoForeignThreadFromAnother() throws Exception {
        AtomicInteger asked = new AtomicInteger();
        AtomicInteger done = new AtomicInteger();
        StringBuilder wat = new StringBuilder("(module");
        for (int i = 0; i < 3_000; i++) {
            wat.append("(func (param i32) (result i32) (i32.add (local.get 0) (i32.const ").append(i).append(")))");
        }
        byte[] binary = Wat.compile(wat.append(')').toString());
        Config config = Config.defaults().withCompileThreads(2);
        try (EngineImpl engine = Engines.make(
                config, new BinaryLoader(), new ModuleValidator(), new NativeCodeGenerator(), new PoolingAllocator())) {
            Thread thread = new Thread(() -> {
                engine.compile(binary).close();
                done.incrementAndGet();
            }) {
                @Override
                public boolean isInterrupted() {
                    if (Thread.currentThread() != this) {
                        asked.incrementAndGet();
                    }
                    return super.isInterrupted();
                }
            };
            thread.start();
            thread.join();
        }
        assertThat(done).hasValue(1);
        assertThat(asked).hasValue(0);
    }

    /** All at once, in a small heap of its own. */
    @Test
    void deadlinesAreKeptUnderAllOfThemAtOnce() throws Exception {
        System.out.println(UnderAttack.run(100 * SCALE, "Serial", "64m", UnderAttack.AGAIN_AND_AGAIN));
    }

    @Test
    void deadlinesAreKeptWhileTheHeapStaysFull() throws Exception {
        System.out.println(UnderAttack.run(3 * SCALE, "Serial", "32m", UnderAttack.KEPT_FULL));
    }
}
