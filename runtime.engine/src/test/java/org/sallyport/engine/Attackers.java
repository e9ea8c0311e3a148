package org.sallyport.engine;

import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.channels.spi.AbstractInterruptibleChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

import org.sallyport.CallContext;
import org.sallyport.Func;
import org.sallyport.LinkedModule;
import org.sallyport.Store;
import org.sallyport.wasm.FuncType;

/**
 * What tenants, host functions and attached objects can do against the threads that enforce deadlines. Each method
 * returns when the attack has begun; all of them end with {@link #close}.
 */
final class Attackers implements AutoCloseable {
    private static final String WAT = """
            (module
              (import "h" "host" (func $host))
              (memory (export "m") 1)
              (func (export "host") (call $host)))
            """;
    private static final Duration TIMEOUT = Duration.ofMillis(50);
    /** Nobody waits for this one to begin. */
    private static final CountDownLatch NOTHING = new CountDownLatch(0);

    /** What a host function does. */
    private interface Host {
        void run() throws Exception;
    }

    private final EngineImpl engine;
    private final org.sallyport.Module module;
    private final CountDownLatch over = new CountDownLatch(1);
    private final List<Thread> threads = new ArrayList<>();
    private final List<Closeable> resources = new ArrayList<>();
    private final List<Store> stores = new CopyOnWriteArrayList<>();

    /** @param compile of the engine's */
    Attackers(EngineImpl engine, java.util.function.Function<String, org.sallyport.Module> compile) {
        this.engine = engine;
        module = compile.apply(WAT);
    }

    private LinkedModule link(Host host) {
        return engine.newLinker()
                .define("h", "host", FuncType.EMPTY, (_, _) -> {
                    host.run();
                    return new Object[0];
                })
                .link(module);
    }

    private Store newStore() {
        Store store = engine.newStore();
        stores.add(store);
        return store;
    }

    private void swallowInterruptions() {
        while (over.getCount() > 0) {
            try {
                over.await(10, TimeUnit.MILLISECONDS);
            } catch (InterruptedException e) {
                // and goes on
            }
        }
    }

    /** A call of a host function in a thread of its own, with a deadline that passes soon. */
    private void callLate(ThreadFactory factory, Host host) {
        CountDownLatch inside = new CountDownLatch(1);
        LinkedModule linked = link(() -> {
            inside.countDown();
            host.run();
        });
        begin(factory, () -> linked.instantiate(newStore()).func("host"), inside);
        await(inside);
    }

    /**
     * Calls with a deadline until one has begun: on a slow machine it may pass before the guest is at the host function.
     *
     * @param guest makes one for each call, as one that was stopped cannot be called again
     */
    private void begin(ThreadFactory factory, Supplier<Func> guest, CountDownLatch begun) {
        Func first = guest.get();
        Thread thread = factory.newThread(() -> {
            callLate(first);
            while (begun.getCount() > 0 && over.getCount() > 0) {
                callLate(guest.get());
            }
        });
        if (!thread.isVirtual()) {
            thread.setDaemon(true);
        }
        threads.add(thread);
        thread.start();
    }

    private static void callLate(Func function) {
        try {
            CallContext.withTimeout(TIMEOUT, () -> function.call());
        } catch (RuntimeException e) {
            // stopped
        }
    }

