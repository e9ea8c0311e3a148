package org.sallyport.codegen.x64;

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

/** x86-64 under Linux. */
public final class X64 implements Isa {
    public static final String TARGET = "x86_64-linux";
    /** Counts changes of emitted code; {@code EmittedCodeTest} holds whoever makes one to it. */
    static final int VERSION = 12;

    private static final Branches BRANCHES = new Calls();
    private static final LazyStubs LAZY_STUBS = new org.sallyport.codegen.x64.LazyStubs();

    private final CpuFeatures cpu;

    /** @param cpu extensions to use; the machine that runs the code must have them */
    public X64(CpuFeatures cpu) {
        this.cpu = cpu;
    }

    /** With all that this machine has. */
    public static X64 ofThisMachine() {
        return new X64(CpuFeatures.detect());
    }

    @Override
    public String target() {
        return TARGET;
    }

    @Override
    public String fingerprint() {
        return "sallyport-x64-" + VERSION + " " + cpu;
    }

    @Override
    public boolean isUsable() {
        return System.getProperty("os.name").toLowerCase(Locale.ROOT).contains("linux")
                && System.getProperty("os.arch").equals("amd64")
                && CpuFeatures.hasBaseline();
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
        return MemoryHelpers.emit(module.vmLayout(), cpu, target);
    }

    @Override
    public LirVerifier.Rules rules(ModuleCode module, Lir lir) {
        return new LirRules(lir, cpu, module);
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

    /** A relocation is the displacement of a CALL, which counts from the end of the instruction. */
    private static final class Calls implements Branches {
        private static final int ALIGNMENT = 4;
        private static final byte INT3 = (byte) 0xCC;
        private static final int FIELD = 4;

        @Override
        public int alignment() {
            return ALIGNMENT;
        }

        @Override
        public void fill(byte[] code, int from, int to) {
            Arrays.fill(code, from, to, INT3);
        }

        @Override
        public long reach() {
            return 2L << 30; // between the ends of two pieces it is less than 2^31 - FIELD
        }

        @Override
        public void complete(byte[] code, int at, long distance) {
            CodeBuffer.put32(code, at, (int) (distance - FIELD));
        }
    }

    /** Functions and trampolines begin with {@code push rbp} (1 byte), {@code mov rbp, rsp}. */
    @Override
    public int returnAddress(int into) {
        return switch (into) {
            case 0 -> 0;
            case 1 -> 8;
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
    public byte[] signalHandler(long range, long landing, long previous, int interruptSignal) {
        return Stubs.signalHandler(range, landing, previous, interruptSignal);
    }

    @Override
    public byte[] sentry() {
        return Sentry.emit();
    }

    @Override
    public boolean isReturn(byte[] code, int at) {
        int opcode = code[at] & 0xFF;
        return opcode == 0xC3 || opcode == 0xC2; // ret, ret imm16
    }

    @Override
    public boolean takesSamples() {
        return true;
    }
}
