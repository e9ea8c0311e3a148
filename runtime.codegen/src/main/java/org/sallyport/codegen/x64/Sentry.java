package org.sallyport.codegen.x64;

import static org.sallyport.codegen.x64.Reg.*;
import static org.sallyport.codegen.x64.Width.DWORD;
import static org.sallyport.codegen.x64.Width.QWORD;

import org.sallyport.codegen.x64.IntegerAssembler.Alu;
import org.sallyport.codegen.x64.BitAssembler.Shift;
import org.sallyport.codegen.x64.IntegerAssembler.Unary;
import org.sallyport.spi.LinuxCall;
import org.sallyport.spi.SentryBlock;

/**
 * The loop of the sentry (docs/abi.md, "The sentry"). A round looks at all records: it notes deadlines that have passed,
 * signals the threads that run machine code all the same, and then sleeps until the next deadline or until a call asks.
 *
 * <p>It decides nothing: whether a deadline that has passed is still in force is decided by the signal handler, on the
 * thread that it concerns. So what is read here may be of yesterday.
 */
final class Sentry {
    /** Nanoseconds until a record whose deadline has passed is looked at again; each time longer. */
    private static final int FIRST_PAUSE = 1_000_000;
    /** Signals that are not answered heap up in the kernel. */
    private static final int LONGEST_PAUSE = 128 * FIRST_PAUSE;
    /** Twice the time where a signal was sent; else longer by a part of it, 1 by 2 to this power. */
    private static final int SLOWLY = 4;
    /** So long it stays when no deadline is in force. */
    private static final long IDLE = 3_000_000_000L;
    /** Between two rounds at least, and half a nanosecond for each byte of records. */
    private static final int REST = 50_000;
    /** So far ahead is what covers nobody. */
    private static final long FAR = 1L << 62;
    private static final int SECOND = 1_000_000_000;

    private static final int CLOCK_MONOTONIC = 1;
    private static final int TIMER_ABSTIME = 1;
    private static final int FUTEX_WAIT_BITSET_PRIVATE = 9 | 128;
    private static final int ANY_BIT = -1;
    private static final int MEMBARRIER_PRIVATE_EXPEDITED = 1 << 3;
    private static final int EINTR = 4;
    private static final int EAGAIN = 11;
    private static final int ETIMEDOUT = 110;

    private static final int[] SAVED = {RBP, RBX, R12, R13, R14, R15};
    private static final int FRAME = 24;

    // registers that system calls keep
    private static final int BLOCK = RBX;
    private static final int ASKED = RBP;
    private static final int AT = R12;
    private static final int NOW = R13;
    /** When it looks again. */
    private static final int NEXT = R14;
    /** When there was last something to do. */
    private static final int BUSY = R15;

    private final Assembler asm = new Assembler();
    private final int refused = asm.newLabel();
    private final int leave = asm.newLabel();
    private final int lookAtAll = asm.newLabel();
    /** Bytes on the stack above the frame. */
    private int depth;

    private Sentry() {}

    static byte[] emit() {
        return new Sentry().run();
    }

    private byte[] run() {
        int round = asm.newLabel();
        int idle = asm.newLabel();
        int stopped = asm.newLabel();
        for (int register : SAVED) {
            asm.push(register);
        }
        asm.aluImm(Alu.SUB, QWORD, RSP, FRAME);
        asm.mov(QWORD, BLOCK, RDI);
        readClock(NOW);
        asm.test(QWORD, RAX, RAX);
        asm.jcc(Cond.NE, refused);
        asm.mov(QWORD, BUSY, NOW);

        asm.bind(round);
        asm.aluImm(Alu.CMP, DWORD, Mem.at(BLOCK, SentryBlock.STOP), 0);
        asm.jcc(Cond.NE, stopped);
        readClock(NOW);
        asm.call(lookAtAll); // at once: the barrier may take long when a processor has much else to do
        beginToLook();
        asm.call(lookAtAll);
        asm.movImm(RAX, IDLE);
        asm.alu(Alu.ADD, QWORD, RAX, BUSY);
        asm.mov(QWORD, RDX, RAX);
        asm.alu(Alu.SUB, QWORD, RDX, NOW);
        asm.jcc(Cond.LE, idle);
        notAfter(RAX);
        sleep();
        rest();
        asm.jmp(round);

        asm.bind(idle);
        asm.mov(DWORD, Mem.at(BLOCK, SentryBlock.SEEN), ASKED);
        asm.movImm(RAX, SentryBlock.IDLE);
        asm.jmp(leave);
        asm.bind(refused);
        asm.movImm(RAX, SentryBlock.REFUSED);
        asm.jmp(leave);
        asm.bind(stopped);
        asm.movImm(RAX, SentryBlock.STOPPED);
        asm.bind(leave);
        asm.aluImm(Alu.ADD, QWORD, RSP, FRAME);
        for (int i = SAVED.length; i-- > 0; ) {
            asm.pop(SAVED[i]);
        }
        asm.ret();
        emitLookAtAll();
        return asm.finish();
    }

