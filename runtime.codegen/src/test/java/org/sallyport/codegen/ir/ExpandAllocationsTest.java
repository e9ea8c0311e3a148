package org.sallyport.codegen.ir;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.sallyport.spi.Builtin;
import org.sallyport.spi.ObjectLayout;
import org.sallyport.spi.StoreContext;
import org.sallyport.spi.VmLayout;

class ExpandAllocationsTest {
    private static final long STORE = 0x6000_0000L;
    private static final int TYPE = 0x1234_5601;
    private static final long TOP = 0x400;

    /** Gives the place, the header and the length. */
    private static Graph array(int bytes) {
        return GraphParser.parse("""
                function 0 (i32, i32) -> (i64, i32, i32)
                b0:
                  vn:i32 = arg number=0
                  vl:i32 = arg number=1
                  vo:i64 = new_array vn, vl type=7 bytes=%d
                  vw:i32 = wrap vo
                  vt:i32 = load.u32 vw offset=%d memory=0
                  vm:i32 = load.u32 vw offset=%d memory=0
                  return vo, vt, vm
                """.formatted(bytes, ObjectLayout.TYPE, ObjectLayout.LENGTH));
    }

    private static Graph expanded(Graph graph) {
        new ExpandAllocations().run(graph);
        Verifier.verify(graph, "allocations");
        return graph;
    }

    private static void put(Map<Long, Byte> structures, long address, long value) {
        for (int i = 0; i < 8; i++) {
            structures.put(address + i, (byte) (value >> 8 * i));
        }
    }

    private static long top(Interpreter.Outcome outcome) {
        long value = 0;
        for (int i = 7; i >= 0; i--) {
            value = value << 8 | outcome.structures().get(STORE + StoreContext.OBJECT_TOP + i) & 0xFF;
        }
        return value;
    }

    private static Interpreter.Outcome run(Graph graph, long room, long... arguments) {
        Map<Long, Byte> structures = new TreeMap<>();
        put(structures, Interpreter.VMCTX + VmLayout.STORE, STORE);
        put(structures, STORE + StoreContext.OBJECT_TOP, TOP);
        put(structures, STORE + StoreContext.OBJECT_LIMIT, TOP + room);
        return new Interpreter(graph, structures, new long[0], 99).run(arguments);
    }

    @ParameterizedTest
    @CsvSource({"1, 0, 8", "1, 1, 16", "1, 8, 16", "1, 9, 24", "2, 3, 16", "4, 5, 32", "8, 5, 48", "16, 3, 56"})
    void anArrayIsCutFromTheRun(int bytes, int length, long size) {
        Graph graph = expanded(array(bytes));
        Interpreter.Outcome exact = run(graph, size, TYPE, length);
        assertThat(exact.events()).isEmpty();
        assertThat(exact.end()).isEqualTo(List.of(TOP, (long) TYPE, (long) length).toString());
        assertThat(top(exact)).isEqualTo(TOP + size);
        Interpreter.Outcome short8 = run(graph, size - 8, TYPE, length);
        assertThat(short8.events()).singleElement().asString()
                .startsWith("call_builtin " + Builtin.ARRAY_NEW.ordinal() + "[7, " + length + "]");
        assertThat(top(short8)).as("is left to the runtime").isEqualTo(TOP);
    }

    /** As unsigned numbers, whose products do not wrap. */
    @Test
    void noLengthIsTooLargeForTheTest() {
        for (int bytes : new int[] {1, 2, 4, 8, 16}) {
            Graph graph = expanded(array(bytes));
            for (int length : new int[] {-1, Integer.MIN_VALUE, Integer.MAX_VALUE, 1 << 28, 1 << 29, 1 << 30}) {
                assertThat(run(graph, 1 << 16, TYPE, length).events()).as("%d of %d bytes", length, bytes).hasSize(1);
            }
        }
    }

    @Test
    void oneBehindTheOtherAndEachTestedAlone() {
        Graph graph = expanded(GraphParser.parse("""
                function 0 (i32) -> (i64, i64, i64)
                b0:
                  vn:i32 = arg number=0
                  va:i64 = new_struct vn type=5 bytes=24
                  vb:i64 = new_struct vn type=6 bytes=40
                  vl:i32 = const 3
                  vc:i64 = new_array vn, vl type=7 bytes=4
                  return va, vb, vc
                """));
        Interpreter.Outcome all = run(graph, 88, TYPE);
        assertThat(all.end()).isEqualTo(List.of(TOP, TOP + 24, TOP + 64).toString());
        assertThat(top(all)).isEqualTo(TOP + 88);
        assertThat(all.events()).isEmpty();
        Interpreter.Outcome first = run(graph, 80, TYPE);
        assertThat(first.events()).singleElement().asString()
                .startsWith("call_builtin " + Builtin.ARRAY_NEW.ordinal() + "[7, 3]");
        Interpreter.Outcome smaller = run(graph, 56, TYPE);
        assertThat(smaller.events()).singleElement().asString()
                .startsWith("call_builtin " + Builtin.STRUCT_NEW.ordinal() + "[6]");
        assertThat(top(smaller)).as("the others had room").isEqualTo(TOP + 48);
        assertThat(run(graph, 0, TYPE).events()).hasSize(3);
    }

    @Test
    void theCallIsColdAndTheHeaderBeforeThePointer() {
        Graph graph = expanded(array(4));
        List<String> lines = graph.toString().lines().map(String::strip).toList();
        assertThat(lines.stream().filter(line -> line.startsWith("b") && line.endsWith("cold"))).hasSize(1);
        int pointer = index(lines, "vmstore.w64 ", " offset=" + StoreContext.OBJECT_TOP);
        assertThat(index(lines, "store.u32 ", " offset=" + ObjectLayout.TYPE)).isBetween(0, pointer - 1);
        assertThat(index(lines, "store.u32 ", " offset=" + ObjectLayout.LENGTH)).isBetween(0, pointer - 1);
        assertThat(lines).noneMatch(line -> line.contains("new_"));
    }

    private static int index(List<String> lines, String start, String middle) {
        return lines.indexOf(lines.stream().filter(line -> line.startsWith(start) && Stream.of(line.split("(?= )"))
                .anyMatch(middle::equals)).findFirst().orElseThrow());
    }
}
