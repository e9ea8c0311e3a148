package org.sallyport.host.core;

import static java.lang.invoke.MethodType.methodType;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.sallyport.BindException;
import org.sallyport.CallContext;
import org.sallyport.WasmName;
import org.sallyport.contract.Abi;

class PluginCallsTest implements PluginCalls.Gate {
    public interface Calculator {
        int add(int a, int b);

        boolean not(boolean b);

        void run();

        @WasmName("neg-double")
        double negate(double x);

        boolean equals(Object other);
    }

    public interface Text {
        String reverse(String text, boolean upper);

        byte[] count(byte[] bytes);

        boolean isBlank(String text);
    }

    private final Guests guest = Guests.withAllocator();
    private final Map<String, Integer> indices = new HashMap<>();
    private final List<String> log = new ArrayList<>();
    private @Nullable Duration timeout;
    private long fuel = -1;
    private long sawFuel;
    private boolean sawDeadline;

    PluginCallsTest() throws ReflectiveOperationException {
        guest.export("add", this, "add", methodType(int.class, int.class, int.class));
        guest.export("not", this, "not", methodType(int.class, int.class));
        guest.export("run", this, "run", methodType(void.class));
        guest.export("neg-double", this, "negate", methodType(double.class, double.class));
        guest.export("reverse", this, "reverse", methodType(long.class, int.class, int.class, int.class));
        guest.export("count", this, "count", methodType(long.class, int.class, int.class));
        guest.export("isBlank", this, "isBlank", methodType(int.class, int.class, int.class));
    }

    int add(int a, int b) {
        CallContext call = CallContext.current();
        sawDeadline = call != null && call.hasDeadline();
        sawFuel = call == null ? -1 : call.remainingFuel();
        return a + b;
    }

    int not(int b) {
        return b ^ 1;
    }

    void run() {
        throw new IllegalStateException("trap");
    }

    double negate(double x) {
        return -x;
    }

    long reverse(int address, int length, int upper) {
        byte[] memory = guest.memory();
        int out = guest.alloc(length);
        for (int i = 0; i < length; i++) {
            byte c = memory[address + length - 1 - i];
            memory[out + i] = upper != 0 && c >= 'a' ? (byte) (c - 32) : c;
        }
        return Abi.pack(out, length);
    }

    long count(int address, int length) {
        return length == 13 ? Abi.pack(1 << 20, 1) : Abi.pack(address, length);
    }

    int isBlank(int address, int length) {
        return new String(guest.memory(), address, length, StandardCharsets.UTF_8).isBlank() ? 5 : 0;
    }

    @Override
    public @Nullable Duration timeout() {
        return timeout;
    }

    @Override
    public long fuel() {
        return fuel;
    }

    private final GuestInstance instance = guest.instance(0);

    @Override
    public GuestInstance enter() {
        log.add("enter");
        return instance;
    }

    @Override
    public void leave(@Nullable Throwable failure, GuestInstance used) {
        assertThat(used).isSameAs(instance);
        log.add(failure == null ? "left" : "failed: " + failure.getMessage());
    }

    private <T> T implement(Class<T> contract) {
        return PluginCalls.implement(
                contract, guest.module(), name -> indices.computeIfAbsent(name, _ -> indices.size()), this, "test");
    }

    @Test
    void numbersCross() {
        Calculator calculator = implement(Calculator.class);

        assertThat(calculator.add(3, 4)).isEqualTo(7);
        assertThat(calculator.not(true)).isFalse();
        assertThat(calculator.not(false)).isTrue();
        assertThat(calculator.negate(2.5)).isEqualTo(-2.5);
        assertThat(log).containsExactly("enter", "left", "enter", "left", "enter", "left", "enter", "left");
        assertThat(calculator).isEqualTo(calculator);
    }

    @Test
    void instanceIsGivenBackWhateverHappens() {
        assertThatThrownBy(() -> implement(Calculator.class).run()).hasMessage("trap");
        assertThat(log).containsExactly("enter", "failed: trap");
    }

    @Test
    void textAndBytesCrossAndAreGivenBackToTheGuest() {
        Text text = implement(Text.class);

        assertThat(text.reverse("abc", true)).isEqualTo("CBA");
        assertThat(guest.freed).hasSize(2);
        assertThat(text.count(new byte[] {1, 2, 3})).containsExactly(1, 2, 3);
        assertThat(text.isBlank(" ")).isTrue();
        assertThat(text.isBlank("x")).isFalse();
        assertThat(text.reverse("", false)).isEmpty();
    }