    private static void join(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException e) {
            throw new AssertionError("an interruption was left behind", e);
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            if (!latch.await(30, TimeUnit.SECONDS)) {
                throw new AssertionError("the attack has not begun");
            }
            Thread.sleep(TIMEOUT.plusMillis(20));
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** {@link Thread#interrupt} throws. */
    void throwingInterrupt() {
        callLate(
                action -> new Thread(action, "throwing") {
                    @Override
                    public void interrupt() {
                        throw new AssertionError("expected by the test");
                    }
                },
                this::swallowInterruptions);
    }

    /** {@link Thread#interrupt} does not return. */
    void blockingInterrupt() {
        callLate(
                action -> new Thread(action, "blocking") {
                    @Override
                    public void interrupt() {
                        swallowInterruptions();
                    }
                },
                this::swallowInterruptions);
    }

    /** A channel in a transfer: {@link Thread#interrupt} closes it, and waits for the transfer's end. */
    void transfer() {
        class Slow extends AbstractInterruptibleChannel {
            @Override
            protected void implCloseChannel() {
                swallowInterruptions();
            }

            void transfer() throws IOException {
                begin();
                try {
                    swallowInterruptions();
                } finally {
                    end(true);
                }
            }
        }
        callLate(Thread::new, () -> new Slow().transfer());
    }

    private interface Attached extends AutoCloseable {
        @Override
        void close();
    }

    private interface AlsoAttached extends AutoCloseable {
        @Override
        void close();
    }

    /** Of a store that the keeper closes: closing what was attached throws an error, or does not return. */
    void attachments() {
        for (int i = 0; i < 3; i++) {
            Store store = newStore();
            store.attach(Attached.class, () -> {
                throw new AssertionError("expected by the test");
            });
            store.attach(AlsoAttached.class, this::swallowInterruptions);
            engine.keeper().closeLater(((StoreImpl) store).execution());
        }
    }

    /** A read that blocks in the memory of a store that the keeper closes. */
    void heldSegment() {
        Store store = newStore();
        MemorySegment segment = link(() -> {}).instantiate(store).memory("m").segment();
        try {
            ServerSocketChannel server = ServerSocketChannel.open().bind(
                    new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            SocketChannel channel = SocketChannel.open(server.getLocalAddress());
            resources.add(channel);
            resources.add(server);
            CountDownLatch reading = new CountDownLatch(1);
            Thread reader = new Thread(() -> {
                reading.countDown();
                try {
                    channel.read(segment.asByteBuffer());
                } catch (IOException e) {
                    // the end
                }
            });
            reader.setDaemon(true);
            reader.start();
            threads.add(reader);
            await(reading);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        engine.keeper().closeLater(((StoreImpl) store).execution());
    }

    /** Host functions that block, wherever their calls were made from, and what looks for them. */
    void manyBlockedHosts(int count) {
        for (int i = 0; i < count; i++) {
            begin(
                    Thread.ofVirtual().factory(),
                    () -> link(this::swallowInterruptions).instantiate(newStore()).func("host"),
                    NOTHING);
        }
    }

    /** Takes all the memory there is, again and again, in a host function. */
    void fillHeap() {
        callLate(Thread::new, () -> {
            List<Object> all = new ArrayList<>();
            while (over.getCount() > 0) {
                try {
                    while (true) {
                        all.add(new byte[1 << 10]);
                    }
                } catch (OutOfMemoryError e) {
                    pauseWithoutMemory(20_000_000);
                    all = new ArrayList<>();
                    takeABreath();
                }
            }
        });
    }

    private void takeABreath() {
        try {
            over.await(200, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            // and goes on
        }
    }

    private static void pauseWithoutMemory(long nanos) {
        long end = System.nanoTime() + nanos;
        while (System.nanoTime() - end < 0) {
            Thread.onSpinWait();
        }
    }

    /** Asks a store's own call to stop, as often as it can. */
    void hammer() {
        Store store = newStore();
        Func first = link(this::swallowInterruptions).instantiate(store).func("host"); // instantiating could be stopped, too
        begin(Thread::new, () -> first, NOTHING);
        for (int i = 0; i < 2; i++) {
            Thread thread = new Thread(() -> {
                while (over.getCount() > 0) {
                    store.interrupt();
                }
            });
            thread.setDaemon(true);
            thread.start();
            threads.add(thread);
        }
    }

    /** Holds what others can lock that embedders can reach. */
    void monitors() {
        Store store = newStore();
        CountDownLatch held = new CountDownLatch(1);
        Thread thread = new Thread(() -> {
            synchronized (engine) {
                synchronized (store) {
                    synchronized (module) {
                        held.countDown();
                        swallowInterruptions();
                    }
                }
            }
        });
        thread.setDaemon(true);
        thread.start();
        threads.add(thread);
        await(held);
    }

    @Override
    public void close() throws IOException {
        over.countDown();
        while (true) {
            try {
                end();
                return;
            } catch (OutOfMemoryError e) {
                Thread.onSpinWait(); // the one that fills the heap has not seen it yet
            }
        }
    }

    private void end() throws IOException {
        for (Closeable resource : resources) {
            resource.close();
        }
        for (Thread thread : threads) {
            join(thread);
        }
        stores.forEach(Store::close);
    }
}
