package org.sallyport.engine.service;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.time.Duration;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;

import org.sallyport.CallContext;
import org.sallyport.Caller;
import org.sallyport.Compilation;
import org.sallyport.CompileOptions;
import org.sallyport.ExceptionReference;
import org.sallyport.GuestInterruptedException;
import org.sallyport.HostFunction;
import org.sallyport.Instance;
import org.sallyport.LoadLimits;
import org.sallyport.Memory;
import org.sallyport.OutOfFuelException;
import org.sallyport.SallyportException;
import org.sallyport.Store;
import org.sallyport.StoreLimits;
import org.sallyport.Table;
import org.sallyport.TrapException;
import org.sallyport.WasmException;
import org.sallyport.engine.EngineImpl;
import org.sallyport.engine.NativeMachinery;
import org.sallyport.engine.NativeModule;
import org.sallyport.engine.StoreImpl;
import org.sallyport.engine.compile.Compilers;
import org.sallyport.spi.CodeGenerator;
import org.sallyport.spi.CompileBudget;
import org.sallyport.spi.CompiledModule;
import org.sallyport.spi.LazyCompiler;
import org.sallyport.spi.Loader;
import org.sallyport.spi.ValidModule;
import org.sallyport.spi.Validator;
import org.sallyport.wasm.Feature;
import org.sallyport.wasm.FuncType;
import org.sallyport.wasm.WasmModule;

/**
 * Everything that an engine does, done once in a JVM before the first engine is anybody's: loads, validates, compiles and
 * instantiates a module, calls it, has it trap, stops it, and closes it.
 *
 * <p>A class whose initializer meets an {@link OutOfMemoryError} is unusable for good, and so is mostly a call site of a
 * lambda, a switch over patterns or a record's {@code equals} that is linked while the heap is full. A tenant that fills
 * the heap must not do that to the others; so all of it happens here, when there is memory. What it costs, the first
 * compilation and the first call cost less.
 */
public final class Rehearsal {
    /** {@code rehearsal.wat} of the tests, which say so when it is another one. */
    static final String MODULE = """
            0061736d01000000012c0960027f7f017f60000060017f017f60027e7f017e60027d7c017c6001700060017f0060000169600002
            7f690217020172076e6f7468696e6700010172057477696365000203111001000201010101010102030405060701040501700104
            080504010101030d03010006060b027e0142010b7f0141000b0787010f066d656d6f72790200057461626c65010006676c6f6261
            6c030003616464000304686f7374000406646976696465000504646565700006076f75747369646500070b756e72656163686162
            6c650008047370696e000908696e646972656374000a07636f6e74726f6c000b0462756c6b000e06636175676874001008756e63
            617567687400110801020910030041000b02030c010001030300010d0c01020a900310040010000b0700200020016a0b06002000
            10010b0800410123016d1a0b040010060b080041782802001a0b0300000b070003400c000b0b0c004101410241071100001a0b51
            01017f034020012001200028020010036a21012000410770450440200141056c210105200141097321010b200041016b22000d00
            0b0240024020010e020100010b41070f0b20014101200141e400481b0b400041102000420589370300200120014103763a000041
            1820002001ad863e02002001330100200042018480240020007923007b832000502000a768c071ac7c0b2900412020008c913802
            002001b0b92000430000c03f97bb20019920019c20014203bfa6fc021ba2a00b6200410841004108fc0b00410841104108fc0a00
            00410041004104fc080100fc0901410140001a410141004101fc0c0100fc0d01410241004101fc0e00004103d0704101fc110041
            03200026003f00fc100041032500d16a6a1ad20d4101fc0f001a0b0b0020000440200008000b0b1801016902081f400101000041
            01100f0b000b21001a20000b050010100a0b0b17020041e4000b0a736f6d6520627974657301046d6f726500ee01046e616d6500
            0a0972656865617273616c014f0a00076e6f7468696e67010574776963650205737461727403036164640604646565700b07636f
            6e74726f6c0c0a61726974686d657469630d06666c6f6174730f057468726f7710066361756768740221030b01010373756d0e01
            000866756e6374696f6e10010009657863657074696f6e031a020b0300046e6578740201610301621001000768616e646c657204
            070100047061697205080100057461626c6506090100066d656d6f7279070f020006676c6f62616c01047a65726f080a01010770
            617373697665090801010562797465730b06010003746167
            """;

    /** {@code rehearsal-imports.wat} of the tests. */
    static final String IMPORTING = """
            0061736d01000000010c0260027f7f017f60017f017f022d040172066d656d6f72790200010172057461626c6501700001017206
            676c6f62616c037e010172036164640000030201010404016f00020606016f01d06f0b070f0203616464000105616761696e0000
            0a0d010b002000410828020010000b0024046e616d65000a09696d706f7274696e6701060100036164640709010006676c6f6261
            6c
            """;

