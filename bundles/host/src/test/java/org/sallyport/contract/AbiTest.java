package org.sallyport.contract;

import static java.lang.invoke.MethodType.methodType;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.sallyport.Caller;
import org.sallyport.Func;
import org.sallyport.V128;
import org.sallyport.ValueException;
import org.sallyport.host.core.Guests;
import org.sallyport.wasm.FuncType;
import org.sallyport.wasm.NumType;

/** How host functions over Java types become functions over wasm types. */
class AbiTest {
    private final Guests guest = Guests.withAllocator();

    AbiTest() throws ReflectiveOperationException {}

    static String greet(Caller caller, String name, int times, byte[] tail, boolean loud) {
        String text = (caller == null ? "" : "hi ") + name.repeat(times) + new String(tail, StandardCharsets.UTF_8);
        return loud ? text.toUpperCase(java.util.Locale.ROOT) : text;
    }

    static boolean less(long a, double b) {
        return a < b;
    }

    static byte[] nothing() {
        return new byte[0];
    }

    private static MethodHandle own(String name, MethodType type) throws ReflectiveOperationException {
        return raw(MethodHandles.lookup().findStatic(AbiTest.class, name, type));
    }

    private static MethodHandle raw(MethodHandle function) {
        return HostCall.toRaw(function, Signature.ofHost(function.type()), "test." + function.type().parameterCount());
    }

    private String text(long packed) {
        return new String(guest.memory(), Abi.address(packed), Abi.length(packed), StandardCharsets.UTF_8);
    }

    @Test
    void bufferIsAddressAndLengthInAndOnePackedNumberOut() throws Throwable {
        MethodHandle raw = own(
                "greet",
                methodType(String.class, Caller.class, String.class, int.class, byte[].class, boolean.class));
        byte[] name = "né".getBytes(StandardCharsets.UTF_8);
        System.arraycopy(name, 0, guest.memory(), 100, name.length);
        guest.memory()[200] = '!';

        assertThat(raw.type()).isEqualTo(methodType(
                long.class, Caller.class, int.class, int.class, int.class, int.class, int.class, int.class));
        assertThat(text((long) raw.invokeExact(guest.caller(), 100, name.length, 2, 200, 1, 2))).isEqualTo("HI NÉNÉ!");
    }

    @Test
    void callerIsAlwaysInFront() throws Throwable {
        MethodHandle raw = own("less", methodType(boolean.class, long.class, double.class));

        assertThat((int) raw.invokeExact(guest.caller(), 3L, 3.5)).isEqualTo(1);
        assertThat((int) raw.invokeExact(guest.caller(), 4L, 3.5)).isZero();
    }

    @Test
    void emptyResultNeedsNoBufferToBeValid() throws Throwable {
        MethodHandle raw = own("nothing", methodType(byte[].class));

        assertThat(Abi.length((long) raw.invokeExact(guest.caller()))).isZero();
    }

    @Test
    void readsNothingOutsideOfTheMemory() throws Throwable {
        MethodHandle raw = own(
                "greet",
                methodType(String.class, Caller.class, String.class, int.class, byte[].class, boolean.class));

        int[][] ranges = {{65530, 7}, {-1, 1}, {0, -1}, {1 << 16, 1}};
        for (int[] range : ranges) {
            assertThatThrownBy(() -> {
                long _ = (long) raw.invokeExact(guest.caller(), range[0], range[1], 1, 0, 0, 0);
            }).isInstanceOf(ValueException.class)
                    .hasMessageStartingWith("host function test.5 was given a buffer outside of its memory: address");
        }
    }