    @Test
    void resultOutsideOfTheMemoryIsAnError() {
        assertThatThrownBy(() -> implement(Text.class).count(new byte[13]))
                .hasMessage("export \"count\" returned a buffer outside of its memory: address 1048576, length 1");
        assertThat(log).last().asString().startsWith("failed: ");
    }

    @Test
    void nullDoesNotCross() {
        assertThatThrownBy(() -> implement(Text.class).reverse(null, false))
                .isInstanceOf(NullPointerException.class)
                .hasMessageContaining("argument 0 of export \"reverse\"");
    }

    @Test
    void timeoutIsAskedAtEachCall() {
        Calculator calculator = implement(Calculator.class);

        calculator.add(1, 1);
        assertThat(sawDeadline).isFalse();
        timeout = Duration.ofSeconds(5);
        assertThat(calculator.add(20, 22)).isEqualTo(42);
        assertThat(sawDeadline).isTrue();
        assertThat(calculator.negate(1)).isEqualTo(-1);
        assertThatThrownBy(calculator::run).hasMessage("trap");
        timeout = null;
        calculator.add(1, 1);
        assertThat(sawDeadline).isFalse();
    }

    @Test
    void fuelIsAskedAtEachCall() {
        Calculator calculator = implement(Calculator.class);
        calculator.add(1, 1);
        assertThat(sawFuel).isEqualTo(-1);
        fuel = 500;
        calculator.add(1, 1);
        assertThat(sawFuel).isEqualTo(500);
        assertThat(sawDeadline).isFalse();
        CallContext.withFuel(70, () -> calculator.add(1, 1));
        assertThat(sawFuel).as("the caller has less").isEqualTo(70);
        timeout = Duration.ofSeconds(5);
        calculator.add(1, 1);
        assertThat(sawFuel).isEqualTo(500);
        assertThat(sawDeadline).isTrue();
    }

    public interface Misfits {
        long add(int a, int b);

        int absent();

        Object odd(int x);

        String isBlank(String text);
    }

    @Test
    void allMisfitsAreReportedTogether() throws ReflectiveOperationException {
        guest.export(Abi.ALLOC, MethodHandles.empty(methodType(void.class)));

        assertThatThrownBy(() -> implement(Misfits.class))
                .isInstanceOfSatisfying(BindException.class, e -> assertThat(e.mismatches()).containsExactlyInAnyOrder(
                        "long add(int, int): export \"add\" is (i32 i32) -> (i32), wanted (i32 i32) -> (i64)",
                        "int absent(): no exported function \"absent\" () -> (i32)",
                        "Object odd(int): vectors and references do not cross into plugins, nor more parameters than Java"
                                + " allows",
                        "String isBlank(String): export \"isBlank\" is (i32 i32) -> (i32), wanted (i32 i32) -> (i64)"));
        assertThatThrownBy(() -> implement(Text.class))
                .hasMessageContaining("need the export \"sallyport_alloc\" (i32) -> (i32)");
    }

    interface Hidden {
        int add(int a, int b);
    }

    @Test
    void contractsAreInterfaces() {
        assertThat(implement(Hidden.class).add(1, 2)).isEqualTo(3);
        assertThatThrownBy(() -> implement(String.class)).hasMessageContaining("a contract is an interface");
    }

    /** The chain of handles adds no allocation of its own: many calls together stay far below one object each. */
    @Test
    void callsOverNumbersDoNotAllocate() throws Throwable {
        MethodHandle plain = MethodHandles.lookup().findStatic(
                PluginCallsTest.class, "sum", methodType(int.class, GuestInstance.class, int.class, int.class));
        MethodHandle guarded = PluginCalls.guarded(QUIET, plain);
        var threads = (com.sun.management.ThreadMXBean) java.lang.management.ManagementFactory.getThreadMXBean();
        int sum = 0;
        for (int i = 0; i < 200_000; i++) {
            sum += (int) guarded.invokeExact(i, 1);
        }
        long before = threads.getCurrentThreadAllocatedBytes();
        for (int i = 0; i < 200_000; i++) {
            sum += (int) guarded.invokeExact(i, 1);
        }
        assertThat(threads.getCurrentThreadAllocatedBytes() - before).as("bytes in 200 000 calls, sum %s", sum)
                .isLessThan(200_000);
    }

    static int sum(GuestInstance guest, int a, int b) {
        return a + b;
    }

    private static final PluginCalls.Gate QUIET = new PluginCalls.Gate() {
        @Override
        public @Nullable Duration timeout() {
            return null;
        }

        @Override
        public long fuel() {
            return -1;
        }

        @Override
        public @Nullable GuestInstance enter() {
            return null;
        }

        @Override
        public void leave(@Nullable Throwable failure, @Nullable GuestInstance instance) {}
    };
}