    /** {@code rehearsal-threads.wat} of the tests. */
    static final String THREADS = """
            0061736d0100000001060160017f017f03020100050401030101071402066d656d6f727902000761746f6d69637300000a57
            01550041004201fe180300410020004102fe4a00001a41082000fe1e02001a410841082000fe330200fe2502001afe030041
            0041074200fe010200411042004201fe0203006a4104fe10020041004101fe0002006a6a0b000f046e616d65000807746872
            65616473
            """;

    private static final Set<Feature> FEATURES = EnumSet.of(
            Feature.MUTABLE_GLOBALS, Feature.SIGN_EXTENSION, Feature.SATURATING_CONVERSION, Feature.MULTI_VALUE,
            Feature.REFERENCE_TYPES, Feature.BULK_MEMORY, Feature.EXTENDED_CONST, Feature.EXCEPTIONS, Feature.THREADS);
    private static final String[] TRAPPING = {"divide", "deep", "outside", "unreachable", "indirect"};
    private static final int STACK = 64 << 10;
    private static final int LOOKS = 20_000;
    private static final long LOOK = 50_000;
    private static final Duration TIMEOUT = Duration.ofMillis(1);
    private static final long FUEL = 100;

    /** {@code false} where nobody but one guest can fill the heap, and the time counts that it takes. */
    private static final String PROPERTY = "sallyport.rehearsal";

    private static final String SKIP = "false";

    private static volatile boolean done;

    private final EngineImpl engine;
    private final NativeMachinery machinery;
    private final Loader loader;
    private final Validator validator;
    private final CodeGenerator generator;

    /** What the module imports. */
    private static final class Host implements HostFunction {
        static final MethodHandle TWICE = twice();

        private static MethodHandle twice() {
            try {
                return MethodHandles.lookup().findStatic(Host.class, "twice", MethodType.methodType(int.class, int.class));
            } catch (ReflectiveOperationException e) {
                throw new AssertionError("BUG: twice", e);
            }
        }

        static int twice(int a) {
            return 2 * a;
        }

        @Override
        public Object[] call(Caller caller, Object[] args) {
            return new Object[0];
        }
    }

    Rehearsal(EngineImpl engine, Loader loader, Validator validator, CodeGenerator generator) {
        this.engine = engine;
        machinery = (NativeMachinery) engine.machinery();
        this.loader = loader;
        this.validator = validator;
        this.generator = generator;
    }

    /**
     * Unless it has been done, or code is not the machine's.
     *
     * @param engine that nobody else has yet; afterwards it is as before
     */
    public static void once(EngineImpl engine) {
        if (!(engine.machinery() instanceof NativeMachinery machinery) || done || SKIP.equals(System.getProperty(PROPERTY))) {
            return;
        }
        try {
            new Rehearsal(engine, engine.loader(), engine.validator(), machinery.generator()).run();
            done = true;
        } catch (SallyportException e) {
            // limits of this engine are too tight for it; perhaps the next one's are not
        }
        machinery.allocator().trim();
    }

    void run() {
        CompileOptions options = engine.config().compile();
        ValidModule valid = valid(MODULE);
        CompiledModule code = generator.compile(valid, options, CompileBudget.unlimited(), Compilers.HERE);
        use(NativeModule.make(machinery, "rehearsal", valid, code, null, new Compilers.Check(CompileBudget.unlimited())));
        if (engine.config().compilation() != Compilation.EAGER) {
            LazyCompiler compiler = generator.lazy(valid, options, CompileBudget.unlimited());
            Compilers.Check check = new Compilers.Check(CompileBudget.unlimited());
            use(NativeModule.make(machinery, "rehearsal", valid, null, compiler, check));
        }
    }

    static byte[] bytes(String hex) {
        StringBuilder digits = new StringBuilder(hex.length());
        for (int i = 0; i < hex.length(); i++) {
            if (hex.charAt(i) > ' ') {
                digits.append(hex.charAt(i));
            }
        }
        return HexFormat.of().parseHex(digits);
    }

    private NativeModule compile(String hex) {
        ValidModule valid = valid(hex);
        CompiledModule code =
                generator.compile(valid, engine.config().compile(), CompileBudget.unlimited(), Compilers.HERE);
        return NativeModule.make(
                machinery, "rehearsal", valid, code, null, new Compilers.Check(CompileBudget.unlimited()));
    }

    /** Memories, tables, globals and functions of other instances. */
    private void importFrom(Instance instance) {
        try (NativeModule module = compile(IMPORTING)) {
            engine.newLinker().define("r", instance).link(module).instantiate(instance.store());
        }
    }

