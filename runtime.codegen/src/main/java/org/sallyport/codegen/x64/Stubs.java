package org.sallyport.codegen.x64;

import static org.sallyport.codegen.x64.Reg.*;
import static org.sallyport.codegen.x64.Width.DWORD;
import static org.sallyport.codegen.x64.Width.QWORD;

import org.sallyport.codegen.x64.IntegerAssembler.Alu;
import org.sallyport.spi.LinuxCall;
import org.sallyport.spi.SampleBlock;
import org.sallyport.spi.SentryBlock;
import org.sallyport.spi.StoreContext;
import org.sallyport.spi.VmLayout;

/**
 * The ways into and out of the guest that exist once per process: enter, exit, landing, signal handler (docs/abi.md).
 */
final class Stubs {
    private static final int[] CALLEE_SAVED = {RBP, RBX, R12, R13, R14, R15};

    /** pthread_self in the thread control block that FS points to (x86-64 psABI, thread-local storage). */
    private static final int FS_SELF = 16;

    // siginfo_t and ucontext_t of Linux x86-64
    private static final int SI_ADDR = 16;
    private static final int UC_R15 = 96;
    private static final int UC_RBP = 120;
    private static final int UC_RSP = 160;
    private static final int UC_RIP = 168;

    private static final int CLOCK_MONOTONIC = 1;
    private static final int SECOND = 1_000_000_000;

    // the two words of the code region
    private static final int RANGE_START = 0;
    private static final int RANGE_SIZE = 8;

    private Stubs() {}

    /**
     * {@code int enter(StoreContext*)}. Who enters after the sentry has found his deadline passed returns at once: either he
     * sees that, or the sentry sees his number, since a barrier is between what it writes and what it reads.
     */
    static byte[] enter() {
        var asm = new Assembler();
        int late = asm.newLabel();
        for (int register : CALLEE_SAVED) {
            asm.push(register);
        }
        asm.mov(QWORD, Mem.at(RDI, StoreContext.HOST_SP), RSP);
        asm.movFs(RAX, FS_SELF);
        asm.mov(QWORD, Mem.at(RDI, StoreContext.THREAD), RAX);
        asm.mov(QWORD, RCX, Mem.at(RDI, StoreContext.THREAD_NUMBER));
        asm.movFsAt(RAX, RCX);
        asm.mov(QWORD, RCX, Mem.at(RDI, StoreContext.RECORD));
        asm.mov(DWORD, Mem.at(RCX, SentryBlock.THREAD), RAX);
        asm.mov(QWORD, Abi.FUEL, Mem.at(RDI, StoreContext.FUEL));
        asm.mov(QWORD, RAX, Mem.at(RCX, SentryBlock.EXPIRED));
        asm.alu(Alu.CMP, QWORD, RAX, Mem.at(RCX, SentryBlock.DEADLINE));
        asm.jcc(Cond.E, late);
        asm.mov(QWORD, RSP, Mem.at(RDI, StoreContext.GUEST_SP));
        asm.mov(QWORD, Abi.VMCTX, Mem.at(RDI, StoreContext.VMCTX));
        asm.mov(QWORD, Abi.MEMORY0, Mem.at(Abi.VMCTX, VmLayout.MEMORY0_BASE));
        asm.jmp(Mem.at(RDI, StoreContext.RESUME_PC));
        asm.bind(late);
        asm.mov(QWORD, RCX, RDI);
        asm.movImm(RAX, Abi.LATE);
        returnToHost(asm);
        return asm.finish();
    }

    /** Jumped to with the resume address in {@code r11} and the reason in {@code eax}. */
    static byte[] exit() {
        var asm = new Assembler();
        asm.mov(QWORD, RCX, Mem.at(Abi.VMCTX, VmLayout.STORE));
        asm.mov(QWORD, Mem.at(RCX, StoreContext.GUEST_SP), RSP);
        asm.mov(QWORD, Mem.at(RCX, StoreContext.RESUME_PC), R11);
        asm.mov(QWORD, Mem.at(RCX, StoreContext.EXIT_FP), RBP);
        asm.mov(QWORD, Mem.at(RCX, StoreContext.EXIT_VMCTX), Abi.VMCTX);
        returnToHost(asm);
        return asm.finish();
    }

    /** Where the signal handler sends a guest that trapped or was interrupted. */
    static byte[] landing() {
        var asm = new Assembler();
        asm.cld();
        asm.mov(QWORD, RCX, Mem.at(Abi.VMCTX, VmLayout.STORE));
        asm.movImm(RAX, Abi.TRAP);
        returnToHost(asm);
        return asm.finish();
    }

