package org.sallyport.engine.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.sallyport.CallContext;
import org.sallyport.Config;
import org.sallyport.GuestInterruptedException;
import org.sallyport.Instance;
import org.sallyport.StoreLimits;
import org.sallyport.TrapCode;
import org.sallyport.TrapException;
import org.sallyport.codegen.NativeCodeGenerator;
import org.sallyport.engine.Fixture;
import org.sallyport.engine.ForwardingGenerator;
import org.sallyport.engine.code.CodeReservation;
import org.sallyport.engine.process.LinuxProcess.Action;
import org.sallyport.spi.NativeMemory;
import org.sallyport.spi.ProcessPage;
import org.sallyport.spi.VirtualMemory.Access;
import org.sallyport.store.LinuxMemory;

/** Engines with equal and with different stubs, and handlers of others, that come and go in any order. */
class SignalsTest {
    private static final String WAT = """
            (module
              (memory 1)
              (func (export "trap") unreachable)
              (func (export "load") (result i32) (i32.load (i32.const 65536)))
              (func (export "spin") (loop (br 0))))
            """;
    private static final int STEPS = 150 * Integer.getInteger("sallyport.stress", 1);

    private static final LinuxMemory MEMORY = new LinuxMemory();
    private final ProcessPage page = MEMORY.processPage();
    private Map<Integer, Action> before = Map.of();
    private Set<Long> blocksBefore = Set.of();

    @BeforeEach
    void look() {
        before = actions();
        blocksBefore = blocks();
    }

    @AfterEach
    void everythingIsAsBefore() {
        assertThat(actions()).isEqualTo(before);
    }

    private static Map<Integer, Action> actions() {
        Map<Integer, Action> all = new TreeMap<>();
        for (int signal = 1; signal <= LinuxProcess.SIGNALS; signal++) {
            if (LinuxProcess.signalAction(signal, null).isFunction()) {
                all.put(signal, LinuxProcess.signalAction(signal, null));
            }
        }
        return all;
    }

    private Set<Long> blocks() {
        synchronized (ProcessPage.LOCK) {
            Set<Long> all = new HashSet<>();
            for (HandlerBlock b = HandlerBlock.at(page.newestHandlers()); b != null; b = b.older()) {
                all.add(b.address());
            }
            return all;
        }
    }

    private int newBlocks() {
        Set<Long> now = blocks();
        now.removeAll(blocksBefore);
        return now.size();
    }

    /** A code generator of another version: its landing stub ends with so many bytes that are never reached. */
    private static final class Version extends ForwardingGenerator {
        private final int number;

        Version(int number) {
            super(new NativeCodeGenerator());
            this.number = number;
        }

        @Override
        public byte[] landingStub() {
            byte[] stub = real.landingStub();
            return Arrays.copyOf(stub, stub.length + number);
        }
    }

    /** An engine of a version, used for everything that needs its handler. */
    private static final class User implements AutoCloseable {
        private final Fixture fixture;
        private final Instance instance;
        private final int version;

        User(int version) {
            this.version = version;
            fixture = new Fixture(Config.defaults(), StoreLimits.DEFAULT, new Version(version));
            instance = fixture.instantiate(WAT);
        }

        void traps() {
            assertThatThrownBy(() -> instance.func("trap").call())
                    .isInstanceOfSatisfying(
                            TrapException.class, e -> assertThat(e.code()).isEqualTo(TrapCode.UNREACHABLE));
            assertThatThrownBy(() -> instance.func("load").call())
                    .isInstanceOfSatisfying(
                            TrapException.class, e -> assertThat(e.code()).isEqualTo(TrapCode.MEMORY_OUT_OF_BOUNDS));
        }

        void isStopped() {
            try (var store = fixture.engine.newStore()) {
                Instance own = fixture.linker.link(instance.module()).instantiate(store);
                assertThatThrownBy(() -> CallContext.withTimeout(
                                Duration.ofMillis(1), () -> own.func("spin").call()))
                        .isInstanceOf(GuestInterruptedException.class);
            }
        }

        @Override
        public void close() {
            fixture.close();
        }
    }

    /** A handler that is not ours: counts, and goes on to the one that was there before. */
    private static final class Foreign {
        private static final int SIZE = 4096;

        private final int signal;
        private final long address;
        private final Action before;

        Foreign(int signal) {
            this.signal = signal;
            address = MEMORY.reserve(2 * SIZE);
            before = LinuxProcess.signalAction(signal, null);
            MEMORY.protect(address, 2 * SIZE, Access.READ_WRITE);
            NativeMemory.putLong(address + SIZE + 8, before.handler());
            ByteBuffer code = ByteBuffer.allocate(64).order(ByteOrder.LITTLE_ENDIAN);
            code.put(new byte[] {0x48, (byte) 0xb8}).putLong(address + SIZE); // mov rax, the counter's address
            code.put(new byte[] {(byte) 0xf0, 0x48, (byte) 0xff, 0x00}); // lock inc qword [rax]
            code.put(new byte[] {0x48, (byte) 0xb8}).putLong(address + SIZE + 8); // mov rax, where the next one is
            code.put(new byte[] {(byte) 0xff, 0x20}); // jmp [rax]
            NativeMemory.write(address, code.array(), 0, code.position());
            MEMORY.protect(address, SIZE, Access.READ_EXECUTE);
            LinuxProcess.signalAction(
                    signal,
                    new Action(address, before.flags(), before.restorer(), before.mask()));
        }