    /**
     * From now on whoever sets a deadline asks. By the barrier, either he has seen that or the look sees the deadline. What
     * has been asked is read first: who asks later ends the sleep.
     */
    private void beginToLook() {
        asm.movImm(RAX, FAR);
        asm.alu(Alu.ADD, QWORD, RAX, NOW);
        asm.mov(QWORD, Mem.at(BLOCK, SentryBlock.LOOKS), RAX);
        asm.movImm(RDI, MEMBARRIER_PRIVATE_EXPEDITED);
        asm.zero(RSI);
        asm.zero(RDX);
        call(LinuxCall.MEMBARRIER);
        asm.test(QWORD, RAX, RAX);
        asm.jcc(Cond.NE, refused);
        asm.mov(DWORD, ASKED, Mem.at(BLOCK, SentryBlock.ASKS));
        readClock(NOW);
    }

    /** A subroutine. Afterwards NEXT is when to look again. */
    private void emitLookAtAll() {
        asm.bind(lookAtAll);
        depth = Long.BYTES;
        int record = asm.newLabel();
        int following = asm.newLabel();
        int test = asm.newLabel();
        asm.movImm(NEXT, IDLE);
        asm.alu(Alu.ADD, QWORD, NEXT, NOW);
        asm.movImm(R8, SentryBlock.NO_DEADLINE);
        asm.lea(QWORD, AT, Mem.at(BLOCK, SentryBlock.RECORDS));
        asm.jmp(test);
        asm.bind(record);
        asm.mov(QWORD, RAX, Mem.at(AT, SentryBlock.DEADLINE));
        asm.alu(Alu.CMP, QWORD, RAX, R8);
        asm.jcc(Cond.E, following);
        lookAtDeadline();
        notAfter(RAX);
        asm.bind(following);
        asm.aluImm(Alu.ADD, QWORD, AT, SentryBlock.RECORD_SIZE);
        asm.bind(test);
        asm.alu(Alu.CMP, QWORD, AT, Mem.at(BLOCK, SentryBlock.END));
        asm.jcc(Cond.B, record);
        asm.ret();
        depth = 0;
    }

    /** With the deadline in RAX; afterwards that is when to look at the record again. */
    private void lookAtDeadline() {
        int passed = asm.newLabel();
        int known = asm.newLabel();
        int nobody = asm.newLabel();
        int again = asm.newLabel();
        int done = asm.newLabel();
        compareWithNow();
        asm.jcc(Cond.LE, passed);
        asm.mov(QWORD, BUSY, NOW);
        asm.jmp(done);

        asm.bind(passed);
        asm.alu(Alu.CMP, QWORD, RAX, Mem.at(AT, SentryBlock.EXPIRED));
        asm.jcc(Cond.E, known);
        asm.mov(QWORD, Mem.at(AT, SentryBlock.EXPIRED), RAX); // before the signal: the handler reads it
        asm.mov(QWORD, Mem.at(AT, SentryBlock.AGAIN), NOW);
        asm.movImm(QWORD, Mem.at(AT, SentryBlock.PAUSE), FIRST_PAUSE);
        asm.bind(known);
        asm.mov(QWORD, RAX, Mem.at(AT, SentryBlock.AGAIN));
        compareWithNow();
        asm.jcc(Cond.G, done);
        asm.mov(DWORD, RSI, Mem.at(AT, SentryBlock.THREAD));
        asm.test(DWORD, RSI, RSI);
        asm.jcc(Cond.E, nobody);
        asm.mov(QWORD, BUSY, NOW);
        asm.movImm(QWORD, Mem.at(AT, SentryBlock.SIGNALLED), 0);
        asm.mov(DWORD, RDI, Mem.at(BLOCK, SentryBlock.PROCESS));
        asm.mov(DWORD, RDX, Mem.at(BLOCK, SentryBlock.SIGNAL));
        call(LinuxCall.TGKILL); // a thread that is no more, or a queue that is full: again later
        readClock(RAX);
        asm.mov(QWORD, Mem.at(AT, SentryBlock.SIGNALLED), RAX);
        asm.mov(QWORD, RCX, Mem.at(AT, SentryBlock.PAUSE));
        asm.jmp(again);
        asm.bind(nobody); // he may stand still with the JVM, and enter when that goes on
        asm.mov(QWORD, RCX, Mem.at(AT, SentryBlock.PAUSE));
        asm.shift(Shift.SHR, QWORD, RCX, SLOWLY);
        asm.bind(again);
        asm.mov(QWORD, RDX, Mem.at(AT, SentryBlock.PAUSE));
        asm.lea(QWORD, RAX, Mem.at(NOW, RDX, 0, 0));
        asm.mov(QWORD, Mem.at(AT, SentryBlock.AGAIN), RAX);
        asm.aluImm(Alu.CMP, QWORD, RDX, LONGEST_PAUSE);
        asm.jcc(Cond.GE, done);
        asm.alu(Alu.ADD, QWORD, Mem.at(AT, SentryBlock.PAUSE), RCX);
        asm.bind(done);
    }