    /** Goes on in a handler, with the frame pointer and the address that the runtime has put on the guest stack. */
    static byte[] handle() {
        var asm = new Assembler();
        asm.pop(RBP);
        asm.pop(R11);
        asm.jmpReg(R11);
        return asm.finish();
    }

    /**
     * With the store context in {@code rcx} and the reason in {@code eax}. In engines that do not count, what is kept as
     * the fuel is some value of the guest's, which nobody reads.
     */
    private static void returnToHost(Assembler asm) {
        asm.mov(QWORD, Mem.at(RCX, StoreContext.FUEL), Abi.FUEL);
        asm.mov(QWORD, RDX, Mem.at(RCX, StoreContext.RECORD));
        asm.movImm(DWORD, Mem.at(RDX, SentryBlock.THREAD), 0);
        asm.movImm(QWORD, Mem.at(RCX, StoreContext.THREAD), 0);
        asm.mov(QWORD, RSP, Mem.at(RCX, StoreContext.HOST_SP));
        for (int i = CALLEE_SAVED.length; i-- > 0; ) {
            asm.pop(CALLEE_SAVED[i]);
        }
        asm.ret();
    }

    /**
     * {@code void handler(int, siginfo_t*, ucontext_t*)}. Outside of the code region: the interruption signal is ignored,
     * any other goes to the previous handler by a jump, with arguments and stack as they came. Inside, the interruption signal
     * ends a guest that is asked to stop, or whose deadline in force the sentry has found passed; else it changes nothing of the
     * guest. Before, it notes where the guest is if the store has a place for that.
     */
    static byte[] signalHandler(long range, long landing, long previous, int interruptSignal) {
        var asm = new Assembler();
        int outside = asm.newLabel();
        int redirect = asm.newLabel();
        int interrupted = asm.newLabel();
        int ignore = asm.newLabel();
        int unsampled = asm.newLabel();
        asm.mov(QWORD, RAX, Mem.at(RDX, UC_RIP));
        asm.movImm(RCX, range);
        asm.mov(QWORD, R8, Mem.at(RCX, RANGE_SIZE)); // first: who opens the range writes it last
        asm.mov(QWORD, R9, RAX);
        asm.alu(Alu.SUB, QWORD, R9, Mem.at(RCX, RANGE_START));
        asm.alu(Alu.CMP, QWORD, R9, R8);
        asm.jcc(Cond.AE, outside);

        asm.mov(QWORD, R9, Mem.at(RDX, UC_R15));
        asm.mov(QWORD, RCX, Mem.at(R9, VmLayout.STORE));
        asm.aluImm(Alu.CMP, DWORD, RDI, interruptSignal);
        asm.jcc(Cond.NE, redirect);
        asm.mov(QWORD, R8, Mem.at(RCX, StoreContext.SAMPLES));
        asm.test(QWORD, R8, R8);
        asm.jcc(Cond.E, unsampled);
        sample(asm);
        asm.bind(unsampled);
        asm.aluImm(Alu.CMP, QWORD, Mem.at(RCX, StoreContext.INTERRUPT), 0);
        asm.jcc(Cond.NE, interrupted);
        asm.mov(QWORD, R8, Mem.at(RCX, StoreContext.RECORD));
        asm.mov(QWORD, R10, Mem.at(R8, SentryBlock.EXPIRED));
        asm.alu(Alu.CMP, QWORD, R10, Mem.at(R8, SentryBlock.DEADLINE));
        asm.jcc(Cond.NE, ignore);
        asm.bind(interrupted);
        noteTime(asm);

        asm.bind(redirect);
        asm.mov(QWORD, Mem.at(RCX, StoreContext.TRAP_PC), RAX);
        asm.mov(QWORD, Mem.at(RCX, StoreContext.EXIT_VMCTX), R9);
        asm.mov(QWORD, RAX, Mem.at(RDX, UC_RBP));
        asm.mov(QWORD, Mem.at(RCX, StoreContext.EXIT_FP), RAX);
        asm.mov(QWORD, RAX, Mem.at(RDX, UC_RSP));
        asm.mov(QWORD, Mem.at(RCX, StoreContext.GUEST_SP), RAX);
        asm.mov(QWORD, RAX, Mem.at(RSI, SI_ADDR));
        asm.mov(QWORD, Mem.at(RCX, StoreContext.TRAP_ADDRESS), RAX);
        asm.mov(DWORD, RAX, RDI); // zero-extends
        asm.mov(QWORD, Mem.at(RCX, StoreContext.TRAP_SIGNAL), RAX);
        asm.movImm(RAX, landing);
        asm.mov(QWORD, Mem.at(RDX, UC_RIP), RAX);
        asm.bind(ignore);
        asm.ret();

        asm.bind(outside);
        asm.mov(DWORD, RCX, RDI);
        asm.movImm(RAX, previous);
        asm.mov(QWORD, RAX, Mem.at(RAX, RCX, 3, 0));
        asm.test(QWORD, RAX, RAX);
        asm.jcc(Cond.E, ignore);
        asm.jmpReg(RAX);
        return asm.finish();
    }