        boolean isTop() {
            return LinuxProcess.signalAction(signal, null).handler() == address;
        }

        long count() {
            return NativeMemory.getLong(address + SIZE);
        }

        void remove() {
            assertThat(isTop()).isTrue();
            removeAnyway();
        }

        void removeAnyway() {
            LinuxProcess.signalAction(signal, before);
        }
    }

    private static void faultsOfTheJvm() {
        for (int i = 0; i < 20; i++) {
            Object[] nothing = i >= 0 ? null : new Object[1];
            assertThatThrownBy(() -> nothing[0] = "x").isInstanceOf(NullPointerException.class);
        }
    }

    @Test
    void blocksAreUsedAgainByWhoeverWouldWriteTheSame() {
        new User(3).close();
        int blocks = newBlocks();
        for (int i = 0; i < 5; i++) {
            User a = new User(3);
            User b = new User(4);
            a.traps();
            b.traps();
            a.close();
            User c = new User(3); // takes the block of a, which lies beneath that of b
            c.traps();
            b.traps();
            b.close();
            c.traps();
            c.close();
            assertThat(actions()).isEqualTo(before);
        }
        assertThat(newBlocks()).isLessThanOrEqualTo(blocks + 1);
    }

    @Test
    void closedInEveryOrder() {
        for (int[] order : new int[][] {{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}}) {
            List<User> users = new ArrayList<>(List.of(new User(0), new User(1), new User(2)));
            for (int i : order) {
                users.forEach(User::traps);
                User user = users.stream().filter(u -> u.version == i).findFirst().orElseThrow();
                user.close();
                users.remove(user);
                faultsOfTheJvm();
            }
            assertThat(actions()).isEqualTo(before);
        }
        assertThat(newBlocks()).isLessThanOrEqualTo(3);
    }

    @Test
    void theAddressSpaceOfCodeGoesBack() {
        LinuxMemory memory = new LinuxMemory();
        CodeReservation.take(memory, new Version(5)).giveBack(memory);
        long kept = memory.usage().bytes();
        assertThat(kept).isLessThanOrEqualTo(2 * 4096);
        for (int i = 0; i < 100; i++) {
            CodeReservation.take(memory, new Version(5)).giveBack(memory);
        }
        assertThat(memory.usage().bytes()).isEqualTo(kept);
    }

    /** A handler below another's is asked by nobody when that other puts back what it found before us. */
    @Test
    void aHandlerThatWasDroppedIsNotTrusted() {
        Foreign foreign = new Foreign(LinuxProcess.SIGILL);
        User first = new User(6);
        first.traps();
        foreign.removeAnyway(); // the handler of the first is no longer reached for this signal
        try (User second = new User(6)) {
            second.traps();
        }
        first.close();
        try (User third = new User(6)) {
            third.traps();
            third.isStopped();
        }
        assertThat(foreign.isTop()).as("the dropped one has not been put back").isFalse();
        synchronized (ProcessPage.LOCK) { // as if the handler had never been dropped
            HandlerBlock dropped = HandlerBlock.at(page.installedHandlers());
            Action old = foreign.before;
            LinuxProcess.signalAction(
                    foreign.signal, new Action(dropped.handler(), old.flags(), old.restorer(), old.mask()));
            Signals.restore(page);
        }
        foreign.remove();
    }

    @Test
    void comeAndGoAmongHandlersOfOthers() {
        Random random = new Random(9);
        List<User> users = new ArrayList<>();
        ArrayDeque<Foreign> foreign = new ArrayDeque<>();
        Map<Integer, Integer> most = new HashMap<>();
        for (int step = 0; step < STEPS; step++) {
            switch (random.nextInt(6)) {
                case 0, 1, 2 -> {
                    if (users.size() < 5) {
                        users.add(new User(random.nextInt(3)));
                    }
                }
                case 3 -> {
                    if (!users.isEmpty()) {
                        users.remove(random.nextInt(users.size())).close();
                    }
                }
                case 4 -> {
                    if (foreign.size() < 3) {
                        foreign.push(new Foreign(random.nextBoolean() ? LinuxProcess.SIGSEGV : LinuxProcess.SIGILL));
                    }
                }
                default -> {
                    if (!foreign.isEmpty() && foreign.peek().isTop()) {
                        foreign.pop().remove();
                    }
                }
            }
            users.forEach(User::traps);
            if (step % 8 == 0) {
                users.forEach(User::isStopped);
            }
            faultsOfTheJvm();
            users.forEach(u -> most.merge(u.version, 1, Math::max));
        }
        // Engines close while a handler of somebody else's is on top, which then goes.
        users.forEach(User::close);
        long asked = 0;
        while (!foreign.isEmpty()) {
            asked += foreign.peek().count();
            if (!foreign.peek().isTop()) {
                synchronized (ProcessPage.LOCK) {
                    Signals.restore(page);
                }
            }
            foreign.pop().remove();
        }
        synchronized (ProcessPage.LOCK) {
            Signals.restore(page);
        }
        assertThat(asked).as("faults that went through handlers of others").isPositive();
        assertThat(newBlocks()).as("blocks").isLessThan(40);
    }
}