    private void compareWithNow() {
        asm.mov(QWORD, RDX, RAX);
        asm.alu(Alu.SUB, QWORD, RDX, NOW);
    }

    private void notAfter(int time) {
        int after = asm.newLabel();
        asm.mov(QWORD, RDX, time);
        asm.alu(Alu.SUB, QWORD, RDX, NEXT);
        asm.jcc(Cond.GE, after);
        asm.mov(QWORD, NEXT, time);
        asm.bind(after);
    }

    /** Until the time, or until somebody has asked since the last look. */
    private void sleep() {
        int slept = asm.newLabel();
        asm.mov(QWORD, Mem.at(BLOCK, SentryBlock.LOOKS), NEXT);
        asm.movImm(RAX, 1);
        asm.xchg(DWORD, Mem.at(BLOCK, SentryBlock.SLEEPS), RAX); // a barrier: who asks sees it, or is seen by the kernel
        asm.mov(QWORD, RAX, NEXT);
        putTime();
        asm.lea(QWORD, RDI, Mem.at(BLOCK, SentryBlock.ASKS));
        asm.movImm(RSI, FUTEX_WAIT_BITSET_PRIVATE);
        asm.mov(DWORD, RDX, ASKED);
        asm.mov(QWORD, R10, RSP);
        asm.zero(R8);
        asm.movImm(R9, ANY_BIT);
        call(LinuxCall.FUTEX);
        asm.movImm(DWORD, Mem.at(BLOCK, SentryBlock.SLEEPS), 0);
        asm.test(QWORD, RAX, RAX);
        asm.jcc(Cond.E, slept);
        for (int error : new int[] {ETIMEDOUT, EAGAIN, EINTR}) {
            asm.aluImm(Alu.CMP, QWORD, RAX, -error);
            asm.jcc(Cond.E, slept);
        }
        asm.jmp(refused);
        asm.bind(slept);
    }

    /** So that who asks often does not take a processor: meanwhile nobody needs to be woken. */
    private void rest() {
        asm.mov(QWORD, RAX, Mem.at(BLOCK, SentryBlock.END));
        asm.alu(Alu.SUB, QWORD, RAX, BLOCK);
        asm.shift(Shift.SHR, QWORD, RAX, 1);
        asm.aluImm(Alu.ADD, QWORD, RAX, REST);
        asm.alu(Alu.ADD, QWORD, RAX, NOW);
        putTime();
        asm.movImm(RDI, CLOCK_MONOTONIC);
        asm.movImm(RSI, TIMER_ABSTIME);
        asm.mov(QWORD, RDX, RSP);
        asm.zero(R10);
        call(LinuxCall.CLOCK_NANOSLEEP);
    }

    /** Writes the nanoseconds in RAX to the stack, as a {@code struct timespec}. */
    private void putTime() {
        asm.signIntoRdx(QWORD);
        asm.movImm(RCX, SECOND);
        asm.unary(Unary.IDIV, QWORD, RCX);
        asm.mov(QWORD, Mem.at(RSP, 0), RAX);
        asm.mov(QWORD, Mem.at(RSP, 8), RDX);
    }

    /** RAX is 0 if the system does it. */
    private void readClock(int time) {
        asm.movImm(RDI, CLOCK_MONOTONIC);
        asm.lea(QWORD, RSI, Mem.at(RSP, depth));
        call(LinuxCall.CLOCK_GETTIME);
        asm.imulImm(QWORD, time, Mem.at(RSP, depth), SECOND);
        asm.alu(Alu.ADD, QWORD, time, Mem.at(RSP, depth + Long.BYTES));
    }

    private void call(LinuxCall number) {
        asm.movImm(RAX, number.x64());
        asm.syscall();
    }
}
