package org.sallyport.codegen.aarch64;

import static org.sallyport.codegen.aarch64.Reg.*;

import org.sallyport.codegen.aarch64.IntegerAssembler.Alu;
import org.sallyport.codegen.aarch64.IntegerAssembler.Extend;
import org.sallyport.codegen.aarch64.IntegerAssembler.Multiply;
import org.sallyport.codegen.aarch64.MemoryAssembler.Moved;
import org.sallyport.spi.LinuxCall;
import org.sallyport.spi.SentryBlock;
import org.sallyport.spi.StoreContext;
import org.sallyport.spi.VmLayout;

/**
 * The ways into and out of the guest that exist once per process: enter, exit, landing, signal handler (docs/abi.md).
 *
 * <p>The host's registers that a callee must keep lie in a frame of its stack (AAPCS64, 6.1): x19 to x30, the lower halves
 * of v8 to v15.
 */
final class Stubs {
    private static final int HOST_FRAME = 160;
    private static final int HOST_VECTORS = 96;

    // siginfo_t and ucontext_t of Linux for AArch64
    private static final int SI_ADDR = 16;
    private static final int UC_X0 = 184;
    private static final int UC_VMCTX = UC_X0 + 8 * Abi.VMCTX;
    private static final int UC_FP = UC_X0 + 8 * FP;
    private static final int UC_LR = UC_X0 + 8 * LR;
    private static final int UC_SP = UC_X0 + 8 * 31;
    private static final int UC_PC = UC_SP + 8;

    private static final int CLOCK_MONOTONIC = 1;
    private static final int SECOND = 1_000_000_000;

    // the two words of the code region
    private static final int RANGE_START = 0;
    private static final int RANGE_SIZE = 8;

    private Stubs() {}

    /**
     * {@code int enter(StoreContext*)}. Who enters after the sentry has found his deadline passed returns at once: either he sees
     * that, or the sentry sees his number, since a barrier is between what it writes and what it reads.
     */
    static byte[] enter() {
        var asm = new Assembler();
        int late = asm.newLabel();
        asm.aluImm(Alu.SUB, true, SP, SP, HOST_FRAME);
        for (int i = 0; i < 6; i++) {
            asm.stp(X19 + 2 * i, X20 + 2 * i, SP, 16 * i);
        }
        for (int i = 0; i < 4; i++) {
            asm.stpDouble(8 + 2 * i, 9 + 2 * i, SP, HOST_VECTORS + 16 * i);
        }
        asm.aluImm(Alu.ADD, true, X9, SP, 0);
        asm.str(X9, X0, StoreContext.HOST_SP);
        asm.mrsThread(X10);
        asm.ldr(X11, X0, StoreContext.THREAD_POINTER);
        asm.alu(Alu.SUB, true, X10, X10, X11);
        asm.str(X10, X0, StoreContext.THREAD);
        asm.ldr(X11, X0, StoreContext.THREAD_NUMBER);
        asm.movedIndexed(Moved.LDRW, X12, X10, X11, 0);
        asm.ldr(X13, X0, StoreContext.RECORD);
        asm.strw(X12, X13, SentryBlock.THREAD);
        asm.ldr(Abi.FUEL, X0, StoreContext.FUEL);
        asm.ldr(X10, X13, SentryBlock.EXPIRED);
        asm.ldr(X11, X13, SentryBlock.DEADLINE);
        asm.cmp(true, X10, X11);
        asm.bCond(Cond.EQ, late);
        asm.ldr(X9, X0, StoreContext.GUEST_SP);
        asm.aluImm(Alu.ADD, true, SP, X9, 0);
        asm.ldr(Abi.VMCTX, X0, StoreContext.VMCTX);
        asm.ldr(Abi.MEMORY0, Abi.VMCTX, VmLayout.MEMORY0_BASE);
        asm.ldr(X16, X0, StoreContext.RESUME_PC);
        asm.br(X16);
        asm.bind(late);
        asm.mov(true, X9, X0);
        asm.movImm(X0, Abi.LATE);
        returnToHost(asm);
        return asm.finish();
    }

    /** Jumped to with the resume address in {@code x16} and the reason in {@code w0}. */
    static byte[] exit() {
        var asm = new Assembler();
        asm.ldr(X9, Abi.VMCTX, VmLayout.STORE);
        asm.aluImm(Alu.ADD, true, X10, SP, 0);
        asm.str(X10, X9, StoreContext.GUEST_SP);
        asm.str(X16, X9, StoreContext.RESUME_PC);
        asm.str(FP, X9, StoreContext.EXIT_FP);
        asm.str(Abi.VMCTX, X9, StoreContext.EXIT_VMCTX);
        returnToHost(asm);
        return asm.finish();
    }

    /** Where the signal handler sends a guest that trapped or was interrupted. */
    static byte[] landing() {
        var asm = new Assembler();
        asm.ldr(X9, Abi.VMCTX, VmLayout.STORE);
        asm.movImm(X0, Abi.TRAP);
        returnToHost(asm);
        return asm.finish();
    }

    /** Goes on in a handler, with the frame pointer and the address that the runtime has put on the guest stack. */
    static byte[] handle() {
        var asm = new Assembler();
        asm.ldpPost(FP, X16, SP, 16);
        asm.br(X16);
        return asm.finish();
    }