    /**
     * Notes in the {@link SampleBlock} in R8 where the guest is, whose program counter is in RAX. Reads nothing but its stack,
     * from the stack pointer to the end that the block says, whatever the guest has in its frame pointer. Destroys R8, R10 and
     * R11.
     */
    private static void sample(Assembler asm) {
        int next = asm.newLabel();
        int end = asm.newLabel();
        asm.aluImm(Alu.ADD, QWORD, Mem.at(R8, SampleBlock.SEQUENCE), 1);
        asm.push(RDI);
        asm.push(RSI);
        asm.mov(QWORD, Mem.at(R8, SampleBlock.PC), RAX);
        asm.lea(QWORD, R11, Mem.at(R8, SampleBlock.RETURNS));
        asm.mov(QWORD, RSI, Mem.at(R8, SampleBlock.STACK_END));
        asm.aluImm(Alu.SUB, QWORD, RSI, 2 * Long.BYTES); // a frame has two words
        asm.mov(QWORD, R10, Mem.at(RDX, UC_RSP));
        asm.alu(Alu.CMP, QWORD, R10, RSI);
        asm.jcc(Cond.A, end);
        for (int i = 0; i < 2 * Long.BYTES; i += Long.BYTES) {
            asm.mov(QWORD, RDI, Mem.at(R10, i));
            asm.mov(QWORD, Mem.at(R8, SampleBlock.TOP + i), RDI);
        }
        asm.mov(QWORD, R10, Mem.at(RDX, UC_RBP));
        asm.alu(Alu.CMP, QWORD, R10, Mem.at(RDX, UC_RSP));
        asm.jcc(Cond.B, end);
        asm.bind(next);
        asm.alu(Alu.CMP, QWORD, R10, RSI);
        asm.jcc(Cond.A, end);
        asm.lea(QWORD, RDI, Mem.at(R8, SampleBlock.SIZE));
        asm.alu(Alu.CMP, QWORD, R11, RDI);
        asm.jcc(Cond.AE, end);
        asm.mov(QWORD, RDI, Mem.at(R10, Long.BYTES));
        asm.mov(QWORD, Mem.at(R11, 0), RDI);
        asm.mov(QWORD, RDI, Mem.at(R10, 0));
        asm.test(QWORD, RDI, RDI);
        asm.jcc(Cond.E, end); // the entry trampoline, above which is no return address
        asm.aluImm(Alu.ADD, QWORD, R11, Long.BYTES);
        asm.alu(Alu.CMP, QWORD, RDI, R10); // callers lie above
        asm.mov(QWORD, R10, RDI);
        asm.jcc(Cond.A, next);
        asm.bind(end);
        asm.alu(Alu.SUB, QWORD, R11, R8);
        asm.aluImm(Alu.SUB, QWORD, R11, SampleBlock.RETURNS);
        asm.mov(QWORD, Mem.at(R8, SampleBlock.LENGTH), R11);
        asm.pop(RSI);
        asm.pop(RDI);
        asm.aluImm(Alu.ADD, QWORD, Mem.at(R8, SampleBlock.SEQUENCE), 1);
    }

    /** Of the interruption, in the store context that is in RCX. Destroys R8, R10 and R11. */
    private static void noteTime(Assembler asm) {
        int[] kept = {RAX, RCX, RSI, RDI};
        for (int register : kept) {
            asm.push(register);
        }
        asm.mov(QWORD, R8, RCX);
        asm.aluImm(Alu.SUB, QWORD, RSP, 16);
        asm.movImm(RAX, LinuxCall.CLOCK_GETTIME.x64());
        asm.movImm(RDI, CLOCK_MONOTONIC);
        asm.mov(QWORD, RSI, RSP);
        asm.syscall();
        asm.imulImm(QWORD, R10, Mem.at(RSP, 0), SECOND);
        asm.alu(Alu.ADD, QWORD, R10, Mem.at(RSP, 8));
        asm.mov(QWORD, Mem.at(R8, StoreContext.INTERRUPTED_AT), R10);
        asm.aluImm(Alu.ADD, QWORD, RSP, 16);
        for (int i = kept.length; i-- > 0; ) {
            asm.pop(kept[i]);
        }
    }
}
