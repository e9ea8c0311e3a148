package org.sallyport.engine;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;

import org.sallyport.CallContext;
import org.sallyport.Caller;
import org.sallyport.Config;
import org.sallyport.Engine;
import org.sallyport.Func;
import org.sallyport.GuestException;
import org.sallyport.GuestInterruptedException;
import org.sallyport.HostFunctionException;
import org.sallyport.Instance;
import org.sallyport.LinkedModule;
import org.sallyport.Linker;
import org.sallyport.SallyportException;
import org.sallyport.Store;
import org.sallyport.StoreLimits;
import org.sallyport.TrapCode;
import org.sallyport.TrapException;
import org.sallyport.text.Wat;
import org.sallyport.text.WatOptions;
import org.sallyport.wasm.FuncType;
import org.sallyport.wasm.NumType;

/**
 * Guests and hosts that call each other until a thread's Java stack ends, each way that a call can end there, in a JVM
 * that has done nothing before; then everything must still work. Its {@code main} is run in JVMs of its own: {@code
 * kind, stack in KiB (0: a virtual thread, -1: this one), rounds, seed}, and prints {@code OK}, or what went wrong. The
 * kind {@code all} takes one after the other.
 */
final class DeepStacks {
    /** What the host does at each depth on the way back up. */
    enum Kind { CALLBACK, TRAP, THROW, DEADLINE, GROW, LAZY, HANDLE, BIND, STORE, CLOSE }

    /** How many functions there are that nobody has compiled yet in the kind {@code LAZY}. */
    private static final int COLD = 300;

    private final Kind kind;
    private final Engine engine;
    private final Random random;
    private LinkedModule linked;
    private Instance instance;

    private DeepStacks(Kind kind, long seed) {
        this.kind = kind;
        random = new Random(seed);
        engine = Engine.create(Config.defaults().withLazy(kind == Kind.LAZY).withCompileThreads(1));
    }

    public static void main(String[] args) throws Exception {
        long seed = Long.parseLong(args[3]);
        Kind[] kinds = args[0].equals("all") ? Kind.values() : new Kind[] {Kind.valueOf(args[0])};
        for (Kind kind : kinds) {
            DeepStacks stacks = new DeepStacks(kind, seed);
            for (int i = 0; i < Integer.parseInt(args[2]); i++) {
                stacks.round(Integer.parseInt(args[1]));
            }
            stacks.engine.close();
        }
        System.out.println("OK");
    }

    private static String module() {
        StringBuilder text = new StringBuilder("""
                (module
                  (import "h" "back" (func $back (param i32)))
                  (memory (export "memory") 1 60000)
                  (table (export "table") 1 1000000 funcref)
                  (func (export "down") (param i32) (call $back (local.get 0)))
                  (func (export "trap") unreachable)
                  (func (export "divide") (param i32) (result i32) (i32.div_s (i32.const 1) (local.get 0)))
                  (func $deep (export "deep") (result i32) (i32.add (i32.const 1) (call $deep)))
                  (func (export "loop") (loop $l (br $l)))
                  (func (export "grow") (result i32) (memory.grow (i32.const 1)))
                  (func (export "growTable") (result i32) (table.grow 0 (ref.null func) (i32.const 1)))
                """);
        for (int i = 0; i < COLD; i++) {
            text.append("(func (export \"cold" + i + "\") (param i32) (result i32)"
                    + " (i32.mul (local.get 0) (i32.add (i32.const " + i + ") (i32.load (local.get 0)))))\n");
        }
        return text.append(')').toString();
    }

    private Instance instance(Store store) {
        Linker linker = engine.newLinker();
        linker.define("h", "back", FuncType.of(List.of(NumType.I32)), (caller, args) -> {
            back(caller, (int) args[0]);
            return new Object[0];
        });
        linked = linker.link(engine.compile(Wat.compile(module().getBytes(UTF_8), "deep", WatOptions.DEFAULT)));
        return linked.instantiate(store);
    }

    // ---- down

    private void back(Caller caller, int what) {
        if (what == 1) {
            throw new IllegalStateException("expected by the test");
        }
        if (what == 2) {
            return;
        }
        try {
            caller.func("down").call(0);
        } catch (StackOverflowError e) {
            // as far down as it goes
        } catch (TrapException e) {
            if (e.code() != TrapCode.STACK_OVERFLOW) {
                throw e;
            }
        }
        atDepth(caller);
    }