    /** The thread pointer, {@code long f(long)}. */
    static byte[] threadPointer() {
        var asm = new Assembler();
        asm.mrsThread(X0);
        asm.ret();
        return asm.finish();
    }

    /**
     * With the store context in {@code x9} and the reason in {@code w0}. In engines that do not count, what is kept as the
     * fuel is some value of the guest's, which nobody reads.
     */
    private static void returnToHost(Assembler asm) {
        asm.str(Abi.FUEL, X9, StoreContext.FUEL);
        asm.ldr(X10, X9, StoreContext.RECORD);
        asm.strw(ZR, X10, SentryBlock.THREAD);
        asm.str(ZR, X9, StoreContext.THREAD);
        asm.ldr(X10, X9, StoreContext.HOST_SP);
        asm.aluImm(Alu.ADD, true, SP, X10, 0);
        for (int i = 0; i < 6; i++) {
            asm.ldp(X19 + 2 * i, X20 + 2 * i, SP, 16 * i);
        }
        for (int i = 0; i < 4; i++) {
            asm.ldpDouble(8 + 2 * i, 9 + 2 * i, SP, HOST_VECTORS + 16 * i);
        }
        asm.aluImm(Alu.ADD, true, SP, SP, HOST_FRAME);
        asm.ret();
    }

    /**
     * {@code void handler(int, siginfo_t*, ucontext_t*)}. Outside of the code region: the interruption signal is ignored,
     * any other goes to the previous handler by a jump, with arguments, stack and link register as they came. Inside, the
     * interruption signal ends a guest that is asked to stop, or whose deadline in force the sentry has found passed; else
     * it changes nothing.
     */
    static byte[] signalHandler(long range, long landing, long previous, int interruptSignal) {
        var asm = new Assembler();
        int outside = asm.newLabel();
        int redirect = asm.newLabel();
        int interrupted = asm.newLabel();
        int ignore = asm.newLabel();
        asm.ldr(X9, X2, UC_PC);
        asm.movImm(X10, range);
        asm.aluImm(Alu.ADD, true, X11, X10, RANGE_SIZE);
        asm.ldar(3, X11, X11); // first: who opens the range writes it last
        asm.ldr(X12, X10, RANGE_START);
        asm.alu(Alu.SUB, true, X12, X9, X12);
        asm.cmp(true, X12, X11);
        asm.bCond(Cond.HS, outside);
        asm.ldr(X12, X2, UC_VMCTX);
        asm.ldr(X13, X12, VmLayout.STORE);
        asm.cmpImm(false, X0, interruptSignal);
        asm.bCond(Cond.NE, redirect);
        asm.ldr(X14, X13, StoreContext.INTERRUPT);
        asm.cbnz(true, X14, interrupted);
        asm.ldr(X14, X13, StoreContext.RECORD);
        asm.ldr(X15, X14, SentryBlock.EXPIRED);
        asm.ldr(X16, X14, SentryBlock.DEADLINE);
        asm.cmp(true, X15, X16);
        asm.bCond(Cond.NE, ignore);
        asm.bind(interrupted);
        noteTime(asm);
        asm.bind(redirect);
        asm.str(X9, X13, StoreContext.TRAP_PC);
        asm.str(X12, X13, StoreContext.EXIT_VMCTX);
        keep(asm, UC_FP, StoreContext.EXIT_FP);
        keep(asm, UC_SP, StoreContext.GUEST_SP);
        keep(asm, UC_LR, StoreContext.TRAP_LINK);
        asm.ldr(X10, X1, SI_ADDR);
        asm.str(X10, X13, StoreContext.TRAP_ADDRESS);
        asm.mov(false, X10, X0); // zero-extends
        asm.str(X10, X13, StoreContext.TRAP_SIGNAL);
        asm.movImm(X10, landing);
        asm.str(X10, X2, UC_PC);
        asm.bind(ignore);
        asm.ret();
        asm.bind(outside);
        asm.movImm(X10, previous);
        asm.movedIndexed(Moved.LDRX, X16, X10, X0, 3, Extend.UXTW);
        asm.cbz(true, X16, ignore);
        asm.br(X16);
        return asm.finish();
    }

    private static void keep(Assembler asm, int from, int to) {
        asm.ldr(X10, X2, from);
        asm.str(X10, X13, to);
    }

    /** Of the interruption, in the store context that is in x13. */
    private static void noteTime(Assembler asm) {
        asm.mov(true, X14, X0);
        asm.mov(true, X15, X1);
        asm.aluImm(Alu.SUB, true, SP, SP, 16);
        asm.movImm(X0, CLOCK_MONOTONIC);
        asm.aluImm(Alu.ADD, true, X1, SP, 0);
        asm.movImm(X8, LinuxCall.CLOCK_GETTIME.aarch64());
        asm.svc();
        asm.ldp(X10, X11, SP, 0);
        asm.aluImm(Alu.ADD, true, SP, SP, 16);
        asm.movImm(X16, SECOND);
        asm.multiply(Multiply.MADD, true, X10, X10, X16, X11);
        asm.str(X10, X13, StoreContext.INTERRUPTED_AT);
        asm.mov(true, X0, X14);
        asm.mov(true, X1, X15);
    }
}
