package org.sallyport.codegen.x64;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.function.LongUnaryOperator;
import org.jspecify.annotations.Nullable;
import org.sallyport.CompileOptions;
import org.sallyport.LoadLimits;
import org.sallyport.TrapCode;
import org.sallyport.codegen.pipeline.IsaCodeGenerator;
import org.sallyport.spi.Builtin;
import org.sallyport.spi.CompiledModule;
import org.sallyport.spi.Loader;
import org.sallyport.spi.StoreContext;
import org.sallyport.spi.ValidModule;
import org.sallyport.spi.Validator;
import org.sallyport.spi.VmLayout;
import org.sallyport.text.Wat;
import org.sallyport.wasm.CodeReader;
import org.sallyport.wasm.ExternKind;
import org.sallyport.wasm.Feature;
import org.sallyport.wasm.FuncType;
import org.sallyport.wasm.WasmModule;

/**
 * The smallest runtime that can run a module of the back end: one instance with one memory, tables filled by the
 * active segments of
 * functions at constant offsets, in the contexts of docs/abi.md. Host functions and builtins are Java functions over
 * the argument block.
 */
final class Machine {
    /** The guest trapped. */
    static final class TrappedException extends RuntimeException {
        private static final long serialVersionUID = 1;
        final @Nullable TrapCode code;
        final int position;

        TrappedException(@Nullable TrapCode code, int position) {
            super(String.valueOf(code), null, false, false);
            this.code = code;
            this.position = position;
        }
    }

    /** A function of the host: reads arguments from and writes results to 16-byte slots. */
    interface Host {
        void call(MemorySegment slots);
    }

    private static final Loader LOADER = first(Loader.class);
    private static final Validator VALIDATOR = first(Validator.class);
    private static final long MEMORY_RESERVED = (8L << 30) + (64 << 10);
    private static final int STACK_BYTES = 1 << 20;
    static final int PAGE = 65536;

    private static final MemorySegment memory = Native.map(MEMORY_RESERVED, Native.NONE);
    private static long committed;

    final ValidModule module;
    final CompiledModule code;
    final MemorySegment store = Native.newStore();
    private final long codeAddress;
    private final MemorySegment vmctx;
    private final MemorySegment stack = Native.map(STACK_BYTES, Native.READ_WRITE);
    private final Map<FuncType, Long> entries = new HashMap<>();
    private final Host[] hosts;
    private final Map<Builtin, Host> builtins = new HashMap<>();

    private static <T> T first(Class<T> type) {
        return ServiceLoader.load(type).findFirst().orElseThrow();
    }

    static ValidModule validate(String wat) {
        return validate(Wat.compile(wat));
    }

    static ValidModule validate(byte[] binary) {
        Set<Feature> features = EnumSet.allOf(Feature.class);
        WasmModule decoded = LOADER.load(binary, features, LoadLimits.DEFAULT);
        return VALIDATOR.validate(decoded, features);
    }

    Machine(String wat, Host... hosts) {
        this(validate(wat), CpuFeatures.detect(), CompileOptions.DEFAULT.withVerify(true), hosts);
    }

    Machine(ValidModule module, CpuFeatures cpu, CompileOptions options, Host... hosts) {
        this(module, new IsaCodeGenerator(new X64(cpu)).compile(module, options, Runnable::run), hosts);
    }

    Machine(ValidModule module, CompiledModule code, Host... hosts) {
        this.module = module;
        this.hosts = hosts;
        this.code = code;
        codeAddress = Native.publish(code.code());
        VmLayout layout = new VmLayout(module.module(), module.escapingFunctions());
        vmctx = context(layout.size());
        bindImports(layout);
        fillTables(layout);
        if (module.spaces().memoryCount() > 0) {
            long bytes = module.spaces().memory(0).limits().min() * PAGE;
            commit(bytes);
            MemorySegment definition = allocate(VmLayout.MEMORY_DEF_SIZE);
            definition.set(JAVA_LONG, VmLayout.MEMORY_DEF_LENGTH, bytes);
            vmctx.set(JAVA_LONG, layout.memoryBase(0), memory.address());
            vmctx.set(JAVA_LONG, layout.memoryDef(0), definition.address());
        }
    }

    /** Keeps what only native code points to. */
    private final List<MemorySegment> keep = new ArrayList<>();

    private MemorySegment allocate(long bytes) {
        MemorySegment segment = Arena.ofAuto().allocate(bytes, 16);
        keep.add(segment);
        return segment;
    }

