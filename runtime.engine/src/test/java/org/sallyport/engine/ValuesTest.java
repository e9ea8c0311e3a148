package org.sallyport.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.invoke.MethodHandles;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.sallyport.BindException;
import org.sallyport.Caller;
import org.sallyport.HostFunctionException;
import org.sallyport.Instance;
import org.sallyport.LimitExceededException;
import org.sallyport.NoSuchExportException;
import org.sallyport.SallyportException;
import org.sallyport.Store;
import org.sallyport.ValueException;
import org.sallyport.ValueLimits;
import org.sallyport.WasmName;

/** Strings, arrays, lists and records in {@code bind} and {@code define} (docs/plugin-abi.md). */
class ValuesTest {
    /** Bump allocator; counts what is given back. The echo returns what it was given, where it lies. */
    private static final String ALLOCATOR = """
            (memory (export "memory") 2)
            (global $top (mut i32) (i32.const 64))
            (global $freed (export "freed") (mut i32) (i32.const 0))
            (func (export "sallyport_alloc") (param i32) (result i32)
              (local $at i32)
              (local.set $at (i32.and (i32.add (global.get $top) (i32.const 7)) (i32.const -8)))
              (global.set $top (i32.add (local.get $at) (local.get 0)))
              (if (i32.gt_u (global.get $top) (i32.const 131072)) (then (return (i32.const 0))))
              (local.get $at))
            (func (export "sallyport_free") (param i32 i32)
              (global.set $freed (i32.add (global.get $freed) (local.get 1))))
            (func $echo (param i32 i32) (result i64)
              (i64.or (i64.shl (i64.extend_i32_u (local.get 0)) (i64.const 32)) (i64.extend_i32_u (local.get 1))))
            """;

    private final Fixture f = new Fixture();

    record Point(int x, long y) {}

    record Line(String name, boolean dashed, List<Point> points, Point last, double[] weights, List<List<String>> tags) {
        @Override
        public boolean equals(Object other) {
            return other instanceof Line line && name.equals(line.name) && dashed == line.dashed && points.equals(line.points)
                    && last.equals(line.last) && Arrays.equals(weights, line.weights) && tags.equals(line.tags);
        }

        @Override
        public int hashCode() {
            return name.hashCode();
        }
    }

    interface Echo {
        String text(String text);

        byte[] bytes(byte[] bytes);

        int[] ints(int[] numbers);

        float[] floats(float[] numbers);

        double[] doubles(double[] numbers);

        List<Long> longs(List<Long> numbers);

        List<Boolean> flags(List<? extends Boolean> flags);

        List<byte[]> blocks(List<byte[]> blocks);

        List<Line> lines(List<Line> lines);

        Line line(Line line);

        @WasmName("not")
        boolean not(boolean flag);

        @WasmName("y")
        long secondOf(Point point);
    }

    private static final String ECHO = "(module " + ALLOCATOR + """
            (export "text" (func $echo)) (export "bytes" (func $echo)) (export "ints" (func $echo))
            (export "floats" (func $echo)) (export "doubles" (func $echo)) (export "longs" (func $echo))
            (export "flags" (func $echo)) (export "blocks" (func $echo)) (export "lines" (func $echo))
            (func (export "line") (param i32) (result i32) (local.get 0))
            (func (export "not") (param i32) (result i32) (i32.eqz (local.get 0)))
            (func (export "y") (param i32) (result i64) (i64.load offset=8 (local.get 0))))
            """;

    @AfterEach
    void close() {
        f.close();
    }

    private static Line line(int n) {
        List<Point> points = new ArrayList<>();
        for (int i = 0; i < n; i++) {
            points.add(new Point(i, -i));
        }
        return new Line("line é " + n, n % 2 == 0, points, new Point(7, Long.MIN_VALUE), new double[] {0.5, n},
                List.of(List.of("a", ""), List.of(), List.of("ß")));
    }

