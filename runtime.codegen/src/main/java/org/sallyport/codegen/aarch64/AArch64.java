package org.sallyport.codegen.aarch64;

import java.util.Arrays;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.sallyport.codegen.ir.Graph;
import org.sallyport.codegen.lir.Lir;
import org.sallyport.codegen.lir.LirVerifier;
import org.sallyport.codegen.meter.Meter;
import org.sallyport.codegen.pipeline.CallConvention;
import org.sallyport.codegen.pipeline.Isa;
import org.sallyport.codegen.pipeline.ModuleCode;
import org.sallyport.codegen.regalloc.Allocation;
import org.sallyport.codegen.regalloc.Registers;
import org.sallyport.spi.Builtin;
import org.sallyport.wasm.FuncType;

/** AArch64 under Linux. */
public final class AArch64 implements Isa {
    public static final String TARGET = "aarch64-linux";
    /** System property without which this machine is not chosen, as long as it is on trial: {@code true}. */
    public static final String TRIAL = "sallyport.aarch64.native";
    /** Counts changes of emitted code. */
    static final int VERSION = 2;

    private static final Branches BRANCHES = new Calls();
    private static final LazyStubs LAZY_STUBS = new org.sallyport.codegen.aarch64.LazyStubs();

    private final CpuFeatures cpu;

    /** @param cpu extensions to use; the machine that runs the code must have them */
    public AArch64(CpuFeatures cpu) {
        this.cpu = cpu;
    }

    /** With all that this machine has. */
    public static AArch64 ofThisMachine() {
        return new AArch64(CpuFeatures.detect());
    }

    @Override
    public String target() {
        return TARGET;
    }

    @Override
    public String fingerprint() {
        return "sallyport-aarch64-" + VERSION + " " + cpu;
    }

    @Override
    public boolean isUsable() {
        return System.getProperty("os.name").toLowerCase(Locale.ROOT).contains("linux")
                && System.getProperty("os.arch").equals("aarch64")
                && Boolean.getBoolean(TRIAL);
    }

    @Override
    public Registers registers(ModuleCode module) {
        return module.countsFuel() ? Abi.REGISTERS_WITH_FUEL : Abi.REGISTERS;
    }

    @Override
    public CallConvention convention() {
        return Abi.CONVENTION;
    }

    @Override
    public Lowering lowering(ModuleCode module, Graph graph, Lir lir) {
        return new Lower(graph, lir, cpu, module);
    }

    @Override
    public Emitter emitter(ModuleCode module, Lir lir, Meter meter) {
        return new Emit(lir, cpu, module, meter);
    }

    @Override
    public byte[] helper(ModuleCode module, int target) {
        return MemoryHelpers.emit(module.vmLayout(), target);
    }

    @Override
    public LirVerifier.Rules rules(ModuleCode module, Lir lir) {
        return new LirRules(lir);
    }

    @Override
    public String print(Lir lir, @Nullable Allocation allocation) {
        return LirPrinter.print(lir, allocation);
    }

    @Override
    public Branches branches() {
        return BRANCHES;
    }

    @Override
    public LazyStubs lazyStubs() {
        return LAZY_STUBS;
    }

    /** A relocation is a B or BL, whose distance counts from itself. */
    private static final class Calls implements Branches {
        private static final int ALIGNMENT = 4;

        @Override
        public int alignment() {
            return ALIGNMENT;
        }

        /** Zeros are UDF. */
        @Override
        public void fill(byte[] code, int from, int to) {
            Arrays.fill(code, from, to, (byte) 0);
        }

        @Override
        public long reach() {
            return 128L << 20;
        }

        @Override
        public void complete(byte[] code, int at, long distance) {
            int instruction = CodeBuffer.get32(code, at) & 0xFC000000;
            CodeBuffer.put32(code, at, instruction | (int) (distance >> 2) & 0x3FFFFFF);
        }
    }

    /** Functions and trampolines begin with {@code stp fp, lr, [sp, -16]!}, {@code mov fp, sp}. */
    @Override
    public int returnAddress(int into) {
        return switch (into) {
            case 0 -> IN_LINK_REGISTER;
            case 4 -> 8;
            default -> -1;
        };
    }

    @Override
    public byte[] entryTrampoline(FuncType type) {
        return Trampolines.entry(type);
    }

    @Override
    public byte[] hostTrampoline(FuncType type) {
        return Trampolines.host(type);
    }

    @Override
    public int savedContext() {
        return Abi.SAVED_VMCTX;
    }

    @Override
    public byte[] builtinTrampoline(Builtin builtin) {
        return builtin == Builtin.HANDLE ? Stubs.handle() : Trampolines.builtin(builtin);
    }

    @Override
    public byte[] enterStub() {
        return Stubs.enter();
    }

    @Override
    public byte[] exitStub() {
        return Stubs.exit();
    }

    @Override
    public byte[] landingStub() {
        return Stubs.landing();
    }

    @Override
    public byte[] threadPointer() {
        return Stubs.threadPointer();
    }

    @Override
    public byte[] signalHandler(long range, long landing, long previous, int interruptSignal) {
        return Stubs.signalHandler(range, landing, previous, interruptSignal);
    }
}