    private void fillTables(VmLayout layout) {
        for (int i = 0; i < module.module().types().size(); i++) {
            vmctx.set(JAVA_INT, layout.typeId(i), module.canonicalType(i));
        }
        for (int i = 0; i < layout.funcRefCount(); i++) {
            int function = layout.funcRefFunction(i);
            long at = layout.funcRef(function);
            int start = code.functionStart(function - module.spaces().importedFuncs());
            vmctx.set(JAVA_LONG, at + VmLayout.FUNCREF_CODE, codeAddress + start);
            vmctx.set(JAVA_LONG, at + VmLayout.FUNCREF_VMCTX, vmctx.address());
            vmctx.set(JAVA_INT, at + VmLayout.FUNCREF_TYPE,
                    module.canonicalType(module.spaces().funcTypeIndex(function)));
        }
        MemorySegment[] tables = new MemorySegment[module.spaces().tableCount()];
        for (int i = 0; i < tables.length; i++) {
            long length = module.spaces().table(i).limits().min();
            tables[i] = allocate(Math.max(8, 8 * length));
            MemorySegment definition = allocate(VmLayout.TABLE_DEF_SIZE);
            definition.set(JAVA_LONG, VmLayout.TABLE_DEF_BASE, tables[i].address());
            definition.set(JAVA_LONG, VmLayout.TABLE_DEF_LENGTH, length);
            vmctx.set(JAVA_LONG, layout.table(i), definition.address());
        }
        for (WasmModule.ElementSegment segment : module.module().elements()) {
            if (segment.mode() instanceof WasmModule.Mode.Active active) {
                var reader = new CodeReader(module.module().binary(), active.offset().start(), active.offset().end());
                reader.next();
                for (int i = 0; i < segment.funcs().length; i++) {
                    long reference = vmctx.address() + layout.funcRef(segment.funcs()[i]);
                    tables[active.index()].setAtIndex(JAVA_LONG, reader.bits() + i, reference);
                }
            }
        }
    }

    private final MemorySegment[] hostContexts = new MemorySegment[16];

    private MemorySegment context(int size) {
        MemorySegment context = Arena.ofAuto().allocate(size, 16);
        context.set(JAVA_LONG, VmLayout.STORE, store.address());
        context.set(JAVA_LONG, VmLayout.STACK_LIMIT, stack.address() + (128 << 10));
        return context;
    }

    private void bindImports(VmLayout layout) {
        for (int i = 0; i < module.spaces().importedFuncs(); i++) {
            MemorySegment context = context(VmLayout.HOST_CONTEXT_SIZE);
            context.set(JAVA_INT, VmLayout.HOST_FUNCTION, i + 1);
            hostContexts[i] = context;
            vmctx.set(JAVA_LONG, layout.importCode(i), Native.publish(Trampolines.host(module.spaces().funcType(i))));
            vmctx.set(JAVA_LONG, layout.importVmctx(i), context.address());
        }
    }

    /** The pages of all machines' one memory: exactly this many bytes are there, all zero. */
    private static void commit(long bytes) {
        Native.protect(memory.address(), Math.max(committed, bytes), Native.READ_WRITE);
        memory.asSlice(0, Math.max(committed, bytes)).fill((byte) 0);
        if (bytes < committed) {
            Native.protect(memory.address() + bytes, committed - bytes, Native.NONE);
        }
        committed = bytes;
    }

    /** The bytes of the memory that are there. */
    MemorySegment memory() {
        return memory.asSlice(0, committed);
    }

    MemorySegment vmctx() {
        return vmctx;
    }

    Machine with(Builtin builtin, Host implementation) {
        builtins.put(builtin, implementation);
        store.set(JAVA_LONG, StoreContext.BUILTINS + 8L * builtin.ordinal(),
                Native.publish(Trampolines.builtin(builtin)));
        return this;
    }

    // ---- fuel, of code that counts

    Machine withFuel(long units) {
        store.set(JAVA_LONG, StoreContext.FUEL, units);
        return this;
    }

    long fuel() {
        return store.get(JAVA_LONG, StoreContext.FUEL);
    }

    // ---- calls

    /** Calls an export; arguments and results are raw bits, 32-bit ones in the low half. */
    long[] call(String export, long... arguments) {
        int function = module.module().exports().stream()
                .filter(e -> e.kind() == ExternKind.FUNC && e.name().equals(export))
                .findFirst()
                .orElseThrow()
                .index();
        return call(function, arguments);
    }