    @Test
    void comeBackAsTheyWent() {
        Instance instance = f.instantiate(ECHO);
        Echo echo = instance.bind(Echo.class);

        assertThat(echo.text("grüß \uD83D\uDE00")).isEqualTo("grüß \uD83D\uDE00");
        assertThat(echo.text("")).isEmpty();
        assertThat(echo.bytes(new byte[] {1, -1})).containsExactly(1, -1);
        assertThat(echo.ints(new int[] {1, Integer.MIN_VALUE})).containsExactly(1, Integer.MIN_VALUE);
        assertThat(echo.floats(new float[] {1.5f})).containsExactly(1.5f);
        assertThat(echo.doubles(new double[0])).isEmpty();
        assertThat(echo.longs(List.of(1L, -2L))).containsExactly(1L, -2L);
        assertThat(echo.flags(List.of(true, false, true))).containsExactly(true, false, true);
        assertThat(echo.blocks(List.of(new byte[] {1}, new byte[0]))).hasSize(2).first().isEqualTo(new byte[] {1});
        for (int n = 0; n < 20; n++) {
            assertThat(echo.line(line(n))).isEqualTo(line(n));
        }
        assertThat(echo.lines(List.of(line(1), line(3)))).isEqualTo(List.of(line(1), line(3)));
        assertThat(echo.not(true)).isFalse();
        assertThat(echo.secondOf(new Point(1, 1L << 40))).as("laid out as C does").isEqualTo(1L << 40);
        assertThat((int) instance.global("freed").get()).isPositive();
    }

    /** One buffer for an argument, whatever is in it; that one is given back, and the outermost part of a result. */
    @Test
    void aValueIsOneBuffer() {
        Instance instance = f.instantiate(ECHO);
        Echo echo = instance.bind(Echo.class);

        echo.secondOf(new Point(1, 2));
        assertThat(instance.global("freed").get()).isEqualTo(16);
        echo.blocks(List.of(new byte[5], new byte[2]));
        assertThat(instance.global("freed").get()).as("16, 16 + 7, and 16").isEqualTo(16 + 23 + 16);
    }

    @Test
    void oneClassServesManyInstances() {
        Echo echo = f.instantiate(ECHO).bind(Echo.class);
        try (Store other = f.engine.newStore()) {
            Echo second = f.linker.link(f.compile(ECHO)).instantiate(other).bind(Echo.class);
            assertThat(second.getClass()).isSameAs(echo.getClass());
            assertThat(second.text("b")).isEqualTo("b");
            assertThat(echo.text("a")).isEqualTo("a");
        }
    }

    interface Host {
        String greet(Caller caller, String name, List<Integer> numbers);

        Point move(Point point, boolean up);
    }

    record Impl() implements Host {
        @Override
        public String greet(Caller caller, String name, List<Integer> numbers) {
            return name + numbers + (caller.store() != null);
        }

        @Override
        public Point move(Point point, boolean up) {
            return new Point(point.x() + (up ? 1 : -1), point.y());
        }
    }

    interface Guest {
        String greet(String name, List<Integer> numbers);

        Point move(Point point, boolean up);

        long far();
    }

    private static final String GUEST = """
            (module
              (import "h" "greet" (func $greet (param i32 i32 i32 i32) (result i64)))
              (import "h" "move" (func $move (param i32 i32) (result i32)))
            """ + ALLOCATOR + """
              (func (export "greet") (param i32 i32 i32 i32) (result i64)
                (call $greet (local.get 0) (local.get 1) (local.get 2) (local.get 3)))
              (func (export "move") (param i32 i32) (result i32) (call $move (local.get 0) (local.get 1)))
              (func (export "far") (result i64) (call $greet (i32.const 131070) (i32.const 3) (i32.const 0) (i32.const 0))))
            """;

    @Test
    void crossIntoHostFunctionsToo() {
        f.linker.define("h", Host.class, new Impl());
        Guest guest = f.instantiate(GUEST).bind(Guest.class);

        assertThat(guest.greet("Ada", List.of(1, 2))).isEqualTo("Ada[1, 2]true");
        assertThat(guest.move(new Point(3, 4), true)).isEqualTo(new Point(4, 4));
        assertThatThrownBy(guest::far)
                .isInstanceOf(ValueException.class)
                .hasMessage("host function h.greet was given a buffer outside of its memory: address 131070, length 3");
    }

