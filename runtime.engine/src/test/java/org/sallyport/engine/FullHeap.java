package org.sallyport.engine;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;

import org.jspecify.annotations.Nullable;
import org.sallyport.CallContext;
import org.sallyport.Caller;
import org.sallyport.Config;
import org.sallyport.Engine;
import org.sallyport.GuestInterruptedException;
import org.sallyport.HostFunction;
import org.sallyport.Instance;
import org.sallyport.Memory;
import org.sallyport.Module;
import org.sallyport.OutOfFuelException;
import org.sallyport.SallyportException;
import org.sallyport.Store;
import org.sallyport.StoreLimits;
import org.sallyport.Table;
import org.sallyport.TrapException;
import org.sallyport.spi.ResourceAccount;
import org.sallyport.spi.ResourceAccount.Kind;
import org.sallyport.wasm.FuncType;

/**
 * The JVM of {@link FullHeapTest}: makes an engine, and then does everything that one can do with it, again and again, with
 * a heap that is full but for some bytes, a few more each time. So each class is initialized and each call site linked
 * where there was just no memory for that before. In the end memory is there, and everything must work.
 */
final class FullHeap {
    private static final int LARGEST = 1 << 20;
    private static final int SMALLEST = 32;
    private static final int CLOSINGS = 20;

    private final Engine engine;
    private final byte[] module;
    private final MethodHandle twice;
    private @Nullable Ballast ballast;
    private int failures;

    /** What fills the heap. */
    private static final class Ballast {
        final @Nullable Ballast next;
        final byte[] bytes;

        Ballast(@Nullable Ballast next, int size) {
            this.next = next;
            bytes = new byte[size];
        }
    }

    private static final class Host implements HostFunction {
        static int twice(int a) {
            return 2 * a;
        }

        @Override
        public Object[] call(Caller caller, Object[] args) {
            return new Object[0];
        }
    }

    private record Calling(Instance instance, String function) implements ScopedValue.CallableOp<Object[], RuntimeException> {
        @Override
        public Object[] call() {
            return instance.func(function).call();
        }
    }

    private FullHeap(byte[] module, boolean fuel) throws ReflectiveOperationException {
        this.module = module;
        engine = Engine.create(Config.defaults().withFuel(fuel));
        twice = MethodHandles.lookup().findStatic(Host.class, "twice", MethodType.methodType(int.class, int.class));
    }

    /** Takes all memory but so many bytes. */
    private void fill(int free) {
        byte @Nullable [] reserve = new byte[free];
        for (int size = LARGEST; size >= SMALLEST; size >>= 5) {
            try {
                while (reserve != null) {
                    ballast = new Ballast(ballast, size);
                }
            } catch (OutOfMemoryError e) {
                // there may be room for smaller ones
            }
        }
        reserve = null;
    }

    /** @return what failed, or null */
    private @Nullable Throwable doAll() {
        Module compiled = null;
        Store store = null;
        Throwable failure = null;
        try {
            compiled = engine.compile(module);
            store = engine.newStore(StoreLimits.DEFAULT.withStackBytes(1 << 16));
            use(compiled, store);
        } catch (Throwable t) {
            failure = t;
        }
        return close(compiled, close(store, failure));
    }

    private static @Nullable Throwable close(@Nullable AutoCloseable what, @Nullable Throwable before) {
        if (what != null) {
            try {
                what.close();
            } catch (Throwable t) {
                return before == null || before instanceof OutOfMemoryError ? t : before;
            }
        }
        return before;
    }

    private void use(Module compiled, Store store) throws Throwable {
        Instance instance = engine.newLinker()
                .define("h", "boxed", FuncType.EMPTY, new Host())
                .define("h", "twice", twice)
                .link(compiled)
                .instantiate(store);
        check((int) instance.func("add").call(1, 2)[0] == 3);
        MethodHandle add = instance.func("add").handle();
        check((int) add.invokeExact(3, 4) == 7);
        check((int) instance.func("host").call(4)[0] == 8);
        useMemory(instance.memory("m"));
        Table table = instance.table("t");
        table.set(1, table.get(0));
        check(table.grow(2, null) == 10);
        instance.global("g").set(5L);
        check((long) instance.global("g").get() == 5);
        for (String function : new String[] {"divide", "deep", "outside", "unreachable", "indirect"}) {
            trap(instance, function);
        }
        if (engine.config().compile().fuel()) {
            runOut(instance);
        }
        stop(instance);
    }

    private static void runOut(Instance instance) {
        try {
            CallContext.withFuel(1000, new Calling(instance, "spin"));
            throw new AssertionError("not stopped");
        } catch (OutOfFuelException e) {
            print(e);
        }
    }