    /** The only result of an export. */
    long value(String export, long... arguments) {
        return call(export, arguments)[0];
    }

    long[] call(int function, long... arguments) {
        FuncType type = module.spaces().funcType(function);
        int slots = Math.max(type.params().size(), type.results().size());
        long top = store.get(JAVA_LONG, StoreContext.GUEST_SP);
        top = top == 0 ? stack.address() + STACK_BYTES - 64 : top;
        long block = top - (8 + 16L * slots + 15 & -16);
        MemorySegment a = MemorySegment.ofAddress(block).reinterpret(top - block);
        a.fill((byte) 0xA5); // nothing may rely on what is in the slots besides the arguments
        a.set(JAVA_LONG, 0, codeAddress + code.functionStart(function - module.spaces().importedFuncs()));
        for (int i = 0; i < arguments.length; i++) {
            a.set(JAVA_LONG, 8 + 16L * i, arguments[i]);
        }
        store.set(JAVA_LONG, StoreContext.GUEST_SP, block);
        store.set(JAVA_LONG, StoreContext.VMCTX, vmctx.address());
        store.set(JAVA_LONG, StoreContext.RESUME_PC, entry(type));
        try {
            run(block);
            long[] results = new long[type.results().size()];
            for (int i = 0; i < results.length; i++) {
                results[i] = a.get(JAVA_LONG, 8 + 16L * i);
            }
            return results;
        } finally {
            store.set(JAVA_LONG, StoreContext.GUEST_SP, top);
        }
    }

    private long entry(FuncType type) {
        return entries.computeIfAbsent(type, t -> Native.publish(Trampolines.entry(t)));
    }

    private void run(long block) {
        while (true) {
            int reason = Native.enter(store);
            if (store.get(JAVA_LONG, StoreContext.THREAD) != 0) {
                throw new AssertionError("the exit left the thread");
            }
            switch (reason) {
                case Abi.DONE -> {
                    if (store.get(JAVA_LONG, StoreContext.GUEST_SP) != block) {
                        throw new AssertionError("the guest stack is not balanced");
                    }
                    return;
                }
                case Abi.HOST_CALL -> exit(hosts[store.get(JAVA_INT, StoreContext.EXIT_ID) - 1]);
                case Abi.BUILTIN -> exit(builtins.get(Builtin.values()[store.get(JAVA_INT, StoreContext.EXIT_ID)]));
                default -> throw trap();
            }
        }
    }

    /** Runs host code, which may call the guest again, and puts back what re-entry needs. */
    private void exit(Host host) {
        long sp = store.get(JAVA_LONG, StoreContext.GUEST_SP);
        long resume = store.get(JAVA_LONG, StoreContext.RESUME_PC);
        long context = store.get(JAVA_LONG, StoreContext.EXIT_VMCTX);
        long slots = store.get(JAVA_LONG, StoreContext.EXIT_ARGS);
        host.call(MemorySegment.ofAddress(slots).reinterpret(stack.address() + STACK_BYTES - slots));
        store.set(JAVA_LONG, StoreContext.GUEST_SP, sp);
        store.set(JAVA_LONG, StoreContext.RESUME_PC, resume);
        store.set(JAVA_LONG, StoreContext.VMCTX, context);
    }

    private TrappedException trap() {
        int offset = (int) (store.get(JAVA_LONG, StoreContext.TRAP_PC) - codeAddress);
        return new TrappedException(code.trapAt(offset), code.positionAt(offset));
    }

    /** The trap of a call, or null if there is none. */
    @Nullable TrapCode trapOf(String export, long... arguments) {
        try {
            call(export, arguments);
            return null;
        } catch (TrappedException e) {
            if (e.code == null) {
                throw new AssertionError("a trap that the side table does not know", e);
            }
            return e.code;
        }
    }

    /**
     * Return addresses from the innermost frame out, as offsets into the code; the frame with 0 is the entry
     * trampoline's.
     */
    List<Integer> frames() {
        List<Integer> offsets = new ArrayList<>();
        LongUnaryOperator word = at -> MemorySegment.ofAddress(at).reinterpret(8).get(JAVA_LONG, 0);
        for (long fp = store.get(JAVA_LONG,
                StoreContext.EXIT_FP); word.applyAsLong(fp) != 0; fp = word.applyAsLong(fp)) {
            offsets.add((int) (word.applyAsLong(fp + 8) - codeAddress));
        }
        return offsets;
    }

    byte[] bytes(long at, int count) {
        return memory().asSlice(at, count).toArray(JAVA_BYTE);
    }
}