    private void atDepth(Caller caller) {
        try {
            switch (kind) {
                case CALLBACK -> caller.func("down").call(2);
                case TRAP -> ends(caller.func("trap"));
                case THROW -> caller.func("down").call(1);
                case DEADLINE -> {
                    if (random.nextInt(4) == 0) {
                        CallContext.withTimeout(Duration.ofNanos(300_000), () -> caller.func("loop").call());
                    }
                }
                case GROW -> {
                    caller.func("grow").call();
                    caller.func("growTable").call();
                }
                case LAZY -> caller.func("cold" + random.nextInt(COLD)).call(4);
                case HANDLE -> {
                    try {
                        caller.func("divide").handle().invoke(random.nextInt(2));
                    } catch (RuntimeException | Error e) {
                        throw e;
                    } catch (Throwable e) {
                        throw new AssertionError(e);
                    }
                }
                case BIND -> {
                    instance.bind(Contract.class).divide(1);
                    caller.memory().grow(1);
                }
                case STORE -> {
                    try (Store store = engine.newStore()) {
                        linked.instantiate(store).func("divide").call(1);
                    }
                }
                case CLOSE -> {
                    if (random.nextInt(50) == 0) {
                        caller.store().close();
                    }
                }
            }
        } catch (StackOverflowError | TrapException | HostFunctionException e) {
            // there may be no stack for it
        }
    }

    private static void ends(Func function) {
        try {
            function.call();
        } catch (TrapException e) {
            e.getStackTrace();
        }
    }

    // ---- a round

    private void round(int kilobytes) throws Exception {
        Store store = engine.newStore(StoreLimits.DEFAULT.withStackBytes(8 << 20));
        instance = instance(store);
        Instance instance = this.instance;
        int first = random.nextInt(60);
        AtomicReference<Throwable> end = new AtomicReference<>();
        Thread thread = new Thread(null, () -> {
            try {
                under(first, instance);
            } catch (Throwable t) {
                end.set(t);
            }
        }, "small", (long) kilobytes << 10);
        if (kilobytes == 0) {
            thread = Thread.ofVirtual().unstarted(() -> under(first, instance));
            thread.setUncaughtExceptionHandler((_, t) -> end.set(t));
        }
        if (kilobytes < 0) {
            thread.run();
        } else {
            thread.start();
            thread.join();
        }
        Throwable t = end.get();
        if (t != null && !(t instanceof GuestException) && !(t instanceof StackOverflowError)
                && !(t instanceof SallyportException)) {
            throw new AssertionError("round ended with", t);
        }
        boolean whole = !(t instanceof GuestInterruptedException) && kind != Kind.CLOSE && kind != Kind.DEADLINE;
        if (whole) {
            operations(instance);
        }
        store.close();
        check(((EngineImpl) engine).stores().isEmpty(), "stores left");
        try (Store fresh = engine.newStore()) {
            operations(instance(fresh));
        }
    }

    private static void under(int frames, Instance instance) {
        if (frames > 0) {
            under(frames - 1, instance);
        } else {
            instance.func("down").call(0);
        }
    }

    // ---- everything works

    private static void check(boolean holds, String what) {
        if (!holds) {
            throw new AssertionError(what);
        }
    }

    private static <T extends Throwable> T fails(Class<T> type, Runnable action) {
        try {
            action.run();
        } catch (Throwable t) {
            if (type.isInstance(t)) {
                t.printStackTrace(new PrintWriter(new StringWriter()));
                return type.cast(t);
            }
            throw new AssertionError("ended with", t);
        }
        throw new AssertionError("did not end with " + type);
    }

    interface Contract {
        int divide(int by);
    }

    private void operations(Instance instance) throws Exception {
        check((int) instance.func("divide").call(1)[0] == 1, "divide");
        check(instance.bind(Contract.class).divide(1) == 1, "bind");
        try {
            check((int) instance.func("divide").handle().invokeExact(1) == 1, "handle");
        } catch (Throwable t) {
            throw new AssertionError("handle", t);
        }
        Function<String, TrapCode> trap = name -> fails(TrapException.class, () -> instance.func(name).call()).code();
        check(trap.apply("trap") == TrapCode.UNREACHABLE, "trap");
        check(trap.apply("deep") == TrapCode.STACK_OVERFLOW, "deep");
        TrapException divided = fails(TrapException.class, () -> instance.func("divide").call(0));
        check(divided.code() == TrapCode.INTEGER_DIVIDE_BY_ZERO && !divided.frames().isEmpty(), "division");
        fails(HostFunctionException.class, () -> instance.func("down").call(1));
        instance.func("down").call(2);
        int before = (int) instance.memory("memory").size();
        check((int) instance.func("grow").call()[0] == before, "grow");
        check(instance.memory("memory").grow(1) == before + 1, "growing");
        check((int) instance.func("growTable").call()[0] > 0, "growTable");
        int cold = random.nextInt(COLD);
        check((int) instance.func("cold" + cold).call(4)[0] == 4 * cold, "cold");
        Func loop = instance.func("loop");
        fails(GuestInterruptedException.class, () -> CallContext.withTimeout(Duration.ofMillis(2), () -> loop.call()));
    }
}