    @Test
    void handlesDoSoButForLists() throws Exception {
        var twice = MethodHandles.lookup().findVirtual(String.class, "repeat", java.lang.invoke.MethodType.methodType(
                String.class, int.class));
        f.linker.define("h", "f", twice);
        interface Repeats {
            String f(String text, int times);
        }
        Repeats repeats = f.instantiate("(module (import \"h\" \"f\" (func $f (param i32 i32 i32) (result i64)))" + ALLOCATOR
                + "(func (export \"f\") (param i32 i32 i32) (result i64)"
                + " (call $f (local.get 0) (local.get 1) (local.get 2))))").bind(Repeats.class);
        assertThat(repeats.f("ab", 3)).isEqualTo("ababab");
        assertThatThrownBy(() -> repeats.f("ab", -1)).isInstanceOf(HostFunctionException.class);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> f.linker.define("h", "g", MethodHandles.constant(List.class, List.of())))
                .withMessageContaining("h.g: List does not say of what");
    }

    interface Misfits {
        String text(int a);

        List<StringBuilder> builders();

        List<Tree> trees();

        record Tree(List<Tree> children) {}

        record Nothing() {}

        Nothing nothing();
    }

    @Test
    void whatDoesNotFitIsListed() {
        Instance instance = f.instantiate("""
                (module (func (export "text") (param i32 i32) (result i64) (i64.const 0))
                  (func (export "builders")) (func (export "trees")) (func (export "nothing")))
                """);
        assertThatThrownBy(() -> instance.bind(Misfits.class)).isInstanceOfSatisfying(BindException.class, e ->
                assertThat(e.mismatches()).containsExactlyInAnyOrder(
                        "String text(int): export \"text\" has type (i32 i32) -> (i64), in Java (int,int)long;"
                                + " the method wants (i32) -> (i64)",
                        "java.util.List<java.lang.StringBuilder> builders(): export \"builders\" has type () -> (), in Java"
                                + " ()void; java.lang.StringBuilder has no wasm counterpart; use int, long, float, double,"
                                + " boolean, String, byte[], int[], long[], float[], double[], records and List of these; and for"
                                + " references Func, StructRef, ArrayRef, I31Ref, AnyRef, ExternRef, Object",
                        "java.util.List<org.sallyport.engine.ValuesTest$Misfits$Tree> trees(): export \"trees\" has type () ->"
                                + " (), in Java ()void; the record org.sallyport.engine.ValuesTest$Misfits$Tree is a part of"
                                + " itself, and has no layout",
                        "Nothing nothing(): export \"nothing\" has type () -> (), in Java ()void; the record"
                                + " org.sallyport.engine.ValuesTest$Misfits$Nothing has no components"));
        interface Text {
            long text(String text);
        }
        assertThatThrownBy(() -> instance.bind(Text.class))
                .isInstanceOf(BindException.class)
                .hasMessageContaining("need the export \"sallyport_alloc\" (i32) -> (i32)");
    }

    interface Liar {
        List<String> nested();

        List<Boolean> many();

        Point point();

        String late(String text);
    }

    @Test
    void nothingIsBelieved() {
        Liar liar = f.instantiate("""
                (module
                  (memory (export "memory") 400)
                  (data (i32.const 8) "\\ff\\ff\\ff\\ff\\02\\00\\00\\00")
                  (func (export "sallyport_alloc") (param i32) (result i32) (i32.const -8))
                  (func (export "nested") (result i64) (i64.const 0x0000000800000001))
                  (func (export "many") (result i64) (i64.const 0x0000000001000000))
                  (func (export "point") (result i32) (i32.const 0x18ffff8))
                  (func (export "late") (param i32 i32) (result i64) (i64.const 0)))
                """).bind(Liar.class);
        assertThatThrownBy(liar::nested).isInstanceOf(ValueException.class).hasMessage(
                "export \"nested\" returned a buffer outside of its memory: address 4294967295, length 2");
        assertThatThrownBy(liar::many).as("each is an object in Java").isInstanceOf(LimitExceededException.class)
                .hasMessageContaining("asked for 553648128, allowed 16777216 (set by ValueLimits.valueBytes)");
        assertThatThrownBy(liar::point).isInstanceOf(ValueException.class).hasMessageContaining("outside of its memory");
        assertThatThrownBy(() -> liar.late("too late")).isInstanceOf(ValueException.class)
                .hasMessageContaining("sallyport_alloc returned a buffer outside of its memory");
    }

    @Test
    void limitsAreTheStores() {
        f.store.attach(ValueLimits.class, new ValueLimits(100, 150));
        Echo echo = f.instantiate(ECHO).bind(Echo.class);

        assertThat(echo.text("a".repeat(100))).hasSize(100);
        assertThat(echo.text("a".repeat(100))).as("another call").hasSize(100);
        assertThatThrownBy(() -> echo.text("a".repeat(101))).isInstanceOf(LimitExceededException.class);
        assertThat(echo.longs(List.of(1L, 2L))).hasSize(2);
        assertThatThrownBy(() -> echo.longs(List.of(1L, 2L, 3L))).isInstanceOf(LimitExceededException.class)
                .hasMessageContaining("asked for 120, allowed 100");
    }

    @Test
    void guestsRunOutOfMemory() {
        Echo echo = f.instantiate(ECHO).bind(Echo.class);
        assertThatThrownBy(() -> echo.bytes(new byte[1 << 20])).isInstanceOf(ValueException.class)
                .hasMessage("the guest has no memory for 1048576 bytes: its sallyport_alloc returned 0");
        assertThat(f.store.poisonedBecause()).isNull();
    }

    @Test
    void nullDoesNotCross() {
        Echo echo = f.instantiate(ECHO).bind(Echo.class);
        assertThatThrownBy(() -> echo.text(null)).isInstanceOf(NullPointerException.class)
                .hasMessage("null cannot cross into a guest: argument 0 of export \"text\"");
        assertThatThrownBy(() -> echo.longs(Arrays.asList(1L, null))).isInstanceOf(NullPointerException.class);
        assertThatThrownBy(() -> echo.line(new Line(null, true, List.of(), new Point(0, 0), new double[0], List.of())))
                .isInstanceOf(NullPointerException.class);
    }

    @Test
    void genericsThatLieAreNoticed() {
        Echo echo = f.instantiate(ECHO).bind(Echo.class);
        @SuppressWarnings({"unchecked", "rawtypes"})
        List<Long> lie = (List) List.of("text");
        assertThatThrownBy(() -> echo.longs(lie)).isInstanceOf(ClassCastException.class)
                .hasMessage("argument 0 of export \"longs\": an element is a java.lang.String, wanted long");
    }

    record Even(int n) {
        Even {
            if (n % 2 != 0) {
                throw new IllegalStateException("odd");
            }
        }
    }

    @Test
    void recordsMayRefuse() {
        interface Evens {
            List<Even> longs(List<Point> numbers);
        }
        Evens evens = f.instantiate(ECHO).bind(Evens.class);
        assertThat(evens.longs(List.of(new Point(2, 0)))).containsExactly(new Even(2));
        assertThatThrownBy(() -> evens.longs(List.of(new Point(1, 0)))).hasMessage("odd");
        assertThat(f.store.poisonedBecause()).isNull();
    }

    @Test
    void memoryIsNeeded() {
        interface Text {
            String text();
        }
        Text text = f.instantiate("(module (func (export \"text\") (result i64) (i64.const 0)))").bind(Text.class);
        assertThatThrownBy(text::text).isInstanceOf(NoSuchExportException.class).isInstanceOf(SallyportException.class);
    }
}
