package org.sallyport.codegen.x64;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.sallyport.codegen.x64.Width.QWORD;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

import org.junit.jupiter.api.Test;
import org.sallyport.spi.SentryBlock;
import org.sallyport.spi.StoreContext;
import org.sallyport.spi.VmLayout;

/** Entering and leaving, with a guest that counts how often it was entered and leaves. */
class StubsTest {
    private static final int COUNT = 0;
    private static final int DONE_AFTER = 7;

    private final MemorySegment store = Native.newStore();
    private final MemorySegment count = Arena.ofAuto().allocate(JAVA_LONG);
    private final MemorySegment vmctx = Arena.ofAuto().allocate(1 << 10, 16);
    private final MemorySegment stack = Arena.ofAuto().allocate(1 << 16, 16);

    StubsTest() {
        var asm = new Assembler();
        asm.movImm(Reg.RAX, count.address());
        asm.aluImm(IntegerAssembler.Alu.ADD, QWORD, Mem.at(Reg.RAX, COUNT), 1);
        asm.movImm(Reg.RAX, DONE_AFTER);
        asm.mov(QWORD, Reg.RCX, Mem.at(Abi.VMCTX, VmLayout.STORE));
        asm.jmp(Mem.at(Reg.RCX, StoreContext.EXIT_STUB));
        vmctx.set(JAVA_LONG, VmLayout.STORE, store.address());
        store.set(JAVA_LONG, StoreContext.VMCTX, vmctx.address());
        store.set(JAVA_LONG, StoreContext.GUEST_SP, stack.address() + (1 << 15));
        store.set(JAVA_LONG, StoreContext.RESUME_PC, Native.publish(asm.finish()));
        store.set(JAVA_LONG, StoreContext.FUEL, 42);
    }

    private void deadline(long deadline, long expired) {
        store.set(JAVA_LONG, StoreContext.OWN_RECORD + SentryBlock.DEADLINE, deadline);
        store.set(JAVA_LONG, StoreContext.OWN_RECORD + SentryBlock.EXPIRED, expired);
    }

    private void enter(int reason, long times) {
        long guest = store.get(JAVA_LONG, StoreContext.RESUME_PC);
        assertThat(Native.enter(store)).isEqualTo(reason);
        assertThat(count.get(JAVA_LONG, COUNT)).isEqualTo(times);
        assertThat(store.get(JAVA_LONG, StoreContext.THREAD)).isZero();
        assertThat(store.get(JAVA_INT, StoreContext.OWN_RECORD + SentryBlock.THREAD)).isZero();
        assertThat(store.get(JAVA_LONG, StoreContext.FUEL)).isEqualTo(42);
        store.set(JAVA_LONG, StoreContext.RESUME_PC, guest);
    }

    /** Between what Java asks last and the entry, the JVM may stand still for as long as it likes. */
    @Test
    void whoIsLateDoesNotEnter() {
        enter(DONE_AFTER, 1);
        deadline(1_000, 0);
        enter(DONE_AFTER, 2);
        deadline(1_000, 1_000);
        enter(Abi.LATE, 2);
        enter(Abi.LATE, 2);
        deadline(2_000, 1_000);
        enter(DONE_AFTER, 3);
        deadline(SentryBlock.NO_DEADLINE, 2_000);
        enter(DONE_AFTER, 4);
    }
}