    /** A memory that is shared with nobody, and waits that nobody ends. */
    private void share(Store store) {
        try (NativeModule module = compile(THREADS)) {
            Instance instance = engine.newLinker().link(module).instantiate(store);
            instance.func("atomics").call(1000);
            Memory memory = instance.memory("memory");
            memory.setIntVolatile(0, memory.getIntVolatile(0));
            memory.setLongVolatile(0, memory.getLongVolatile(0));
            memory.compareAndExchangeInt(0, memory.getAndAddInt(0, 1), 1);
            memory.compareAndExchangeLong(0, memory.getAndAddLong(0, 1), 1);
            memory.notify(0, 1);
            memory.waitOnInt(8, -1, Duration.ZERO);
            memory.waitOnLong(16, 0, Duration.ZERO);
            memory.shared().in(store);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private ValidModule valid(String hex) {
        CompileBudget budget = CompileBudget.unlimited();
        WasmModule wasm = loader.load(bytes(hex), FEATURES, LoadLimits.DEFAULT, budget);
        return validator.validate(wasm, FEATURES, LoadLimits.DEFAULT, budget, Compilers.HERE);
    }

    /** Closes the module in the end. */
    private void use(NativeModule module) {
        try (module; Store store = engine.newStore(StoreLimits.DEFAULT.withStackBytes(STACK))) {
            Instance instance = instantiate(module, store);
            call(instance);
            importFrom(instance);
            share(store);
            use(instance.memory("memory"));
            Table table = instance.table("table");
            table.set(1, table.get(0));
            table.grow(1, null);
            instance.global("global").set(instance.global("global").get());
            for (String function : TRAPPING) {
                trap(instance, function);
            }
            throwing(instance);
            if (engine.config().compile().fuel()) {
                runOut(instance);
            }
            stop(instance);
            stopByWatchdog(module);
        }
        closeLater();
    }

    private Instance instantiate(NativeModule module, Store store) {
        return engine.newLinker()
                .define("r", "nothing", FuncType.EMPTY, new Host())
                .define("r", "twice", Host.TWICE)
                .link(module)
                .instantiate(store);
    }

    /** By the keeper, as with a store that is in use when it is closed, or for whose end there is no memory. */
    private void closeLater() {
        StoreImpl store = (StoreImpl) engine.newStore(StoreLimits.DEFAULT.withStackBytes(STACK));
        engine.keeper().closeLater(store.execution());
        for (int i = 0; i < LOOKS && engine.stores().contains(store); i++) {
            LockSupport.parkNanos(LOOK);
        }
        store.close();
    }

    private static void call(Instance instance) {
        instance.func("add").call(1, 2);
        instance.func("host").call(1);
        instance.func("control").call(9);
        instance.func("bulk").call(instance.func("add"));
        try {
            int ignored = (int) instance.func("add").handle().invokeExact(1, 2);
        } catch (SallyportException e) { // the caller's deadline, say
            throw e;
        } catch (Throwable t) {
            throw new AssertionError("BUG: rehearsal", t);
        }
    }

    private static void use(Memory memory) {
        memory.setByte(0, memory.getByte(0));
        memory.setShort(0, memory.getShort(0));
        memory.setInt(0, memory.getInt(0));
        memory.setLong(0, memory.getLong(0));
        byte[] bytes = new byte[8];
        memory.read(0, bytes, 0, bytes.length);
        memory.write(0, bytes, 0, bytes.length);
        memory.segment();
        memory.grow(1);
    }

    private static void trap(Instance instance, String function) {
        try {
            instance.func(function).call();
            throw new AssertionError("BUG: no trap in rehearsal");
        } catch (TrapException e) {
            e.printStackTrace(new PrintWriter(new StringWriter()));
        }
    }

    private static void throwing(Instance instance) {
        Object caught = instance.func("caught").call()[0];
        if (!(caught instanceof ExceptionReference reference) || reference.exception().values().size() != 1) {
            throw new AssertionError("BUG: no exception in rehearsal");
        }
        try {
            instance.func("uncaught").call();
            throw new AssertionError("BUG: no exception in rehearsal");
        } catch (WasmException e) {
            e.printStackTrace(new PrintWriter(new StringWriter()));
        }
    }

    private static void runOut(Instance instance) {
        try {
            CallContext.withFuel(FUEL, new Late(instance));
            throw new AssertionError("BUG: rehearsal did not run out of fuel");
        } catch (OutOfFuelException e) {
            e.printStackTrace(new PrintWriter(new StringWriter()));
        }
    }

    /** The sentry is faster, where there is one; what the watchdog needs it must have, too, when there is no memory for it. */
    private void stopByWatchdog(NativeModule module) {
        try (Store store = engine.newStore(StoreLimits.DEFAULT.withStackBytes(STACK))) {
            machinery.withoutSentry((StoreImpl) store);
            stop(instantiate(module, store));
        }
    }

    /** What is needed for the first stop must be there when there is no memory for it. */
    private static void stop(Instance instance) {
        try {
            CallContext.withTimeout(TIMEOUT, new Late(instance));
            throw new AssertionError("BUG: rehearsal was not stopped");
        } catch (GuestInterruptedException e) {
            e.printStackTrace(new PrintWriter(new StringWriter()));
        }
    }

    private record Late(Instance instance) implements ScopedValue.CallableOp<Object[], RuntimeException> {
        @Override
        public Object[] call() {
            return instance.func("spin").call();
        }
    }
}