    private static void useMemory(Memory memory) {
        memory.setLong(8, 1);
        memory.setInt(8, 2);
        memory.setShort(16, (short) 3);
        memory.setByte(17, (byte) 4);
        check(memory.getInt(8) == 2 && memory.getLong(8) == 2 && memory.getByte(17) == 4 && memory.getShort(16) == 0x403);
        memory.write(0, new byte[] {1, 2}, 0, 2);
        memory.read(0, new byte[2], 0, 2);
        check(memory.segment().byteSize() == memory.byteSize());
        memory.grow(1);
        try {
            memory.getByte(1L << 40);
            throw new AssertionError("beyond the end");
        } catch (IndexOutOfBoundsException e) {
            print(e);
        }
    }

    private static void trap(Instance instance, String function) {
        try {
            instance.func(function).call();
            throw new AssertionError("no trap");
        } catch (TrapException e) {
            print(e);
        }
    }

    private static void stop(Instance instance) {
        try {
            CallContext.withTimeout(Duration.ofMillis(1), new Calling(instance, "spin"));
            throw new AssertionError("not stopped");
        } catch (GuestInterruptedException e) {
            print(e);
        }
        try {
            instance.func("unreachable").call();
            throw new AssertionError("not poisoned");
        } catch (SallyportException e) {
            print(e);
        }
    }

    private static void print(Throwable t) {
        t.printStackTrace(new PrintWriter(new StringWriter()));
    }

    private static void check(boolean holds) {
        if (!holds) {
            throw new AssertionError("wrong result");
        }
    }

    /** Stores and modules that were made while there was memory, and are closed while there is none at all. */
    private void closeWithoutMemory() throws Throwable {
        for (int i = 0; i < CLOSINGS; i++) {
            Module compiled = engine.compile(module);
            Store store = engine.newStore(StoreLimits.DEFAULT.withStackBytes(1 << 16));
            use(compiled, store);
            fill(0);
            Throwable failure = close(compiled, close(store, null));
            ballast = null;
            if (failure != null && !(failure instanceof OutOfMemoryError)) {
                throw failure;
            }
            failures += failure != null ? 1 : 0;
        }
        System.out.println("closed without memory, failing at first: " + failures + " of " + CLOSINGS);
    }

    private long[] used() {
        ResourceAccount account = ((EngineImpl) engine).resources();
        return Arrays.stream(Kind.values()).mapToLong(account::used).toArray();
    }

    /** What could not be given back without memory is, with it; the keeper tries again each quarter of a second. */
    private void nothingIsLeft(long[] before) throws InterruptedException {
        for (int i = 0; i < 100 && !Arrays.equals(used(), before); i++) {
            Thread.sleep(100);
        }
        if (!Arrays.equals(used(), before)) {
            throw new AssertionError("before " + Arrays.toString(before) + ", still held " + Arrays.toString(used()) + ", "
                    + ((EngineImpl) engine).stores().size() + " stores, " + ((EngineImpl) engine).modules().size() + " modules");
        }
    }

    private static void print(String what, Throwable failure) {
        System.out.println(what);
        failure.printStackTrace(System.out);
    }

    /** @param args file of the module, rounds, bytes of the first round, bytes more in each round, whether to count fuel */
    public static void main(String[] args) throws Throwable {
        FullHeap heap = new FullHeap(Files.readAllBytes(Path.of(args[0])), Boolean.parseBoolean(args[4]));
        int rounds = Integer.parseInt(args[1]);
        int free = Integer.parseInt(args[2]);
        int step = Integer.parseInt(args[3]);
        long[] before = heap.used();
        int outOfMemory = 0;
        int complete = 0;
        Throwable odd = null;
        int oddRound = 0;
        for (int i = 0; i < rounds; i++, free += step) {
            heap.fill(free);
            Throwable failure = heap.doAll();
            heap.ballast = null;
            if (failure == null) {
                complete++;
            } else if (failure instanceof OutOfMemoryError) {
                outOfMemory++;
            } else if (odd == null) {
                odd = failure;
                oddRound = i;
            }
        }
        System.out.println("rounds without memory: " + outOfMemory + ", complete: " + complete + ", free at last: " + free);
        if (odd != null) {
            print("the first that failed by something else was " + oddRound, odd);
        }
        Throwable atLast = heap.doAll();
        if (atLast != null) {
            print("with memory again", atLast);
        }
        heap.closeWithoutMemory();
        heap.nothingIsLeft(before);
        heap.engine.close();
        int left = Natives.of(heap.engine).allocator().virtualMemory().usage().reservations();
        if (left > 1) { // signal handlers wait for the next engine
            throw new AssertionError(left + " reservations are left");
        }
        System.out.println("the engine is closed");
        System.exit(odd == null && atLast == null ? 0 : 1);
    }
}
