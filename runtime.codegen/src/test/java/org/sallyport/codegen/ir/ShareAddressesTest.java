package org.sallyport.codegen.ir;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class ShareAddressesTest {
    private static Graph graph(int first, String firstAccess, int second, String secondAccess) {
        return GraphParser.parse("""
                function 0 (i32) -> (i32)
                b0:
                  vx:i32 = arg number=0
                  vc:i32 = const %d
                  va:i32 = add vx, vc
                  vl:i32 = load.%s va %s memory=0
                  vd:i32 = const %d
                  vb:i32 = add vx, vd
                  vm:i32 = load.%s vb %s memory=0
                  vs:i32 = add vl, vm
                  return vs
                """.formatted(first, "u8", firstAccess, second, "u32", secondAccess));
    }

    private static String shared(int first, String firstAccess, int second, String secondAccess) {
        Graph graph = graph(first, firstAccess, second, secondAccess);
        new ShareAddresses().run(graph);
        Verifier.verify(graph, "addresses");
        for (int x : new int[] {0, 3, 100, 5000, 65520, 65535, -1, -4, -100, -5000, -8192, -70000, Integer.MIN_VALUE}) {
            Graph original = graph(first, firstAccess, second, secondAccess);
            String before = new Interpreter(original, Map.of(), new long[0], 99).run(x).end();
            assertThat(new Interpreter(graph, Map.of(), new long[0], 99).run(x).end()).as("x = %d", x).isEqualTo(before);
        }
        return graph.toString().lines().filter(l -> l.contains("load.u32")).findFirst().orElseThrow().strip();
    }

    @Test
    void distanceGoesIntoTheOffset() {
        assertThat(shared(5000, "offset=0", 5008, "offset=4")).contains("v2 offset=12");
        assertThat(shared(-100, "offset=0", 65436, "offset=0")).contains("v2 offset=65536");
        assertThat(shared(5000, "offset=0", 4992, "offset=0")).contains("v2 offset=-8");
        assertThat(shared(0, "offset=0", 4, "offset=0")).contains("v2 offset=4");
    }

    @Test
    void leavesWhatWrapsDifferently() {
        assertThat(shared(5000, "offset=0", 4992, "offset=16"))
                .as("below the base, but not by its offset").contains("v5 offset=16");
        assertThat(shared(0, "offset=0", 65537, "offset=0")).as("beyond the gap").contains("v5 offset=0");
        assertThat(shared(5000, "offset=0", -70000, "offset=0")).contains("v5 offset=0");
    }

    @Test
    void sharesOnlyWithDominatingAccessesOfTheSameLoop() {
        Graph graph = GraphParser.parse("""
                function 0 (i32) -> ()
                b0:
                  vx:i32 = arg number=0
                  v4:i32 = const 4
                  v8:i32 = const 8
                  va:i32 = add vx, v4
                  vb:i32 = add vx, v8
                  branch vx b1 b2
                b1:
                  vl:i32 = load.u8 va offset=0 memory=0
                  jump b3(vl)
                b2:
                  jump b3(vx)
                b3(vp:i32):
                  vm:i32 = load.u8 vb offset=0 memory=0
                  branch vm b4 b5
                b4:
                  jump b3(vm)
                b5:
                  vn:i32 = load.u8 va offset=0 memory=0
                  return
                """);
        String before = graph.toString();
        new ShareAddresses().run(graph);
        assertThat(graph.toString()).isEqualTo(before);
    }
}