    @Test
    void guestThatGivesNoBufferEndsTheCall() throws Throwable {
        MethodHandle raw = own("greet", methodType(
                String.class, Caller.class, String.class, int.class, byte[].class, boolean.class));
        Guests poor = Guests.withAllocator();
        poor.export(Abi.ALLOC, MethodHandles.dropArguments(MethodHandles.constant(int.class, 0), 0, int.class));
        Guests liar = Guests.withAllocator();
        liar.export(Abi.ALLOC, MethodHandles.dropArguments(MethodHandles.constant(int.class, -8), 0, int.class));
        Guests odd = Guests.withAllocator();
        odd.export(Abi.ALLOC, MethodHandles.dropArguments(MethodHandles.constant(long.class, 8L), 0, int.class));

        assertThatThrownBy(() -> hello(raw, poor))
                .hasMessage("the guest has no memory for 3 bytes: its sallyport_alloc returned 0");
        assertThatThrownBy(() -> hello(raw, liar))
                .hasMessageContaining("a buffer outside of its memory: address 4294967288");
        assertThatThrownBy(() -> hello(raw, odd))
                .hasMessageContaining("the guest does not export sallyport_alloc (i32) -> (i32)");
    }

    private static void hello(MethodHandle raw, Guests guest) throws Throwable {
        long _ = (long) raw.invokeExact(guest.caller(), 0, 0, 1, 0, 0, 0);
    }

    @Test
    void refusesTypesWithoutCounterpart() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> raw(MethodHandles.empty(methodType(void.class, Integer.class))))
                .withMessage("java.lang.Integer has no wasm counterpart; " + ValueType.ALL);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> raw(MethodHandles.empty(methodType(char.class))))
                .withMessage("char has no wasm counterpart; " + ValueType.ALL);
        // A second caller is a parameter like any other, and has no counterpart.
        assertThatIllegalArgumentException()
                .isThrownBy(() -> raw(MethodHandles.empty(methodType(void.class, Caller.class, Caller.class))));
    }

    /** Methods as exports have them. */
    interface Exports {
        String texts(boolean a, byte[] b, double c);

        void number(float x);

        Point point(List<Point> points, Point last);

        long[] arrays(int[] a, float[] b, List<List<String>> c);

        Object reference(V128 x, Func f);
    }

    record Point(int x, long y) {}

    private static Signature export(String name) {
        return JavaContract.operations(Exports.class).stream()
                .filter(operation -> operation.name().equals(name))
                .map(operation -> Signature.ofExport(operation.method()))
                .findAny()
                .orElseThrow();
    }

    @Test
    void exportTypesFollowTheTable() {
        assertThat(export("texts").type())
                .isEqualTo(FuncType.of(
                        List.of(NumType.I32, NumType.I32, NumType.I32, NumType.F64), NumType.I64));
        assertThat(export("number").type()).isEqualTo(FuncType.of(List.of(NumType.F32)));
        assertThat(export("point").type()).isEqualTo(FuncType.of(List.of(NumType.I32, NumType.I32, NumType.I32), NumType.I32));
        assertThat(export("arrays").type()).isEqualTo(FuncType.of(Collections.nCopies(6, NumType.I32), NumType.I64));
        assertThat(export("reference").isOverNumbers()).isFalse();
        assertThat(export("reference").isConverted()).isFalse();
    }

    @Test
    void packsUnsigned() {
        long packed = Abi.pack(0xfffffff0, 0x80000001);

        assertThat(Abi.address(packed)).isEqualTo(0xfffffff0);
        assertThat(Abi.length(packed)).isEqualTo(0x80000001);
    }

    /** Modules may have a thousand; such an import cannot be bound, and says so. */
    @Test
    void whatHasMoreParametersThanJavaAllowsHasNoJavaType() {
        for (NumType type : NumType.values()) {
            int most = type == NumType.I64 || type == NumType.F64 ? 126 : 252;
            MethodType widest = Signature.javaType(FuncType.of(Collections.nCopies(most, type)));
            assertThat(MethodHandles.exactInvoker(widest).type().parameterCount()).isEqualTo(most + 1);
            for (int count : new int[] {most + 1, most + 2, 255, 256, 1000}) {
                assertThat(Signature.javaType(FuncType.of(Collections.nCopies(count, type)))).isNull();
            }
        }
        assertThat(Signature.ofHost(methodType(void.class, Collections.nCopies(126, String.class))).isConverted()).isTrue();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Signature.ofHost(methodType(void.class, Collections.nCopies(127, String.class))).isConverted())
                .withMessageContaining("more parameters than a method handle can have");
    }
}
